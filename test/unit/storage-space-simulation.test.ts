import t from 'tap';
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import type { DeletionStep } from '../../firmware/storage/space/deletion-plan.ts';
import type { JournalEvent } from '../../firmware/storage/journal/journal.ts';
import { SpaceKeeper } from '../../firmware/storage/space/space-keeper.ts';
import type { Admission, SpacePolicy } from '../../firmware/storage/space/space-policy.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';

/**
 * Hours of a box on simulated disks: cameras whose rates vary write segments, the keeper of the space asks for deletions, and a
 * slow remover carries them out. The catalogue is the real one.
 */

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;
const START_US = 20_600 * 86_400_000_000;
const ROUND_S = 5;
/** How far behind the truth the keeper is. */
const LAG_ROUNDS = 1;

interface SimCamera {
  id: string;
  /** At an hour of the day. */
  bytesPerS(hour: number): number;
  footage: 'continuous' | 'event';
}

interface OpenSim {
  sequence: number;
  camera: SimCamera;
  startUs: number;
  bytes: number;
}

class Disk {
  readonly catalogue = new Catalogue(':memory:');
  readonly keeper: SpaceKeeper;
  readonly asked: DeletionStep[] = [];
  readonly onDisk = new Map<number, { bytes: number; camera: string; footage: string; startUs: number }>();
  admission: Admission = { volume: 'v', closed: false, stopped: [] };
  usedBytes = 0;
  writtenBytes = 0;
  freedBytes = 0;
  #offset = 0;
  #sequence = 0;
  nowUs = START_US;
  readonly #open = new Map<string, OpenSim>();
  readonly #removing: DeletionStep[][] = [];
  /** What was deleted, in its order, with what was there at that moment. */
  readonly deleted: { sequence: number; footage: string; olderContinuous: number }[] = [];

  constructor(policy: Omit<SpacePolicy, 'volumes'>, budgetBytes: number) {
    this.keeper = new SpaceKeeper(this.catalogue, {
      ask: (_, steps) => this.asked.push(...steps),
      keep: () => undefined,
      admit: (admission) => (this.admission = admission),
    });
    this.keeper.attach('v');
    this.keeper.policy = { ...policy, volumes: [{ volume: 'v', budgetBytes, readOnly: false }] };
  }

