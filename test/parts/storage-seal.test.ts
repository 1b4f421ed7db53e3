import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyVolume, type FindingCode } from '../../firmware/storage/index.ts';
import { CheckJob } from '../../firmware/storage/jobs/check-job.ts';
import { compactJournal } from '../../firmware/storage/journal/journal-compaction.ts';
import { encodeRecord, type JournalRecord, type SealRecord } from '../../firmware/storage/journal/journal.ts';
import { SealBook, sealChain } from '../../firmware/storage/jobs/seal.ts';
import { Sealer } from '../../firmware/storage/jobs/sealer.ts';
import { CopyingLab, FAST, SEALING } from '../support/copying-lab.ts';
import { BOX, journalRecords } from '../support/volumes.ts';

const { signal } = new AbortController();

async function seal(lab: CopyingLab): Promise<number> {
  const sealed = await new Sealer(SEALING, lab.ports, () => undefined, signal).round();
  await lab.settled();
  return sealed;
}

async function sealsOf(folder: string): Promise<SealRecord[]> {
  return (await journalRecords(folder)).filter((record): record is SealRecord => record.t === 'seal');
}

/** A stopped volume with three sealed segments. */
async function sealedVolume(t: Test): Promise<{ folder: string; paths: string[] }> {
  const lab = await CopyingLab.start(t, ['disk']);
  await lab.recordMany('disk', 3);
  await seal(lab);
  const paths = (await lab.list()).map(({ path }) => path);
  await lab.stop();
  return { folder: join(lab.root, 'disk'), paths };
}

async function findings(folder: string): Promise<{ code: FindingCode; path?: string }[]> {
  const report = await verifyVolume({ folder, box: BOX, deep: true, signal });
  return report.findings.map(({ code, path }) => (path === undefined ? { code } : { code, path }));
}

t.test('every closed file is sealed once, in one chain, also over starts', async (t) => {
  const lab = await CopyingLab.start(t, ['disk']);
  await lab.recordMany('disk', 3);
  t.equal(await seal(lab), 3);
  t.equal(await seal(lab), 0);
  await lab.stop();
  const again = await CopyingLab.start(t, ['disk'], lab.root);
  await again.recordMany('disk', 2, { startUs: 1_790_000_100_000_000 });
  t.equal(await seal(again), 2);
  const seals = await sealsOf(again.disk('disk').folder);
  t.same(
    seals.map(({ sequence, after }) => [sequence, after]),
    [
      [1, 0],
      [2, 1],
      [3, 2],
      [4, 3],
      [5, 4],
    ],
  );
  t.same(
    seals.map(({ chain }) => chain),
    seals.map(({ sequence, sha256 }, index) => sealChain(seals[index - 1]?.chain ?? '', sequence, sha256)),
  );
  await again.stop();
  t.same(await findings(join(lab.root, 'disk')), []);
});

t.test('a flipped byte is found and named, even where no picture shows it', async (t) => {
  const { folder, paths } = await sealedVolume(t);
  const path = join(folder, paths[1]!);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('mdat', 2000) + 40]! ^= 1;
  writeFileSync(path, bytes);
  t.same(await findings(folder), [{ code: 'seal.broken', path: paths[1] }]);
});

t.test('a file in the place of another is found and named', async (t) => {
  const { folder, paths } = await sealedVolume(t);
  const [one, two] = paths.map((path) => join(folder, path)) as [string, string];
  renameSync(one, `${one}.held`);
  writeFileSync(one, readFileSync(two));
  rmSync(`${one}.held`);
  const found = await findings(folder);
  t.ok(found.some(({ code, path }) => code === 'seal.broken' && path === paths[0]));
});

t.test('a file that is gone is found and named', async (t) => {
  const { folder, paths } = await sealedVolume(t);
  rmSync(join(folder, paths[2]!));
  t.same(await findings(folder), [{ code: 'file.missing', path: paths[2] }]);
});

