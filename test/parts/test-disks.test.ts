/** The disks that tests use must do what they promise, or the tests that use them prove nothing. */
import { open, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { LoopDisk, skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { VolatileDisk, skipWithoutVolatileDisks } from '../support/volatile-disk.ts';

t.test('a loop disk fills, vanishes and comes back', { skip: await skipWithoutLoopDisks() }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 16 << 20 });
  const file = join(disk.path, 'a');
  await writeFile(file, 'here');
  await t.rejects(writeFile(join(disk.path, 'b'), Buffer.alloc(32 << 20)), { code: 'ENOSPC' });
  await disk.unmount();
  t.same(await readdir(disk.path), []);
  await disk.mount();
  t.equal(await readFile(file, 'utf8'), 'here');
  await disk.remountReadOnly();
  await t.rejects(writeFile(file, 'x'), { code: 'EROFS' });
});

t.test('a loop disk with XFS', { skip: await skipWithoutLoopDisks('xfs') }, async (t) => {
  const disk = await LoopDisk.create(t, { bytes: 400 << 20, fileSystem: 'xfs' });
  await writeFile(join(disk.path, 'a'), 'here');
  t.equal(await readFile(join(disk.path, 'a'), 'utf8'), 'here');
});

t.test(
  'a volatile disk loses what was not synced, and only that',
  { skip: await skipWithoutVolatileDisks() },
  async (t) => {
    const disk = await VolatileDisk.create(t, { bytes: 64 << 20 });
    const synced = await open(join(disk.path, 'synced'), 'w');
    await synced.write(Buffer.alloc(1 << 20, 1));
    await synced.sync();
    await synced.close();
    const loose = await open(join(disk.path, 'loose'), 'w');
    await loose.write(Buffer.alloc(1 << 20, 2));
    await loose.close();
    const { flushes } = await disk.pending();
    t.ok(flushes > 0, 'a sync of a file reaches the disk as a flush');
    await disk.cut(1);
    await disk.powerOn();
    t.same(await readFile(join(disk.path, 'synced')), Buffer.alloc(1 << 20, 1));
    const names = await readdir(disk.path);
    const left = names.includes('loose') ? await readFile(join(disk.path, 'loose')) : Buffer.alloc(0);
    t.notSame(left, Buffer.alloc(1 << 20, 2));
  },
);

t.test('a volatile disk hangs and goes on', { skip: await skipWithoutVolatileDisks() }, async (t) => {
  const disk = await VolatileDisk.create(t, { bytes: 64 << 20 });
  const file = await open(join(disk.path, 'a'), 'w');
  await file.write('before');
  await file.sync();
  disk.hang();
  await file.write('after');
  const sync = file.sync().then(() => 'synced');
  t.equal(await Promise.race([sync, sleep(300, 'hanging')]), 'hanging');
  disk.resume();
  t.equal(await sync, 'synced');
  await file.close();
});