  append(record: JournalEvent): void {
    const at = { file: 1, offset: this.#offset++ };
    this.catalogue.apply('v', { record, at, endOffset: this.#offset });
  }

  /** So many seconds of writing by those who may. */
  write(cameras: readonly SimCamera[], seconds: number): void {
    const hour = Math.floor((this.nowUs / 3600e6) % 24);
    this.nowUs += seconds * 1e6;
    for (const camera of cameras) {
      const open = this.#open.get(camera.id);
      const isBarred = this.admission.closed || this.admission.stopped.includes(camera.id);
      if (open && (isBarred || this.nowUs - open.startUs >= 300e6)) this.#close(open);
      if (isBarred) continue;
      const bytes = Math.round(camera.bytesPerS(hour) * seconds);
      this.#segmentOf(camera).bytes += bytes;
      this.usedBytes += bytes;
      this.writtenBytes += bytes;
    }
  }

  /** A look of the keeper, and what the remover does meanwhile: it is `LAG_ROUNDS` rounds late. */
  round(totalBytes: number): void {
    for (const { sequence, bytes, startUs } of this.#open.values()) {
      this.catalogue.progress('v', sequence, startUs, bytes);
    }
    const freeBytes = totalBytes - this.usedBytes;
    const facts = { totalBytes, freeBytes, writtenBytes: this.writtenBytes, trusted: true };
    this.keeper.observe('v', facts, (this.nowUs - START_US) / 1000);
    this.keeper.round((this.nowUs - START_US) / 1000, this.nowUs);
    this.#removing.push(this.asked.splice(0));
    if (this.#removing.length > LAG_ROUNDS) for (const step of this.#removing.shift()!) this.#remove(step);
  }

  #segmentOf(camera: SimCamera): OpenSim {
    let open = this.#open.get(camera.id);
    if (open) return open;
    open = { sequence: ++this.#sequence, camera, startUs: this.nowUs, bytes: 0 };
    this.#open.set(camera.id, open);
    const name = { camera: camera.id, stream: 'main', startUs: this.nowUs };
    this.append({
      t: 'open',
      sequence: open.sequence,
      ...name,
      monoUs: 0,
      boot: 'b',
      run: 'r',
      clock: 'trusted',
      path: segmentPath(name, open.sequence)!,
      key: true,
      ...(camera.footage === 'event' ? { class: 'event' as const } : {}),
    });
    return open;
  }

  #close({ sequence, camera, startUs, bytes }: OpenSim): void {
    this.#open.delete(camera.id);
    this.append({ t: 'close', sequence, endUs: this.nowUs, bytes, frames: 1, keyFrames: 1, codec: 'x' });
    this.onDisk.set(sequence, { bytes, camera: camera.id, footage: camera.footage, startUs });
  }

  #remove({ sequence }: DeletionStep): void {
    const { bytes, footage } = this.onDisk.get(sequence)!;
    let olderContinuous = 0;
    for (const [other, each] of this.onDisk) {
      if (other < sequence && each.footage === 'continuous') olderContinuous++;
    }
    this.deleted.push({ sequence, footage, olderContinuous });
    this.onDisk.delete(sequence);
    this.append({ t: 'mark', sequence });
    this.append({ t: 'delete', sequence });
    this.usedBytes -= bytes;
    this.freedBytes += bytes;
  }
}

/** Rates that differ between day and night, with bursts; the same at every run. */
function cameras(count: number, meanBytesPerS: number): SimCamera[] {
  let seed = 12_345;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  return Array.from({ length: count }, (_, index) => ({
    id: `cam-${index + 1}`,
    footage: index % 4 === 3 ? ('event' as const) : ('continuous' as const),
    bytesPerS: (hour: number) => {
      const burst = random() < 0.05 ? 3 : 1;
      return meanBytesPerS * (hour >= 7 && hour < 19 ? 1.3 : 0.7) * burst * (0.7 + 0.6 * random());
    },
  }));
}

const PLAIN = { group: '', days: undefined, eventDays: undefined, maxBytes: undefined, wishDays: undefined };

function policyFor(list: readonly SimCamera[], change: object = {}): Omit<SpacePolicy, 'volumes'> {
  return {
    cameras: list.map(({ id }) => ({ camera: id, whenFull: 'overwrite' as const, ...PLAIN, ...change })),
    grants: [],
  };
}

for (const [name, totalBytes, budgetBytes, mean, hours] of [
  ['a disk of 256 GiB, 16 cameras', 256 * GIB, 1e15, 512 * 1024, 24],
  ['a budget of 3 GiB, 16 cameras', 256 * GIB, 3 * GIB, 64 * 1024, 6],
] as const) {
  t.test(`${name}, ${hours} h: never above the limit, level with the writing, oldest first`, async (t) => {
    const list = cameras(16, mean);
    const disk = new Disk(policyFor(list), budgetBytes);
    // A range of one camera that nobody may delete.
    const [from, to] = [START_US + 600e6, START_US + 1800e6];
    disk.append({ t: 'lock', lock: 'l', camera: 'cam-2', fromUs: from, toUs: to, reason: 'r', atUs: 1 });
    let worst = 0;
    let worstError = 0;
    let full = false;
    let closed = 0;
    for (let s = 0; s < hours * 3600; s += ROUND_S) {
      disk.write(list, ROUND_S);
      disk.round(totalBytes);
      const [report] = disk.keeper.report().volumes;
      const { limitBytes, lowBytes, highBytes, plannedBytes } = report!;
      worst = Math.max(worst, disk.usedBytes / limitBytes);
      if (disk.admission.closed) closed++;
      full ||= disk.usedBytes > highBytes;
      if (!full) continue;
      const outside = Math.max(0, lowBytes - disk.usedBytes, disk.usedBytes - highBytes);
      worstError = Math.max(worstError, outside / limitBytes);
      if (plannedBytes < disk.freedBytes) t.fail('more was deleted than planned');
    }
    t.ok(full, 'the disk has filled');
    t.ok(worst < 1, `used at most ${(worst * 100).toFixed(2)} % of the limit`);
    t.ok(worstError < 0.01, `at most ${(worstError * 100).toFixed(2)} % off the marks`);
    t.equal(closed, 0, 'nobody had to wait');
    const [report] = disk.keeper.report().volumes;
    const openSteps = report!.plannedBytes - disk.freedBytes;
    t.ok(openSteps / report!.plannedBytes < 0.01, 'what was planned was deleted');
    t.ok(disk.freedBytes > disk.writtenBytes / 4, 'most of it has gone round');
    const locked = [...disk.onDisk.values()].filter(
      ({ camera, startUs }) => camera === 'cam-2' && startUs < to && startUs + 300e6 > from,
    );
    t.ok(locked.length >= 4, 'locked footage is all there');
    const kept = new Set(disk.onDisk.keys());
    const leapt = disk.deleted.filter(({ olderContinuous }) => olderContinuous > locked.length);
    t.same(leapt, [], 'nothing goes before older continuous footage but the locked');
    t.ok([...kept].some((sequence) => disk.onDisk.get(sequence)!.footage === 'event'));
  });
}

t.test('all footage is locked: the disk closes before its limit and stays below it', async (t) => {
  const list = cameras(4, 256 * 1024);
  const disk = new Disk(policyFor(list), 4 * GIB);
  for (const { id } of list) {
    disk.append({ t: 'lock', lock: id, camera: id, fromUs: 0, toUs: 9e15, reason: 'r', atUs: 1 });
  }
  let worst = 0;
  for (let s = 0; s < 3 * 3600; s += ROUND_S) {
    disk.write(list, ROUND_S);
    disk.round(256 * GIB);
    worst = Math.max(worst, disk.usedBytes / disk.keeper.report().volumes[0]!.limitBytes);
  }
  t.same(disk.deleted, []);
  t.ok(disk.admission.closed);
  t.ok(worst > 0.9 && worst < 1, `${worst}`);
  t.match(disk.keeper.report().volumes[0], { state: 'stuck', closed: true });
});

t.test('cameras that stop stand still when the disk is full, the others go on', async (t) => {
  const list = cameras(8, 256 * 1024);
  const policy = policyFor(list);
  const stops = (id: string): boolean => id === 'cam-1' || id === 'cam-2';
  for (const camera of policy.cameras)
    if (stops(camera.camera)) Object.assign(camera, { whenFull: 'stop', group: 'g' });
  const disk = new Disk(policy, 8 * GIB);
  for (let s = 0; s < 4 * 3600; s += ROUND_S) {
    disk.write(list, ROUND_S);
    disk.round(256 * GIB);
  }
  t.same(disk.admission, { volume: 'v', closed: false, stopped: ['cam-1', 'cam-2'] });
  t.match(disk.keeper.report().groups, [{ group: 'g', asks: true }]);
  const first = Math.min(...[...disk.onDisk].filter(([, { camera }]) => stops(camera)).map(([sequence]) => sequence));
  t.ok(first <= 2, 'none of theirs has gone');
  t.ok(disk.freedBytes > 4 * GIB, 'the others have gone round');

  const last = disk.catalogue.volumeTotals('v').lastSequence;
  const grants = [{ group: 'g', sequences: { v: last } }];
  const volumes = [{ volume: 'v', budgetBytes: 8 * GIB, readOnly: false }];
  disk.keeper.policy = { ...policy, volumes, grants };
  let recorded = 0;
  for (let s = 0; s < 12 * 3600; s += ROUND_S) {
    disk.write(list, ROUND_S);
    disk.round(256 * GIB);
    if (disk.admission.stopped.length === 0) recorded += ROUND_S;
  }
  t.ok(recorded > 600, `they have recorded ${recorded} s more`);
  t.match(disk.keeper.report().groups, [{ group: 'g', asks: true, overwrites: false }], 'and ask again');
  const theirs = [...disk.onDisk].filter(([, { camera }]) => stops(camera)).map(([sequence]) => sequence);
  t.ok(Math.min(...theirs) > last, 'all that was granted has been overwritten, and nothing else');
});

t.test('age and size, with the wish to keep more', async (t) => {
  const list = cameras(4, 64 * 1024);
  const policy = policyFor(list, { days: 0.25, wishDays: 0.5 });
  Object.assign(policy.cameras[1]!, { days: undefined, wishDays: undefined, maxBytes: 300 * MIB });
  const disk = new Disk(policy, 100 * GIB);
  let most = 0;
  for (let s = 0; s < 12 * 3600; s += ROUND_S) {
    disk.write(list, ROUND_S);
    disk.round(256 * GIB);
    if (s % 600 === 0) {
      const own = [...disk.onDisk.values()].filter(({ camera }) => camera === 'cam-2');
      most = Math.max(
        most,
        own.reduce((sum, { bytes }) => sum + bytes, 0),
      );
    }
  }
  const ages = [...disk.onDisk.values()]
    .filter(({ camera }) => camera !== 'cam-2')
    .map(({ startUs }) => (disk.nowUs - startUs) / 3600e6);
  t.ok(Math.max(...ages) < 6.2 && Math.max(...ages) > 5.9, `${Math.max(...ages)} h`);
  t.ok(most > 250 * MIB && most < 330 * MIB, `${most} bytes of one camera`);
  t.match(disk.keeper.check(), [
    { camera: 'cam-1', what: 'too-young', expectedDays: 0.5, why: 'age' },
    { camera: 'cam-3' },
    { camera: 'cam-4', class: 'event' },
  ]);
});

t.test('a disk that is pulled is said to be away', (t) => {
  const disk = new Disk({ cameras: [], grants: [] }, 100 * GIB);
  disk.write(cameras(1, 1 * MIB), ROUND_S);
  disk.round(256 * GIB);
  t.match(disk.keeper.report().volumes, [{ here: true }]);
  const laterUs = disk.nowUs + 20e6;
  disk.keeper.round((laterUs - START_US) / 1000, laterUs);
  t.match(disk.keeper.report().volumes, [{ here: false }]);
  t.end();
});
