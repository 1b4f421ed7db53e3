/**
 * A farm as a process of its own.
 *
 *     node test/support/camera/main.ts --json '{"port":8554,"cameras":[{"path":"cam1","clip":"shop","audio":"aac"}]}'
 *     node test/support/camera/main.ts --json @farm.json
 *
 * The first line on standard output is {"port":...,"urls":{...}}. Commands come as JSON lines on standard input:
 *
 *     {"camera":"cam1","faults":{"silent":true}}      turns knobs (faults.ts); "reset":true puts all of them back
 *     {"camera":"cam1","drop":"rst"}                  or "fin"
 *     {"camera":"cam1","rebootMs":3000}
 *     {"camera":"cam1","jumpTicks":900000}
 *     {"camera":"cam1","clip":"resize-b"}
 *     {"report":true}                                 what every session sent, as one line
 *
 * The report is also the last line before the end, on SIGTERM, SIGINT or when standard input closes.
 */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { CameraFarm, type FarmOptions } from './farm.ts';
import type { Faults } from './faults.ts';
import type { Session } from './session.ts';

interface Command {
  readonly camera?: string;
  readonly faults?: Partial<Faults>;
  readonly reset?: boolean;
  readonly drop?: 'fin' | 'rst';
  readonly rebootMs?: number;
  readonly jumpTicks?: number;
  readonly clip?: string;
  readonly report?: boolean;
}

function say(value: unknown): void {
  process.stdout.write(JSON.stringify(value) + '\n');
}

function sessionReport(session: Session): Record<string, unknown> {
  const { path, transport, state, ending, receiverReports, startedMs } = session;
  const tracks = [...session.tracks.values()].map(({ media, ledger }) => ({ kind: media.kind, ...ledger.summary() }));
  return { path, transport, state, ending, receiverReports, startedMs, tracks };
}

async function obey(farm: CameraFarm, command: Command): Promise<void> {
  if (command.report) say({ sessions: farm.sessions.map(sessionReport) });
  if (command.camera === undefined) return;
  const camera = farm.camera(command.camera);
  if (command.reset) camera.faults.reset();
  if (command.faults) camera.faults.set(command.faults);
  if (command.drop) camera.drop(command.drop);
  if (command.jumpTicks !== undefined) camera.jumpTimestamps(command.jumpTicks);
  if (command.clip !== undefined) camera.switchClip(command.clip);
  if (command.rebootMs !== undefined) await farm.reboot(command.camera, command.rebootMs);
}

const { values } = parseArgs({ options: { json: { type: 'string' } } });
if (values.json === undefined) throw new Error('--json OPTIONS or --json @FILE is needed');
const text = values.json.startsWith('@') ? readFileSync(values.json.slice(1), 'utf8') : values.json;
const farm = await CameraFarm.start(JSON.parse(text) as FarmOptions);
say({ port: farm.port, urls: Object.fromEntries(farm.cameras.map(({ path }) => [path, farm.url(path)])) });

const commands = createInterface({ input: process.stdin });
let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  say({ sessions: farm.sessions.map(sessionReport) });
  commands.close();
  await farm.stop();
}
commands.on('line', (line) => {
  void (async () => obey(farm, JSON.parse(line) as Command))().catch((error: unknown) => say({ error: String(error) }));
});
commands.on('close', () => void end());
process.on('SIGTERM', () => void end());
process.on('SIGINT', () => void end());
