import { existsSync } from 'node:fs';
import { open, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { JournalReader } from '../../firmware/storage/index.ts';
import { FaultyDisk, skipWithoutFaultyDisks } from '../support/faulty-disk.ts';
import { LoopDisk, skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { append, journalRecords, newSegment, SUMMARY, testVolume } from '../support/volumes.ts';

const MB = 1 << 20;
const GAP = { camera: 'gate', stream: 'main', startUs: 1, endUs: 2, reason: 'disk' } as const;
const skip = await skipWithoutLoopDisks();

/** One recognisable append: its number in every byte. */
function block(index: number, bytes = MB): Buffer {
  return Buffer.alloc(bytes, index % 251);
}

for (const fileSystem of ['ext4', 'xfs'] as const) {
  const withXfs = fileSystem === 'xfs' ? await skipWithoutLoopDisks('xfs') : skip;
  t.test(
    `a full ${fileSystem} disk is a clear state, keeps what it has, and ends with room`,
    { skip: withXfs },
    async (t) => {
      const disk = await LoopDisk.create(t, { bytes: fileSystem === 'xfs' ? 320 * MB : 40 * MB, fileSystem });
      const ballast = join(disk.path, 'ballast');
      const { volume, states, reaches, ended } = await testVolume(t, join(disk.path, 'v'), {
        resumeFreeBytes: 4 * MB,
      });
      if (fileSystem === 'xfs') await writeFile(ballast, Buffer.alloc(220 * MB));
      else await writeFile(ballast, Buffer.alloc(10 * MB));
      const file = newSegment(volume);
      let written = 0;
      for (; ; written++) {
        const error = await append(file, block(written));
        if (!error) continue;
        t.equal(error.code, 'storage.full');
        break;
      }
      t.equal(volume.state, 'full');
      t.throws(() => newSegment(volume), { code: 'storage.full' });
      await file.abandon('storage.full');
      t.match(ended, [{ end: 'suspect', reason: 'storage.full', bytes: written * MB }]);
      const content = await readFile(join(volume.folder, file.path));
      for (let index = 0; index < written; index++) {
        t.ok(content.subarray(index * MB, (index + 1) * MB).equals(block(index)), `append ${index} is whole`);
      }
      await volume.appendGap(GAP);
      await rm(ballast);
      await reaches('ready');
      t.same(states, ['full', 'ready']);
      const next = newSegment(volume);
      t.equal(await append(next, block(1)), undefined);
      await next.finish({ moov: Buffer.from('moov'), patch: { offset: 0, bytes: Buffer.from('x') } }, SUMMARY);
      await volume.stop(5000);
      const { damage } = await new JournalReader(join(volume.folder, 'journal')).readTail();
      t.same(damage, [], 'the journal has no torn line in its middle');
      const kinds = (await journalRecords(volume.folder)).map((record) => record.t);
      t.same(kinds, ['open', 'gap', 'open', 'close']);
    },
  );
}

t.test('deleting helps a disk without any room, not even for the journal', { skip }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 24 * MB });
  const { volume, reaches } = await testVolume(t, join(disk.path, 'v'), {
    resumeFreeBytes: 4 * MB,
    removePauseMs: 0,
  });
  const old = newSegment(volume);
  for (let index = 0; index < 8; index++) await append(old, block(index));
  await old.abandon('done');
  await fill(join(disk.path, 'ballast'));
  const file = newSegment(volume);
  await until(async () => (await append(file, block(1))) !== undefined);
  t.equal(volume.state, 'full');
  const gaps = Array.from({ length: 100 }, (_, index) => ({ ...GAP, startUs: index, endUs: index + 1 }));
  const answers = await Promise.all(gaps.map((gap) => volume.appendGap(gap)));
  t.match(answers.at(-1), { code: 'storage.full' }, 'the journal has no room either');
  await volume.deleteSegment(old.sequence, old.path);
  t.notOk(existsSync(join(volume.folder, old.path)));
  await reaches('ready');
  await volume.stop(5000);
  const { damage } = await new JournalReader(join(volume.folder, 'journal')).readTail();
  t.same(damage, [], 'what was torn has been written over');
  const kept = (await journalRecords(volume.folder)).filter((record) => record.t === 'gap');
  t.equal(kept.length, gaps.length, 'no line was lost');
});

