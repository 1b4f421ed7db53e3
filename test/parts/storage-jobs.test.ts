import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyVolume, VolumeJobs, type EvacuationState, type JobStates } from '../../firmware/storage/index.ts';
import type { EvacuationOptions } from '../../firmware/storage/jobs/job-states.ts';
import { CopyingLab, FAST, SEALING } from '../support/copying-lab.ts';
import { until } from '../support/until.ts';
import { BOX } from '../support/volumes.ts';

const ENTRY = new URL('../support/crash-job-worker.ts', import.meta.url);
const IDLE_MS = 20;

interface Desk {
  readonly jobs: VolumeJobs;
  /** Copies that the disks have taken, whatever the thread said of them. */
  received: number;
  readonly told: JobStates[];
  readonly logged: string[];
  /** The thread throws; `always`: and its successors. */
  crash(always?: 'always'): void;
}

async function desk(t: Test, lab: CopyingLab): Promise<Desk> {
  const crashFile = join(lab.root, 'crash');
  process.env['CRASH_FILE'] = crashFile;
  const told: JobStates[] = [];
  const logged: string[] = [];
  const { ports } = lab;
  const jobs = new VolumeJobs({
    ...ports,
    volume: async (ask, args) => {
      const answer = await ports.volume(ask, args);
      if (ask === 'receive') here.received++;
      return answer;
    },
    sealing: { ...SEALING, everyMs: 20 },
    changed: (states) => told.push(structuredClone(states)),
    log: (event) => logged.push(event),
    thread: { idleMs: IDLE_MS, maxRestartMs: 20, entry: ENTRY },
  });
  const here: Desk = { jobs, received: 0, told, logged, crash: (always) => writeFileSync(crashFile, always ?? '') };
  t.teardown(() => jobs.stop());
  await jobs.start();
  return here;
}

function order(lab: CopyingLab, from: string, options: Partial<EvacuationOptions> = {}): EvacuationOptions {
  const { id: volume, folder } = lab.disk(from);
  return { volume, folder, box: BOX, what: 'all', remove: false, ...FAST, targetWithinMs: 0, ...options };
}

function evacuation({ jobs }: Desk): EvacuationState {
  return jobs.states.evacuations[0]!;
}

/** So slow that there is always a copy that is not whole. */
async function slowly(lab: CopyingLab): Promise<EvacuationOptions> {
  const [segment] = await lab.list();
  return order(lab, 'old', { bytesPerSecond: segment!.bytes * 3 });
}

function partsOn(lab: CopyingLab, name: string): string[] {
  const folder = join(lab.disk(name).folder, 'incoming');
  return existsSync(folder) ? readdirSync(folder) : [];
}

async function isSound(t: Test, lab: CopyingLab, ...names: string[]): Promise<void> {
  const { signal } = new AbortController();
  for (const name of names) {
    const { findings } = await verifyVolume({ folder: join(lab.root, name), box: BOX, deep: true, signal });
    // The number of a copy that did not become whole is not given out again.
    const wrong = findings.filter(({ code }) => code !== 'sequence.unaccounted');
    t.same(wrong, [], `${name} is sound`);
  }
}

t.test('the thread lives only while there is something to do, and its jobs are known afterwards', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const here = await desk(t, lab);
  await lab.recordMany('old', 3);
  await until(async () => (await lab.catalogue.ask('unsealed', allOf(lab, 'old'))).length === 0);
  t.notOk(here.jobs.works, 'sealing needs none');
  here.jobs.evacuate(order(lab, 'old'));
  t.ok(here.jobs.works);
  t.throws(() => here.jobs.evacuate(order(lab, 'old')), { code: 'jobs.busy' });
  await until(() => !here.jobs.works);
  t.match(evacuation(here), { state: 'done', copied: 3 });
  t.match(here.told.at(-1), { evacuations: [{ state: 'done', copied: 3 }] }, 'the end was told');
  const { id: volume, folder } = lab.disk('new');
  here.jobs.check({ volume, folder, deep: true, ...FAST });
  t.ok(here.jobs.works, 'the next job has a thread again');
  await until(() => here.jobs.states.checks[0]?.state === 'done');
  t.match(here.jobs.states, { evacuations: [{ state: 'done' }], checks: [{ segments: 3, findings: {} }] });
});

