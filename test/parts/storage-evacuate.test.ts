import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import {
  openVolumeFolder,
  rebuildCatalogue,
  verifyVolume,
  type EvacuationState,
} from '../../firmware/storage/index.ts';
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import { Evacuation } from '../../firmware/storage/jobs/evacuate.ts';
import type { EvacuationOptions } from '../../firmware/storage/jobs/job-states.ts';
import { dropCache } from '../../firmware/storage/jobs/segment-copy.ts';
import { incomingPath } from '../../firmware/storage/volume/incoming.ts';
import { Sealer } from '../../firmware/storage/jobs/sealer.ts';
import { CopyingLab, FAST, SEALING, SECONDS, START_US } from '../support/copying-lab.ts';
import { BOX, journalRecords } from '../support/volumes.ts';

const { signal } = new AbortController();
const ODD = { camera: 'gate', stream: 'main', fromUs: 0, toUs: 9e15 };

function evacuate(lab: CopyingLab, from: string, options: Partial<EvacuationOptions> = {}): Promise<EvacuationState> {
  const { id: volume, folder } = lab.disk(from);
  const order = {
    volume,
    folder,
    box: BOX,
    what: 'all' as const,
    remove: false,
    ...FAST,
    targetWithinMs: 0,
    ...options,
  };
  return new Evacuation(order, lab.ports, signal).run();
}

async function expectSound(t: Test, lab: CopyingLab, name: string): Promise<void> {
  const report = await verifyVolume({ folder: join(lab.root, name), box: BOX, deep: true, signal });
  t.same(
    report.findings.filter(({ severity }) => severity !== 'note'),
    [],
    `${name} is sound`,
  );
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('mdat', 2000) + 40]! ^= 1;
  writeFileSync(path, bytes);
}

t.test('all footage is copied, locked first, then the newest, and is listed once', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const starts = await lab.recordMany('old', 5);
  await lab.disk('old').volume.appendGap({ camera: 'gate', stream: 'main', startUs: 1, endUs: 2, reason: 'disk' });
  lab.locked = [{ camera: 'gate', fromUs: starts[1]! + 1, toUs: starts[1]! + 2 }];
  const state = await evacuate(lab, 'old');
  t.match(state, { state: 'done', phase: 'over', copied: 5, unreadableCount: 0, noRoom: { segments: 0 } });
  await lab.settled();
  const listed = await lab.list();
  t.same(
    listed.map(({ startUs }) => startUs),
    starts,
    'every segment once',
  );
  t.ok(
    listed.every(({ volume }) => volume === lab.disk('new').id),
    'the copies are what is listed',
  );
  t.same(
    listed.toSorted((a, b) => a.sequence - b.sequence).map(({ startUs }) => starts.indexOf(startUs)),
    [1, 4, 3, 2, 0],
  );
  const [day] = await lab.catalogue.ask('days', { camera: 'gate', fromDay: 0, toDay: 1e6 });
  t.match(day, { segments: 5, recordedUs: 5 * SECONDS * 1e6 }, 'and counted once');
  t.equal((await lab.catalogue.ask('gaps', ODD)).length, 1);
  await lab.stop();
  await expectSound(t, lab, 'old');
  await expectSound(t, lab, 'new');
  t.match(
    (await journalRecords(join(lab.root, 'new'))).filter(({ t: kind }) => kind === 'gap'),
    [{ reason: 'disk' }],
    'with the ledger of gaps',
  );
});

t.test('beginning again copies nothing twice', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new', 'third']);
  await lab.recordMany('old', 3);
  t.match(await evacuate(lab, 'old'), { copied: 3 });
  t.match(await evacuate(lab, 'old'), { state: 'done', copied: 0, segments: 0 });
  await lab.stop();
  const again = await CopyingLab.start(t, ['old', 'new', 'third'], lab.root);
  t.match(await evacuate(again, 'old'), { state: 'done', copied: 0 });
  t.equal((await again.list()).length, 3);
});

t.test('the disks alone tell that it is the same footage, even without their journals', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const starts = await lab.recordMany('old', 3);
  await evacuate(lab, 'old');
  const volumes = ['new', 'old'].map((name) => ({ volume: lab.disk(name).id, folder: lab.disk(name).folder }));
  await lab.stop();
  for (const order of [volumes, volumes.toReversed()]) {
    const path = join(lab.root, 'again.db');
    await rebuildCatalogue(path, order, signal);
    const catalogue = new Catalogue(path);
    const found = catalogue.queries.segments(ODD);
    catalogue.close();
    t.same(
      found.map(({ startUs, volume }) => [startUs, volume]),
      starts.map((startUs) => [startUs, volumes[0]!.volume]),
    );
  }
  for (const { folder } of volumes) rmSync(join(folder, 'journal'), { recursive: true });
  rmSync(join(lab.root, 'catalogue.db'));
  const bare = await CopyingLab.start(t, ['old', 'new'], lab.root);
  await bare.settled();
  t.same(
    (await bare.list()).map(({ startUs }) => startUs),
    starts,
  );
});