t.test('a file system that turns read-only ends recording without an accident', { skip }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 24 * MB });
  const { volume, reaches } = await testVolume(t, join(disk.path, 'v'));
  const file = newSegment(volume);
  t.equal(await append(file, block(1)), undefined);
  await volume.synced();
  const name = disk.device.slice('/dev/'.length);
  await writeFile(`/sys/fs/ext4/${name}/trigger_fs_error`, '1');
  const failed = reaches('read-only');
  await until(async () => (await append(file, block(2))) !== undefined);
  await failed;
  t.throws(() => newSegment(volume), { code: 'storage.read-only' });
  await file.abandon('storage.read-only');
  t.ok((await readFile(join(volume.folder, file.path))).subarray(0, MB).equals(block(1)));
  await volume.stop(5000);
});

t.test('a disk that is unmounted under us gets nothing in its bare mount point', { skip }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 24 * MB });
  const { volume, reaches, ended } = await testVolume(t, disk.path, { checkMs: 600_000 });
  const file = newSegment(volume);
  t.equal(await append(file, block(1)), undefined);
  await disk.unmount({ lazy: true });
  t.same(await readdir(disk.path), []);
  const other = newSegment(volume, 'yard');
  t.match(await append(other, block(2)), { code: 'storage.not-mounted' });
  await reaches('gone');
  t.throws(() => newSegment(volume), { code: 'storage.not-mounted' });
  t.match(await append(file, block(3)), { code: 'storage.not-mounted' }, 'files that were open are given up');
  await file.abandon('gone');
  await other.abandon('gone');
  t.same(
    ended.map(({ end }) => end),
    ['suspect', 'suspect'],
  );
  await volume.appendGap(GAP);
  await t.rejects(volume.deleteSegment(1, file.path));
  t.same(await volume.stop(5000), { operations: 0, bytes: 0, segments: 0 });
  t.same(await readdir(disk.path), [], 'the bare mount point is still empty');
});

t.test('an unmounted disk is noticed without a new file, too', { skip }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 24 * MB });
  const { volume, reaches } = await testVolume(t, disk.path, { checkMs: 100 });
  const file = newSegment(volume);
  await append(file, block(1));
  const gone = reaches('gone');
  await disk.unmount({ lazy: true });
  await gone;
  t.same(await readdir(disk.path), []);
});

t.test('another disk in the place of ours is left alone', { skip }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 24 * MB });
  const { volume } = await testVolume(t, disk.path, { checkMs: 600_000 });
  await disk.unmount({ lazy: true });
  const identity = JSON.stringify({ version: 1, volume: volume.id, box: volume.id, createdUs: 1 });
  await writeFile(join(disk.path, 'ipvs-volume.json'), identity);
  t.match(await append(newSegment(volume), block(1)), { code: 'storage.not-mounted' });
  t.same(await readdir(disk.path), ['ipvs-volume.json']);
});

const noFaults = await skipWithoutFaultyDisks();

for (const syncMode of ['volume', 'file'] as const) {
  t.test(
    `a disk that hangs delays nobody else and comes back: sync mode ${syncMode}`,
    { skip: noFaults },
    async (t) => {
      const disk = await FaultyDisk.create(t, { bytes: 64 * MB });
      const settings = { hungAfterMs: 500, queueMaxBytes: 6 * MB, syncMode };
      const bad = await testVolume(t, disk.path, settings);
      const good = await testVolume(t, await tempFolder(t), settings);
      const hanging = newSegment(bad.volume);
      t.equal(await append(hanging, block(0)), undefined);
      await bad.volume.synced();

      await disk.freeze();
      const late = append(hanging, block(1));
      await bad.reaches('hung');
      t.throws(() => newSegment(bad.volume), { code: 'storage.hung' });
      const file = newSegment(good.volume);
      for (let index = 0; index < 20; index++) t.equal(await append(file, block(index)), undefined);
      await good.volume.synced();
      await file.finish({ moov: Buffer.from('moov'), patch: { offset: 0, bytes: Buffer.from('x') } }, SUMMARY);
      t.equal(good.volume.state, 'ready');
      t.equal(bad.volume.state, 'hung');

      disk.thaw();
      await bad.reaches('ready');
      t.equal(await late, undefined, 'what waited is written');
      t.equal(await append(newSegment(bad.volume, 'yard'), block(3)), undefined);
      await bad.volume.synced();
      t.same(bad.states, ['hung', 'ready']);
    },
  );

  t.test(`stopping on a disk that hangs keeps its deadline: sync mode ${syncMode}`, { skip: noFaults }, async (t) => {
    const disk = await FaultyDisk.create(t, { bytes: 64 * MB });
    const { volume } = await testVolume(t, disk.path, { syncMode });
    const file = newSegment(volume);
    t.equal(await append(file, block(0)), undefined);
    await disk.freeze();
    const left = await volume.stop(700);
    t.ok(left.operations > 0, 'what the disk still holds is reported');
    t.equal(left.segments, 1);
    disk.thaw();
    await until(async () => (await openBelow(disk.path)).length === 0);
    t.pass('nothing is kept open when the disk answers after all');
  });
}

