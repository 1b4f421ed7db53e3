/**
 * The moving camera as a process of its own.
 *
 *     node test/support/onvif-camera/main.ts --json '{"discoverable":true,"login":{"user":"admin","password":"..."}}'
 *
 * The first line on standard output is {"onvif":...,"rtsp":...}. Commands come as JSON lines on standard input:
 *
 *     {"motion":true}                    the camera tells of motion, or of its end
 *     {"input":"I1","active":true}       a digital input closes or opens
 *     {"faults":{"wire":"gzip"}}         turns knobs (state.ts)
 *     {"clockOffsetMs":-3600000}
 *     {"identity":{"serial":"OTHER"}}    from now on it is another one
 *     {"awayMs":3000}                    its ONVIF door is closed for so long, and its pull-points are forgotten
 *     {"report":true}                    what it was asked, and where its head is, as one line
 *
 * It ends with SIGTERM, SIGINT or the end of standard input.
 */
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MovingCamera } from './moving-camera.ts';
import type { Identity, OnvifCameraOptions, OnvifFaults } from './state.ts';

interface Command {
  readonly motion?: boolean;
  readonly input?: string;
  readonly active?: boolean;
  readonly faults?: Partial<OnvifFaults>;
  readonly clockOffsetMs?: number;
  readonly identity?: Partial<Identity>;
  readonly awayMs?: number;
  readonly report?: boolean;
}

function say(value: unknown): void {
  process.stdout.write(JSON.stringify(value) + '\n');
}

async function obey({ onvif }: MovingCamera, command: Command): Promise<void> {
  if (command.motion !== undefined) onvif.setMotion(command.motion);
  if (command.input !== undefined) onvif.setInput(command.input, command.active ?? true);
  if (command.faults) Object.assign(onvif.faults, command.faults);
  if (command.clockOffsetMs !== undefined) onvif.clockOffsetMs = command.clockOffsetMs;
  if (command.identity) onvif.identity = { ...onvif.identity, ...command.identity };
  if (command.report) {
    const { seen, doorman, events, head } = onvif;
    say({
      seen,
      wrongPasswords: doorman.wrong,
      logins: doorman.logins,
      reboots: onvif.reboots,
      pullPoints: events.open,
      place: head.place,
      orders: head.orders,
    });
  }
  if (command.awayMs === undefined) return;
  onvif.events.forgetAll();
  await onvif.goAway();
  await delay(command.awayMs);
  await onvif.listen();
}

const { values } = parseArgs({ options: { json: { type: 'string', default: '{}' } } });
const camera = await MovingCamera.start(JSON.parse(values.json) as OnvifCameraOptions);
say({ onvif: camera.onvif.url, rtsp: camera.streamUrl });

const commands = createInterface({ input: process.stdin });
let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  commands.close();
  await camera.stop();
}
commands.on('line', (line) => {
  void (async () => obey(camera, JSON.parse(line) as Command))().catch((error: unknown) =>
    say({ error: String(error) }),
  );
});
commands.on('close', () => void end());
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