t.test('a seal that was changed to fit a changed file breaks the chain', async (t) => {
  const { folder } = await sealedVolume(t);
  const file = join(folder, 'journal/00000001.log');
  const forged = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const record = JSON.parse(line.slice(9)) as JournalRecord;
      const isOne = record.t === 'seal' && record.sequence === 2;
      return encodeRecord(isOne ? { ...record, sha256: '0'.repeat(64) } : record).toString();
    });
  writeFileSync(file, forged.join(''));
  t.ok((await findings(folder)).some(({ code }) => code === 'seal.chain'));
});

t.test('seals outlive a compaction as long as their segments', async (t) => {
  const { folder } = await sealedVolume(t);
  const before = await sealsOf(folder);
  const lab = await CopyingLab.start(t, ['disk'], join(folder, '..'));
  for (const { sequence, path } of (await lab.list()).slice(0, 2)) {
    await lab.disk('disk').volume.deleteSegment(sequence, path);
  }
  await lab.recordMany('disk', 1, { startUs: 1_790_000_100_000_000 });
  await seal(lab);
  await lab.stop();
  const living = (sequences: number[]): Set<number> => new Set(sequences.filter((each) => each > 2));
  const { merged } = await compactJournal(join(folder, 'journal'), { before: 2, living, wallUs: () => 1 });
  t.same(merged, [1]);
  const after = await sealsOf(folder);
  t.same(
    after.map(({ sequence }) => sequence),
    [3, 4],
  );
  t.same(after[0], before[2]);
  t.same(await findings(folder), []);
});

t.test('a chain is judged as far as it is there', (t) => {
  const seals = (sequences: number[]): SealRecord[] => {
    let chain = '';
    let after = 0;
    return sequences.map((sequence) => {
      const sha256 = sequence.toString(16).padStart(64, '0');
      chain = sealChain(chain, sequence, sha256);
      const record: SealRecord = { t: 'seal', sequence, sha256, after, chain };
      after = sequence;
      return record;
    });
  };
  const judged = (records: SealRecord[]): boolean[] => {
    const book = new SealBook();
    return records.map((record) => book.add(record));
  };
  const all = seals([1, 2, 3, 4]);
  t.same(judged(all), [true, true, true, true]);
  t.same(judged(all.slice(2)), [true, true], 'the front is gone with its segments');
  t.same(judged([all[0]!, all[1]!, ...seals([9])]), [true, true, false], 'nobody begins a second chain');
  t.same(judged([all[0]!, all[1]!, { ...all[1]!, sequence: 7, after: 1 }]), [true, true, false]);
  t.end();
});

t.test('a volume that is in use is checked in the background', async (t) => {
  const lab = await CopyingLab.start(t, ['disk']);
  await lab.recordMany('disk', 3);
  await seal(lab);
  const { id: volume, folder } = lab.disk('disk');
  const check = (deep: boolean): CheckJob => new CheckJob({ volume, folder, deep, ...FAST }, lab.ports, signal);
  t.match(await check(true).run(), { state: 'done', segments: 3, of: 3, findings: {}, listed: [] });
  const [one, two] = await lab.list();
  const path = join(folder, one!.path);
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('mdat', 2000) + 40]! ^= 1;
  writeFileSync(path, bytes);
  rmSync(join(folder, two!.path));
  t.match(await check(false).run(), { state: 'done', findings: { 'file.missing': 1 }, listed: [{ path: two!.path }] });
  t.match(await check(true).run(), { findings: { 'file.missing': 1, 'seal.broken': 1 } });
});

t.test('files of a disk that is away are not missing', async (t) => {
  const lab = await CopyingLab.start(t, ['disk']);
  await lab.recordMany('disk', 3);
  const { id: volume, folder } = lab.disk('disk');
  const check = (): CheckJob => new CheckJob({ volume, folder, deep: false, ...FAST }, lab.ports, signal);
  renameSync(folder, `${folder}-away`);
  mkdirSync(folder);
  t.match(await check().run(), { state: 'failed', findings: {}, listed: [], error: { code: 'storage.not-mounted' } });
  rmdirSync(folder);
  renameSync(`${folder}-away`, folder);
  t.match(await check().run(), { state: 'done', segments: 3, findings: {} });
});
