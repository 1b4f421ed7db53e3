import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraOptions } from '../support/camera/camera.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess } from './box-process.ts';
import { countLoss, expectSound, Projector, recordedIn, Sent, sessionCounts } from './footage.ts';
import type { Lab, Scenario } from './lab.ts';
import { FPS, startFarm, writeScene } from './scene.ts';

const GOOD = ['gate', 'yard'];
/** What the box may grow by because of cameras that mean it harm, however many there are. */
const GROWTH_BYTES = 250 * 1024 ** 2;
const MB = 1024 ** 2;

/** Each of these runs in a process of its own, so that its excesses do not slow the good cameras down. */
const BAD: readonly CameraOptions[] = [
  { path: 'silent', faults: { silent: true } },
  { path: 'mute-setup', faults: { answers: { SETUP: 'silence' } } },
  { path: 'mute-media', faults: { videoStopped: true } },
  { path: 'garbage', faults: { junkBytes: 60_000 } },
  { path: 'endless-header', faults: { endlessHeader: true } },
  { path: 'flood', faults: { flood: { mbit: 100, payloadType: 33 } } },
  { path: 'flood-own-type', faults: { flood: { mbit: 50, payloadType: 96 } } },
  { path: 'drip', faults: { dripBytes: true } },
  { path: 'resets', faults: { resetEveryMs: 300 } },
  { path: 'outliers', faults: { outlierEvery: 7 } },
  { path: 'equal-times', faults: { equalTimestamps: 5 } },
  { path: 'no-end', faults: { fragments: 'no-end' } },
  { path: 'no-marker', faults: { markers: 'none', firstTimestamp: 0 } },
  { path: 'changing-source', faults: { ssrcEveryGop: true } },
  { path: 'resizing', clip: 'resize-a' },
  { path: 'jumping' },
  { path: 'huge-pictures', faults: { paddingBytes: 3_000_000 } },
  { path: 'wrong-answers', faults: { keepAliveAnswer: 500, sessionId: 'changing', answers: { PLAY: 'wrong-cseq' } } },
];

/** Cameras that do everything wrong on purpose, beside two good ones. */
export const hostile: Scenario = {
  name: 'hostile',
  what: 'hostile cameras beside good ones',
  rounds: 1,
  skip: () => skipWithout('ffprobe', 'ffmpeg'),
  run: async (lab, outcome) => {
    const data = await tempFolder(lab, 'torture-hostile');
    const farm = await startFarm(
      lab,
      GOOD.map((path) => ({ path })),
    );
    const since = sessionCounts(farm);
    const bad = new BadFarm();
    lab.teardown(() => bad.stop());
    const urls = { ...(await bad.start()), ...(await badServers(lab)) };
    await writeScene(data, { farm });
    const box = await BoxProcess.start(lab, data);
    await box.reaches(({ recording, expected }) => recording === expected);
    await sleep(3000);
    const before = (await box.status()).process.rssBytes;
    for (const [name, url] of Object.entries(urls)) await box.ask('cameras.add', { name, url });
    const begun = performance.now();
    const lastMs = lab.brief ? 15_000 : 300_000;
    let most = 0;
    let held = 0;
    while (performance.now() - begun < lastMs && !box.isOver) {
      bad.mischief();
      await sleep(700);
      const status = await box.status().catch(() => undefined);
      most = Math.max(most, status?.process.rssBytes ?? 0);
      held = Math.max(held, status?.process.mediaBytesHeld ?? 0);
    }
    outcome.notes['RSS before in MB'] = Math.round(before / MB);
    outcome.notes['most in MB'] = Math.round(most / MB);
    outcome.notes['media held in MB'] = Math.round(held / MB);
    outcome.notes['connections lost'] = box.log.filter(({ msg }) => msg === 'camera.lost').length;
    outcome.expect(most - before < GROWTH_BYTES, `the box grew by ${Math.round((most - before) / MB)} MB`);
    outcome.expect(!box.has('recorder.crashed'), 'the record worker crashed');
    const sent = Sent.now(farm, since);
    const end = await box.stop();
    outcome.expect(end?.code === 0, `the box ended with ${JSON.stringify(end)}`);
    await expectSound(lab, data, 'afterwards', outcome);
    const films = await new Projector().watch(join(data, 'recordings'), GOOD);
    countLoss(sent, recordedIn(films, outcome), { fps: FPS, limitS: 0.6, what: 'good cameras' }, outcome);
    outcome.rounds++;
  },
};

class BadFarm {
  readonly #child = spawn(
    process.execPath,
    [
      new URL('../support/camera/main.ts', import.meta.url).pathname,
      '--json',
      JSON.stringify({ cameras: BAD.map((camera) => ({ ...camera, ownPort: true })) }),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  #turn = 0;

  async start(): Promise<Record<string, string>> {
    const [line] = (await once(createInterface({ input: this.#child.stdout }), 'line')) as [string];
    this.#child.stdout.resume();
    return (JSON.parse(line) as { urls: Record<string, string> }).urls;
  }

  /** What has to be done to a camera again and again. */
  mischief(): void {
    this.#turn++;
    this.#say({ camera: 'resizing', clip: this.#turn % 2 === 0 ? 'resize-a' : 'resize-b' });
    this.#say({ camera: 'jumping', jumpTicks: this.#turn % 3 === 0 ? -90_000 * 3600 : 90_000 * 1500 });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGKILL');
    await once(this.#child, 'exit');
  }

  #say(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }
}

/** Cameras that are none: one never answers, one sends bytes as fast as they are taken, one hangs up at once. */
async function badServers(lab: Lab): Promise<Record<string, string>> {
  const rubbish = Buffer.alloc(64 * 1024, '$\x01\x00\x00RTSP/1.0 ');
  const pour = (socket: Socket): void => {
    while (!socket.destroyed && socket.write(rubbish));
  };
  const manners: Record<string, (socket: Socket) => void> = {
    'never-answers': () => undefined,
    pours: (socket) => {
      socket.on('drain', () => pour(socket));
      pour(socket);
    },
    'hangs-up': (socket) => socket.destroy(),
  };
  const urls: Record<string, string> = {};
  for (const [name, manner] of Object.entries(manners)) {
    const server = createServer((socket) => {
      // Whatever becomes of the connection is the box's affair.
      socket.on('error', () => socket.destroy());
      socket.resume();
      manner(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    lab.teardown(() => closeServer(server));
    urls[name] = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`;
  }
  return urls;
}

/** The box is gone by now, so no connection is left. */
async function closeServer(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}
