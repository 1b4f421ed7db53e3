import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CameraFarm } from '../support/camera/farm.ts';
import type { SegmentRow } from '../support/box.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { BoxProcess, command } from './box-process.ts';
import type { Lab, Outcome, Scenario } from './lab.ts';
import { startFarm, writeScene } from './scene.ts';

/** Of one door; what more there is are files, threads and cameras. */
const DOOR_SOCKETS = 1024;
const SLACK_FDS = 100;
const SLACK_BYTES = 250e6;
/** What a door may hold of sockets that do nothing is free again by then. */
const FREE_AFTER_MS = 25_000;
const ADDRESSES = 100;

/** Beginnings that are never brought to an end. */
const HALVES = [
  // Nothing at all.
  '',
  // A TLS record that announces more than ever comes.
  '\x16\x03\x01\x02\x00\x01\x00',
  'GET /api/session HTTP/1.1\r\nHost: localhost\r\nX-Slow: ',
  'POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n\r\n{',
];

/** Thousands of sockets that do nothing, or next to nothing, opened anew as soon as the box closes them. */
export const sockets: Scenario = {
  name: 'sockets',
  what: 'idle sockets and slow requests in masses',
  rounds: 1,
  skip: () => skipWithout('ffprobe'),
  run: async (lab, outcome) => {
    const data = await tempFolder(lab, 'torture-sockets');
    const farm = await startFarm(lab, [{ path: 'gate' }, { path: 'yard' }]);
    await writeScene(data, { farm });
    const box = await BoxProcess.start(lab, data);
    await box.reaches(({ recording, expected }) => recording === expected);
    const before = await taken(box);
    const crowd = new Crowd(box, lab.brief ? 1500 : 10_000);
    lab.teardown(() => crowd.leave());
    await watch(box, crowd, { before, holdMs: lab.brief ? 6000 : 120_000 }, outcome);
    crowd.leave();
    const answered = await answersAgain(box);
    outcome.expect(answered, 'the door did not answer when everybody had gone');
    outcome.rounds++;
    const end = await box.stop();
    outcome.expect(end?.code === 0, `the box ended with ${JSON.stringify(end)}`);
    for (const camera of ['gate', 'yard']) await expectWhole(lab, data, { farm, camera }, outcome);
  },
};

class Crowd {
  readonly #sockets = new Set<Socket>();
  readonly #ports: readonly number[];
  readonly #size: number;
  readonly #timer: NodeJS.Timeout;
  #count = 0;
  opened = 0;

  constructor(box: BoxProcess, size: number) {
    this.#ports = [Number(new URL(box.secureUrl).port), Number(new URL(box.url).port)];
    this.#size = size;
    this.#timer = setInterval(() => this.#fill(), 100);
  }

  get present(): number {
    return this.#sockets.size;
  }

  leave(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
  }

  #fill(): void {
    for (let more = 0; more < 200 && this.#sockets.size < this.#size; more++) this.#open(this.#count++);
    // A byte now and then, so that none of them looks dead.
    for (const socket of this.#sockets) if (socket.writable && socket.bytesWritten > 0) socket.write('x');
  }

  #open(index: number): void {
    const port = this.#ports[index % this.#ports.length]!;
    const localAddress = `127.0.1.${1 + (index % ADDRESSES)}`;
    const socket = connect({ host: '127.0.0.1', port, localAddress });
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('connect', () => {
      this.opened++;
      const half = HALVES[(index >> 1) % HALVES.length]!;
      if (half !== '') socket.write(Buffer.from(half, 'latin1'));
    });
    socket.resume();
  }
}

interface Taken {
  readonly fds: number;
  readonly bytes: number;
}

async function taken({ child }: BoxProcess): Promise<Taken> {
  const fds = (await readdir(`/proc/${child.pid}/fd`)).length;
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${child.pid}/status`, 'utf8')) ?? [];
  return { fds, bytes: Number(kib) * 1024 };
}

async function watch(
  box: BoxProcess,
  crowd: Crowd,
  { before, holdMs }: { before: Taken; holdMs: number },
  outcome: Outcome,
): Promise<void> {
  let most = before;
  const until = performance.now() + holdMs;
  while (performance.now() < until) {
    await sleep(250);
    const now = await taken(box);
    most = { fds: Math.max(most.fds, now.fds), bytes: Math.max(most.bytes, now.bytes) };
    // The socket of the data folder has nothing to do with the doors.
    const status = await box.status().catch(() => undefined);
    outcome.expect(status?.recording === 2, `recording ${status?.recording} of 2 streams meanwhile`);
  }
  outcome.notes['sockets opened'] = crowd.opened;
  outcome.notes['most open files more'] = most.fds - before.fds;
  outcome.notes['most memory more, MB'] = Math.round((most.bytes - before.bytes) / 1e6);
  outcome.expect(crowd.opened > DOOR_SOCKETS, `only ${crowd.opened} sockets were opened`);
  outcome.expect(most.fds - before.fds > DOOR_SOCKETS / 2, `${most.fds - before.fds} sockets are no crowd`);
  outcome.expect(most.fds - before.fds <= 2 * DOOR_SOCKETS + SLACK_FDS, `${most.fds - before.fds} files more`);
  outcome.expect(most.bytes - before.bytes <= SLACK_BYTES, `${most.bytes - before.bytes} bytes of memory more`);
}

async function answersAgain(box: BoxProcess): Promise<boolean> {
  const until = performance.now() + FREE_AFTER_MS;
  while (performance.now() < until) {
    const answer = await fetch(`${box.url}/api/session`).catch(() => undefined);
    if (answer?.status === 200) return true;
    await sleep(200);
  }
  return false;
}

/** Not one picture is missing, and the camera was never asked anew. */
async function expectWhole(
  lab: Lab,
  data: string,
  { farm, camera }: { farm: CameraFarm; camera: string },
  outcome: Outcome,
): Promise<void> {
  const range = ['--camera', camera, '--from', '2020-01-01T00:00:00Z', '--to', '2100-01-01T00:00:00Z'];
  const segments = (await command(lab, data, 'segments', 'list', ...range)).answer as SegmentRow[];
  const recorded = await recordedOrdinals(...segments.map(({ file }) => file));
  const all = farm.camera(camera).sessions;
  const differences = compareOrdinals(
    all.flatMap(({ sentFrames }) => sentFrames),
    recorded,
  );
  const { missing, repeated, unexpected } = differences;
  const faults = missing.length + repeated.length + unexpected.length;
  outcome.expect(all.length === 1, `${camera}: ${all.length} sessions`);
  outcome.expect(faults === 0, `${camera}: ${JSON.stringify(differences).slice(0, 300)}`);
  outcome.notes[`pictures of ${camera}`] = recorded.length;
}
