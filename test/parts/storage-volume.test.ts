import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock, type BoxError } from '../../firmware/base/index.ts';
import { openVolumeFolder, type SegmentFile } from '../../firmware/storage/index.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { until } from '../support/until.ts';
import { append, BOX, journalRecords, newSegment, SEGMENT, SUMMARY, testVolume } from '../support/volumes.ts';

const options = { box: BOX, adoptEmpty: false, deadlineMs: 60_000, clock: systemClock };

t.test('a folder becomes a volume only on request, and only if it is empty', async (t) => {
  const folder = await tempFolder(t);
  await t.rejects(openVolumeFolder(folder, options), { code: 'storage.not-mounted' });
  t.same(await readdir(folder), []);
  await t.rejects(openVolumeFolder(join(folder, 'new'), options), { code: 'storage.not-mounted' });

  await mkdir(join(folder, 'used'));
  await writeFile(join(folder, 'used', 'letter.txt'), 'mine');
  const used = openVolumeFolder(join(folder, 'used'), { ...options, adoptEmpty: true });
  await t.rejects(used, { code: 'storage.not-ours' });
  t.same(await readdir(join(folder, 'used')), ['letter.txt']);

  const made = await openVolumeFolder(join(folder, 'new'), { ...options, adoptEmpty: true });
  await made.close();
  const again = await openVolumeFolder(join(folder, 'new'), options);
  t.equal(again.identity.volume, made.identity.volume);
  await again.close();
});

t.test('a volume of another box, or with an identity nobody understands, is left alone', async (t) => {
  const folder = await tempFolder(t);
  const made = await openVolumeFolder(folder, { ...options, adoptEmpty: true });
  await made.close();
  const foreign = { ...options, adoptEmpty: true, box: BOX.replaceAll('1', '9') };
  await t.rejects(openVolumeFolder(folder, foreign), { code: 'storage.not-ours' });
  await writeFile(join(folder, 'ipvs-volume.json'), '{"version":2}');
  await t.rejects(openVolumeFolder(folder, options), { code: 'storage.not-ours' });
});

t.test('the check sees an identity that was replaced, but not one that was merely rewritten', async (t) => {
  const folder = await tempFolder(t);
  const made = await openVolumeFolder(folder, { ...options, adoptEmpty: true });
  const file = join(folder, 'ipvs-volume.json');
  const text = await readFile(file, 'utf8');
  await writeFile(`${file}.other`, text);
  await rename(`${file}.other`, file);
  await made.check();
  await writeFile(file, text.replace(made.identity.volume, BOX));
  await t.rejects(made.check(), { code: 'storage.not-ours' });
  await made.close();
});

t.test('a segment is written, patched, closed, and known to the journal', async (t) => {
  const folder = await tempFolder(t);
  const { volume, ended, entries } = await testVolume(t, folder);
  const file = newSegment(volume);
  t.equal(file.path, 'video/gate/main/2026-03-14/15-09-26-00000001.mp4');
  t.equal(await append(file, Buffer.from('head'), Buffer.from('....')), undefined);
  t.equal(await append(file, Buffer.from('fragment')), undefined);
  await file.finish({ moov: Buffer.from('moov'), patch: { offset: 4, bytes: Buffer.from('mdat') } }, SUMMARY);
  t.equal(await readFile(join(folder, file.path), 'latin1'), 'headmdatfragmentmoov');
  t.match(ended, [{ sequence: 1, end: 'closed', bytes: 16 }]);
  await volume.synced();
  t.same(
    entries.map(({ record }) => record.t),
    ['head', 'open', 'close'],
    'the catalogue hears of records that are stable',
  );
  t.same(await volume.stop(5000), { operations: 0, bytes: 0, segments: 0 });
  t.match(await journalRecords(folder), [
    { t: 'open', path: file.path },
    { t: 'close', sequence: 1, bytes: 20 },
  ]);
});

t.test('sequences go on after a restart, and a segment cut off by a stop stays open in the journal', async (t) => {
  const folder = await tempFolder(t);
  const first = await testVolume(t, folder);
  const file = newSegment(first.volume);
  await append(file, Buffer.from('torn'));
  await first.volume.stop(5000);
  t.match(first.ended, [{ end: 'abandoned', reason: 'stopped' }]);
  t.throws(() => newSegment(first.volume), { code: 'storage.closed' });
  const second = await testVolume(t, folder);
  t.equal(newSegment(second.volume).sequence, 2);
  // A caller's record may carry the number that it had elsewhere.
  const own = { ...SEGMENT, sequence: 99 };
  t.equal(second.volume.createSegment(own).sequence, 3);
});