t.test('an operation that does not return shows without any sync', { skip: noFaults }, async (t) => {
  const disk = await FaultyDisk.create(t, { bytes: 64 * MB });
  const late = { recoveryPointMs: 1e6, minSyncIntervalMs: 1e6 };
  const { volume, reaches } = await testVolume(t, disk.path, { hungAfterMs: 300, checkMs: 1e6, ...late });
  const file = newSegment(volume);
  t.equal(await append(file, block(0)), undefined);
  await volume.synced();
  t.equal(await append(file, block(1)), undefined);
  await disk.freeze();
  const abandoned = file.abandon('done');
  await reaches('hung');
  disk.thaw();
  await abandoned;
  t.equal(volume.state, 'ready');
});

t.test('a file goes only when its mark is stable', { skip: noFaults }, async (t) => {
  const disk = await FaultyDisk.create(t, { bytes: 64 * MB });
  const { volume, reaches } = await testVolume(t, disk.path, { hungAfterMs: 300 });
  const file = newSegment(volume);
  t.equal(await append(file, block(0)), undefined);
  await file.abandon('done');
  await volume.synced();
  await disk.freeze();
  const removed = volume.deleteSegment(file.sequence, file.path);
  await reaches('hung');
  t.ok(existsSync(join(disk.path, file.path)), 'the file is there as long as the mark is not on the disk');
  disk.thaw();
  await removed;
  t.notOk(existsSync(join(disk.path, file.path)));
});

for (const syncMode of ['volume', 'file'] as const) {
  t.test(
    `data that the disk could not keep makes the volume doubted: sync mode ${syncMode}`,
    { skip: noFaults },
    async (t) => {
      const disk = await FaultyDisk.create(t, { bytes: 64 * MB });
      const { volume, reaches, ended, errors } = await testVolume(t, disk.path, { syncMode });
      const files = [newSegment(volume, 'gate'), newSegment(volume, 'yard')];
      for (const file of files) t.equal(await append(file, block(0)), undefined);
      await volume.synced();
      await disk.breakWrites();
      for (const file of files) t.equal(await append(file, block(1)), undefined, 'the page cache takes it');
      await reaches('doubted');
      t.match(errors.at(-1), { code: 'storage.sync-failed' });
      t.throws(() => newSegment(volume), { code: 'storage.sync-failed' });
      for (const file of files) {
        t.match(await append(file, block(2)), { code: 'storage.sync-failed' });
        await file.abandon('doubted');
      }
      t.same(
        ended.map(({ end }) => end),
        ['suspect', 'suspect'],
      );
      await t.rejects(volume.synced(), { code: 'storage.sync-failed' }, 'a second sync is not taken as proof');
    },
  );
}

/** Links of this process's descriptors that lead below the folder. */
async function openBelow(folder: string): Promise<string[]> {
  const links = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return links.filter((link) => link.startsWith(folder));
}

/** Takes all room of a file system. */
async function fill(path: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (const size of [MB, 4096]) {
      for (;;) {
        const result = await file.write(Buffer.alloc(size)).catch((error: NodeJS.ErrnoException) => error);
        if (result instanceof Error) break;
      }
    }
  } finally {
    await file.close();
  }
}