t.test('copying goes on when the thread dies in the middle of a copy', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const here = await desk(t, lab);
  const starts = await lab.recordMany('old', 8);
  here.jobs.evacuate(await slowly(lab));
  for (const crashes of [1, 2]) {
    const before = here.received;
    // More than one since: the thread tells of its copies once a second, and dies with one on its lips.
    await until(() => here.received >= before + 2 && partsOn(lab, 'new').length > 0);
    here.crash();
    await until(() => here.logged.filter((event) => event === 'jobs.crashed').length === crashes);
    t.equal(evacuation(here).state, 'running', 'nobody is told that it is over');
  }
  await until(() => evacuation(here).state !== 'running');
  t.match(evacuation(here), { state: 'done', segments: 8, copied: 8, unreadableCount: 0 });
  await lab.settled();
  t.same(
    (await lab.list()).map(({ startUs, volume }) => [startUs, volume]),
    starts.map((startUs) => [startUs, lab.disk('new').id]),
  );
  t.same(partsOn(lab, 'new'), [], 'no half copy is left');
  await here.jobs.stop();
  await lab.stop();
  await isSound(t, lab, 'old', 'new');
});

t.test('a job under which the thread always dies is given up, and one that was ended does not come back', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const here = await desk(t, lab);
  await lab.recordMany('old', 2);
  here.crash('always');
  here.jobs.evacuate({ ...(await slowly(lab)), bytesPerSecond: 1000 });
  await until(() => evacuation(here).state !== 'running');
  t.match(evacuation(here), { state: 'failed', copied: 0, error: { code: 'jobs.crashed' } });
  t.match(here.told.at(-1), { evacuations: [{ state: 'failed' }] }, 'so its problem ends');
  const { id: volume, folder } = lab.disk('old');
  const check = here.jobs.check({ volume, folder, deep: true, ...FAST, bytesPerSecond: 1000 });
  t.equal(check.state, 'running');
  t.ok(await here.jobs.end('check', volume));
  t.match(here.jobs.states.checks, [{ state: 'stopped' }]);
  t.notOk(await here.jobs.end('check', volume), 'there is nothing to end any more');
});

t.test('a disk that leaves is let go of: copies go elsewhere, copying off it ends', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new', 'third']);
  const here = await desk(t, lab);
  lab.room.set('third', { roomBytes: 1e11, freeBytes: 1e11 });
  const starts = await lab.recordMany('old', 6);
  here.jobs.evacuate(await slowly(lab));
  await until(() => evacuation(here).copied >= 1 && partsOn(lab, 'new').length > 0);
  const { id } = lab.disk('new');
  t.same(evacuation(here).targets, [id]);
  t.same(await here.jobs.leave(id), [], 'no job was about this disk');
  await until(() => partsOn(lab, 'new').length === 0);
  await until(() => evacuation(here).state !== 'running');
  t.match(evacuation(here), { state: 'done', copied: 6, targets: [lab.disk('third').id] });
  await lab.settled();
  t.same(
    (await lab.list()).map(({ startUs }) => startUs),
    starts,
  );
  here.jobs.returned(id);
  await lab.recordMany('third', 3, { startUs: 1_790_001_000_000_000 });
  here.jobs.evacuate(order(lab, 'third', { bytesPerSecond: 100_000 }));
  const third = (): EvacuationState => here.jobs.states.evacuations[1]!;
  await until(() => third().targets.length > 0);
  t.same(await here.jobs.leave(lab.disk('third').id), ['evacuation']);
  t.match(third(), { state: 'stopped' });
  here.jobs.forget(lab.disk('third').id);
  t.equal(here.jobs.states.evacuations.length, 1);
});

function allOf(lab: CopyingLab, name: string): { volume: string; afterSequence: number; limit: number } {
  return { volume: lab.disk(name).id, afterSequence: 0, limit: 10 };
}