t.test('a segment without a byte leaves neither a file nor an open record', async (t) => {
  const folder = await tempFolder(t);
  const { volume, ended } = await testVolume(t, folder);
  const file = newSegment(volume);
  await file.abandon('empty');
  t.match(ended, [{ end: 'discarded' }]);
  t.notOk(existsSync(join(folder, file.path)));
  await volume.stop(5000);
  t.match(await journalRecords(folder), [{ t: 'open' }, { t: 'delete', sequence: 1 }]);
});

t.test('what does not fit into the queue is refused and counted, and the file keeps a whole beginning', async (t) => {
  const folder = await tempFolder(t);
  const { volume, ended } = await testVolume(t, folder, { queueMaxBytes: 1000 });
  const file = newSegment(volume);
  const written = append(file, Buffer.alloc(800, 'a'));
  t.equal(
    file.append([Buffer.alloc(300, 'b')], () => t.fail('a refused append is not reported')),
    false,
  );
  t.same(volume.stats.refused, { items: 1, bytes: 300 });
  await written;
  t.equal(
    file.append([Buffer.from('c')], () => t.fail('a refused append is not reported')),
    false,
    'a file with a hole in its story takes no more',
  );
  await file.finish({ moov: Buffer.from('moov'), patch: { offset: 0, bytes: Buffer.from('x') } }, SUMMARY);
  t.match(ended, [{ end: 'closed' }]);
  t.equal(await readFile(join(folder, file.path), 'latin1'), `x${'a'.repeat(799)}moov`);
});

t.test(
  'deleting marks, syncs, removes the file and its empty folder, and records it; repeating is harmless',
  async (t) => {
    const folder = await tempFolder(t);
    const { volume } = await testVolume(t, folder, { removePauseMs: 0 });
    const files = [newSegment(volume), newSegment(volume)];
    for (const file of files) await append(file, Buffer.from('x'));
    await t.rejects(volume.deleteSegment(1, files[0]!.path), { code: 'box.bug' }, 'not while it is open');
    for (const file of files) await file.abandon('done');
    await volume.deleteSegment(1, files[0]!.path);
    await volume.deleteSegment(1, files[0]!.path);
    t.notOk(existsSync(join(folder, files[0]!.path)));
    t.ok(existsSync(join(folder, files[1]!.path)));
    await volume.deleteSegment(2, files[1]!.path);
    t.same(await readdir(join(folder, 'video/gate/main')), [], 'the folder of the date is gone');
    const next = newSegment(volume);
    t.equal(await append(next, Buffer.from('y')), undefined, 'and is made again when it is needed');
    await t.rejects(volume.deleteSegment(9, '../../etc/passwd'), { code: 'box.bug' });
    await t.rejects(volume.deleteSegment(9, files[1]!.path), { code: 'box.bug' }, 'the path is of another segment');
    await volume.stop(5000);
    const kinds = (await journalRecords(folder))
      .map(({ t }) => t)
      .filter((kind) => kind === 'mark' || kind === 'delete');
    t.same(kinds, ['mark', 'delete', 'mark', 'delete', 'mark', 'delete']);
  },
);

t.test('a deletion that is taken back keeps the file if it is there, and is carried on if not', async (t) => {
  const folder = await tempFolder(t);
  const { volume } = await testVolume(t, folder, { removePauseMs: 0 });
  const files = [newSegment(volume), newSegment(volume), newSegment(volume)];
  for (const file of files) await append(file, Buffer.from('x'));
  for (const file of files) await file.abandon('done');
  const [first, second, third] = files as [SegmentFile, SegmentFile, SegmentFile];
  // Its mark is on the way to the disk, and its file has not gone.
  const removing = volume.deleteSegment(1, first.path);
  const kept = volume.keepSegment(1, first.path);
  await t.rejects(removing, { code: 'locks.keeps' });
  await kept;
  t.ok(existsSync(join(folder, first.path)));
  await volume.keepSegment(1, first.path);
  await rm(join(folder, second.path));
  await volume.keepSegment(2, second.path);
  await t.rejects(volume.keepSegment(3, second.path), { code: 'box.bug' });
  await volume.keepSegment(3, third.path);
  await volume.deleteSegment(3, third.path);
  t.notOk(existsSync(join(folder, third.path)), 'when its lock is gone it goes');
  await volume.stop(5000);
  const said = (await journalRecords(folder)).filter(({ t }) => ['mark', 'unmark', 'delete'].includes(t));
  t.match(said, [
    { t: 'mark', sequence: 1 },
    { t: 'unmark', sequence: 1 },
    { t: 'unmark', sequence: 1 },
    { t: 'delete', sequence: 2 },
    { t: 'unmark', sequence: 3 },
    { t: 'mark', sequence: 3 },
    { t: 'delete', sequence: 3 },
  ]);
});