t.test('whichever of the two disks is left has all footage', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const starts = await lab.recordMany('old', 3);
  await evacuate(lab, 'old');
  await lab.settled();
  const { id } = lab.disk('new');
  await lab.close('new');
  await lab.catalogue.ask('forget', { volume: id });
  t.same(
    (await lab.list()).map(({ startUs, volume }) => [startUs, volume]),
    starts.map((startUs) => [startUs, lab.disk('old').id]),
    'the originals come out of the shade',
  );
  t.same(await lab.catalogue.ask('wrongDays', { camera: 'gate', stream: 'main' }), []);
});

t.test('what was copied to a disk that is lost is copied again', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  await lab.recordMany('old', 2);
  await evacuate(lab, 'old');
  await lab.settled();
  const { id } = lab.disk('new');
  await lab.close('new');
  await lab.catalogue.ask('forget', { volume: id });
  await lab.open('third');
  t.match(await evacuate(lab, 'old'), { state: 'done', segments: 2, copied: 2 });
  await lab.settled();
  t.same(new Set((await lab.list()).map(({ volume }) => volume)), new Set([lab.disk('third').id]));
});

t.test('what is read back comes from the disk', { skip: !existsSync('/usr/bin/dd') }, async (t) => {
  const lab = await CopyingLab.start(t, ['old']);
  await lab.record('old', { startUs: START_US });
  const { folder } = lab.disk('old');
  const opened = await openVolumeFolder(folder, {
    box: BOX,
    adoptEmpty: false,
    deadlineMs: 60_000,
    clock: systemClock,
  });
  t.teardown(() => opened.close());
  t.ok(await dropCache(opened.path('ipvs-volume.json')), 'the program reaches the file');
  t.notOk(await dropCache(opened.path('nothing')));
});

t.test('a copy that policy deletes brings its original back', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  await lab.recordMany('old', 1);
  await evacuate(lab, 'old');
  await lab.settled();
  const [copy] = await lab.list();
  await lab.disk('new').volume.deleteSegment(copy!.sequence, copy!.path);
  await lab.settled();
  t.match(await lab.list(), [{ volume: lab.disk('old').id }]);
});

t.test('what cannot be read is passed over and named', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  await lab.recordMany('old', 4);
  const segments = await lab.list();
  const path = (index: number): string => join(lab.disk('old').folder, segments[index]!.path);
  truncateSync(path(1), 3000);
  rmSync(path(2));
  mkdirSync(path(2));
  const state = await evacuate(lab, 'old');
  t.match(state, { state: 'incomplete', copied: 2, unreadableCount: 2 });
  t.same(state.unreadable.map((each) => each.path).sort(), [segments[1]!.path, segments[2]!.path].sort());
  t.same(
    existsSync(join(lab.disk('new').folder, 'incoming')) ? readdirSync(join(lab.disk('new').folder, 'incoming')) : [],
    [],
  );
  t.equal((await lab.list()).length, 4, 'it is still listed where it was');
});

t.test('room is left to what is locked', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const starts = await lab.recordMany('old', 3);
  lab.locked = [{ camera: 'gate', stream: 'main', fromUs: starts[0]!, toUs: starts[0]! + 1 }];
  lab.room.set('new', { roomBytes: 0, freeBytes: 1e12 });
  const state = await evacuate(lab, 'old');
  t.match(state, { state: 'incomplete', copied: 1, noRoom: { segments: 2, locked: 0 } });
  await lab.settled();
  t.same(
    (await lab.list()).map(({ volume }) => volume === lab.disk('new').id),
    [true, false, false],
  );
  lab.room.clear();
  t.match(await evacuate(lab, 'old'), { state: 'done', copied: 2 });
});

t.test('without another disk nothing is done', async (t) => {
  const lab = await CopyingLab.start(t, ['old']);
  await lab.recordMany('old', 1);
  t.match(await evacuate(lab, 'old'), { state: 'failed', error: { code: 'evacuation.no-target' } });
});

t.test('a file that is not what its seal says is copied as suspect', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  await lab.recordMany('old', 2);
  const sealer = new Sealer(SEALING, lab.ports, () => undefined, signal);
  t.equal(await sealer.round(), 2);
  const [first] = await lab.list();
  flip(join(lab.disk('old').folder, first!.path));
  t.match(await evacuate(lab, 'old'), { copied: 2, notAsSealed: [first!.path] });
  await lab.settled();
  t.same(
    (await lab.list()).map(({ suspect, volume }) => [suspect, volume === lab.disk('new').id]),
    [
      [true, true],
      [false, true],
    ],
  );
});