for (const syncMode of ['volume', 'file'] as const) {
  t.test(`written data becomes stable without being asked for: mode ${syncMode}`, async (t) => {
    const folder = await tempFolder(t);
    const { volume } = await testVolume(t, folder, { syncMode });
    const file = newSegment(volume);
    await append(file, Buffer.alloc(100_000));
    await until(() => volume.stats.syncedBytes === 100_000);
    t.equal(volume.stats.unsyncedMs, 0);
    t.ok(volume.stats.syncs.count >= 1);
    t.equal(volume.stats.syncMode, syncMode);
  });
}

t.test('a feeder that dies is replaced', async (t) => {
  const folder = await tempFolder(t);
  const { volume, states } = await testVolume(t, folder);
  const file = newSegment(volume);
  await append(file, Buffer.alloc(1000));
  await volume.synced();
  const [feeder] = await childrenOf('find');
  process.kill(feeder!, 'SIGKILL');
  await append(file, Buffer.alloc(1000));
  await volume.synced();
  t.equal(volume.stats.syncedBytes, 2000);
  t.equal(volume.stats.syncMode, 'volume');
  t.same(states, []);
  await volume.stop(5000);
  t.same(await childrenOf('find'), [], 'and ends with the volume');
});

t.test('appends of many files keep their order, and each is one write call', async (t) => {
  const folder = await tempFolder(t);
  const { volume } = await testVolume(t, folder);
  const files = ['a', 'b', 'c', 'd', 'e'].map((camera) => newSegment(volume, camera));
  await Promise.all(files.map((file) => append(file, Buffer.from('begin'))));
  const trace = await traceWrites(t);
  const appends: Promise<BoxError | undefined>[] = [];
  for (let index = 0; index < 20; index++) {
    for (const file of files) appends.push(append(file, Buffer.from(`<${index}`), Buffer.from('>')));
  }
  t.ok((await Promise.all(appends)).every((error) => error === undefined));
  const expected = `begin${Array.from({ length: 20 }, (_, index) => `<${index}>`).join('')}`;
  for (const file of files) t.equal(await readFile(join(folder, file.path), 'latin1'), expected);
  if (!trace) return;
  const calls = (await trace()).filter((line) => /pwritev2?\(/.test(line));
  t.equal(calls.length, 100, 'one call for each append');
});

t.test('a file name that is taken is never written over', async (t) => {
  const folder = await tempFolder(t);
  const { volume, ended } = await testVolume(t, folder);
  await mkdir(join(folder, 'video/gate/main/2026-03-14'), { recursive: true });
  const taken = join(folder, 'video/gate/main/2026-03-14/15-09-26-00000001.mp4');
  await writeFile(taken, 'old footage');
  const file = newSegment(volume);
  t.match(await append(file, Buffer.from('new')), { code: 'storage.corrupt' });
  await file.abandon('failed');
  t.match(ended, [{ end: 'suspect', reason: 'storage.corrupt' }]);
  t.equal(await readFile(taken, 'utf8'), 'old footage');
  t.equal(volume.state, 'ready', 'the disk is not to blame');
  t.equal((await stat(taken)).size, 11);
});

/** Process ids of our children of that name. */
async function childrenOf(name: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    const [, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    if (text.includes(`(${name})`) && Number(parent) === process.pid) found.push(Number(pid));
  }
  return found;
}

/** Watches this process's positioned writes from outside; undefined where that is not possible. */
async function traceWrites(t: { comment(text: string): void }): Promise<(() => Promise<string[]>) | undefined> {
  if (!existsSync('/usr/bin/strace') || process.getuid?.() !== 0) {
    t.comment('strace or root is missing: calls are not counted');
    return undefined;
  }
  const strace: ChildProcess = spawn('/usr/bin/strace', [
    '-f',
    '-e',
    'trace=pwritev,pwritev2,pwrite64',
    '-p',
    String(process.pid),
  ]);
  let text = '';
  strace.stderr!.setEncoding('utf8');
  strace.stderr!.on('data', (more: string) => (text += more));
  await until(() => text.includes('attached'));
  return async () => {
    strace.kill('SIGINT');
    await new Promise((resolve) => strace.once('close', resolve));
    return text.split('\n').filter((line) => line.includes('>'));
  };
}