t.test('times of a boot that did not know the time stay right', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  const boot = 'a-boot-without-a-clock';
  await lab.record('old', { startUs: 5_000_000, boot, clock: 'untrusted' });
  await lab.disk('old').volume.appendRecord({ t: 'anchor', boot, offsetUs: START_US });
  await lab.settled();
  await evacuate(lab, 'old');
  await lab.settled();
  t.match(await lab.list(), [{ startUs: START_US + 5_000_000, volume: lab.disk('new').id, untrusted: true }]);
  await lab.stop();
  await expectSound(t, lab, 'new');
});

t.test('a copy of a copy, and the way back, are still the same footage', async (t) => {
  const lab = await CopyingLab.start(t, ['a', 'b', 'c']);
  await lab.recordMany('a', 2);
  lab.room.set('c', { roomBytes: 0, freeBytes: 0 });
  await evacuate(lab, 'a');
  lab.room.set('a', { roomBytes: 0, freeBytes: 0 });
  lab.room.delete('c');
  t.match(await evacuate(lab, 'b'), { copied: 2 });
  await lab.settled();
  t.equal((await lab.list()).length, 2);
});

t.test('a place that was reserved before the disk was opened anew is void', async (t) => {
  const lab = await CopyingLab.start(t, ['old']);
  const { volume } = lab.disk('old');
  const { sequence, path } = volume.reserve({ camera: 'gate', stream: 'main', startUs: START_US });
  await lab.close('old');
  await lab.open('old');
  t.equal(await lab.record('old', { startUs: START_US }), sequence, 'the next recording has its number');
  const of = {
    camera: 'gate',
    stream: 'main',
    startUs: START_US,
    monoUs: 1,
    boot: 'b',
    run: 'r',
    clock: 'trusted' as const,
  };
  const open = { t: 'open' as const, ...of, sequence, path, key: true };
  const close = { endUs: START_US + 1, bytes: 1, frames: 1, keyFrames: 1, codec: 'avc1' };
  await t.rejects(lab.disk('old').volume.receive(open, close), { code: 'storage.closed' });
});

t.test('originals are deleted if that is wanted', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  await lab.recordMany('old', 2);
  t.match(await evacuate(lab, 'old', { remove: true }), { copied: 2, state: 'done' });
  await lab.settled();
  t.equal((await lab.list()).length, 2);
  t.same(await lab.catalogue.ask('bySequence', { volume: lab.disk('old').id, afterSequence: 0, limit: 10 }), []);
  await lab.stop();
  await expectSound(t, lab, 'old');
});

t.test('a crash at any step of receiving loses nothing and lists nothing twice', async (t) => {
  const lab = await CopyingLab.start(t, ['old', 'new']);
  await lab.recordMany('old', 3);
  await evacuate(lab, 'old');
  await lab.settled();
  const copies = await lab.list();
  const records = await journalRecords(lab.disk('new').folder);
  await lab.stop();
  const folder = join(lab.root, 'new');
  const { JournalFolder } = await import('../support/journal-folder.ts');
  const opens = new Map(records.flatMap((record) => (record.t === 'open' ? [[record.sequence, record] as const] : [])));
  const bytes = new Map(copies.map(({ sequence, path }) => [sequence, readFileSync(join(folder, path))]));
  const [one, two, three] = [...opens.keys()] as [number, number, number];
  // The journal as it stood when the power went: the first has no name yet, the second is not closed, of the third only a part is there.
  rmSync(join(folder, 'journal'), { recursive: true });
  rmSync(join(folder, 'video'), { recursive: true });
  rmSync(join(lab.root, 'catalogue.db'));
  const journal = await JournalFolder.start(join(folder, 'journal'));
  const put = (path: string, content: Buffer): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  journal.append(opens.get(one)!);
  put(incomingPath(one), bytes.get(one)!);
  journal.append(opens.get(two)!);
  put(opens.get(two)!.path, bytes.get(two)!);
  put(incomingPath(three), bytes.get(three)!.subarray(0, 5000));

  const next = await CopyingLab.start(t, ['old', 'new'], lab.root);
  await next.settled();
  t.match(await next.disk('new').recovered, { missing: 1, adopted: 1, failed: [] });
  t.notOk(existsSync(join(folder, 'incoming')), 'parts are cleared away');
  t.same(
    (await next.list()).map(({ volume, startUs }) => [volume === next.disk('new').id, startUs]).sort(),
    copies.map(({ sequence, startUs }) => [sequence === two, startUs]).sort(),
  );
  t.match(await evacuate(next, 'old'), { state: 'done', copied: 2 }, 'what was lost is copied again');
  await next.stop();
  await expectSound(t, next, 'new');
  await expectSound(t, next, 'old');
});
