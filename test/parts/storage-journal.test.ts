import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { compactJournal } from '../../firmware/storage/journal/journal-compaction.ts';
import { JournalReader } from '../../firmware/storage/journal/journal-reader.ts';
import { journalFileName } from '../../firmware/storage/journal/journal.ts';
import type { JournalRecord } from '../../firmware/storage/journal/journal.ts';
import { JournalFolder, openRecord } from '../support/journal-folder.ts';

async function readAll(folder: string): Promise<{ records: JournalRecord[]; damage: string[] }> {
  const records: JournalRecord[] = [];
  const damage: string[] = [];
  for await (const batch of new JournalReader(folder).read()) {
    records.push(...batch.entries.map(({ record }) => record));
    if (batch.damage) damage.push(`${batch.damage.kind} ${batch.damage.file}`);
  }
  return { records, damage };
}

/** The segments that a journal leaves, as a rebuild would. */
async function living(folder: string): Promise<number[]> {
  const alive = new Set<number>();
  for (const record of (await readAll(folder)).records) {
    if (record.t === 'open') alive.add(record.sequence);
    if (record.t === 'delete') alive.delete(record.sequence);
  }
  return [...alive].sort((a, b) => a - b);
}

t.test('a folder that is not there', async (t) => {
  const tail = await new JournalReader(join(t.testdir(), 'none')).readTail();
  t.match(tail, { missing: true, lastFile: 0, lastSequence: 0, open: [] });
});

t.test('the newest file is enough to go on', async (t) => {
  const folder = t.testdir();
  const journal = await JournalFolder.start(folder, { fileBytes: 2000 });
  for (let sequence = 1; sequence <= 30; sequence++) {
    journal.append(openRecord(sequence));
    if (sequence % 10 !== 0) {
      journal.append({ t: 'close', sequence, endUs: 5, bytes: 1, frames: 1, keyFrames: 1, codec: 'x' });
    }
  }
  const names = readdirSync(folder).sort();
  t.ok(names.length > 3);
  for (const name of names.slice(0, -1)) writeFileSync(join(folder, name), 'not to be read');
  const tail = await new JournalReader(folder).readTail();
  t.equal(tail.lastSequence, 30);
  t.same(
    tail.open.map(({ sequence }) => sequence),
    [10, 20, 30],
  );
  t.notOk(tail.missing);
});

t.test('a tail cut at any byte: nothing before it is lost, nothing is appended behind it', async (t) => {
  const whole = t.testdir({ whole: {} });
  const journal = await JournalFolder.start(join(whole, 'whole'));
  journal.segment(1);
  journal.append(openRecord(2));
  const file = join(whole, 'whole', journalFileName(1));
  const size = readFileSync(file).length;
  const lastLine = readFileSync(file, 'latin1').lastIndexOf('\n', size - 2) + 1;
  for (let cut = lastLine; cut < size; cut += 13) {
    const folder = join(whole, `cut-${cut}`);
    cpSync(join(whole, 'whole'), folder, { recursive: true });
    truncateSync(join(folder, journalFileName(1)), cut);
    const tail = await new JournalReader(folder).readTail();
    t.equal(tail.lastSequence, 1, `cut at ${cut}`);
    t.equal(tail.damage.length, cut === lastLine ? 0 : 1);
    const next = await JournalFolder.start(folder);
    next.segment(2);
    t.same(await living(folder), [1, 2]);
    t.same(readdirSync(folder), [journalFileName(1), journalFileName(2)], 'a new file was begun');
  }
});

t.test('garbage in the middle is told from a torn tail', async (t) => {
  const folder = t.testdir();
  const journal = await JournalFolder.start(folder);
  for (let sequence = 1; sequence <= 5; sequence++) journal.segment(sequence);
  const path = join(folder, journalFileName(1));
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 0x40;
  writeFileSync(path, bytes);
  t.same((await readAll(folder)).damage, ['damaged 1']);
  const tail = await new JournalReader(folder).readTail();
  t.match(tail.damage, [{ kind: 'damaged', file: 1 }]);
  t.ok(tail.lastSequence >= 2);
});

t.test('garbage of all kinds behind the last line is a torn tail', async (t) => {
  for (const garbage of [
    '\n',
    '\0'.repeat(9000),
    'x'.repeat(600_000),
    'ffffffff {"t":"mark","sequence":1}\n',
    '\n\n\n',
  ]) {
    const folder = t.testdir();
    const journal = await JournalFolder.start(folder);
    journal.segment(1);
    appendFileSync(join(folder, journalFileName(1)), garbage);
    t.same((await readAll(folder)).damage, ['torn 1']);
    t.same(await living(folder), [1]);
    t.equal((await new JournalReader(folder).readTail()).lastSequence, 1);
  }
});

t.test('a newest file without a head is passed over', async (t) => {
  const folder = t.testdir();
  const journal = await JournalFolder.start(folder);
  journal.append(openRecord(3));
  writeFileSync(join(folder, journalFileName(2)), '');
  writeFileSync(join(folder, journalFileName(3)), 'torn head');
  const tail = await new JournalReader(folder).readTail();
  t.match(tail, { lastFile: 3, lastSequence: 3, missing: false });
  t.same(
    tail.open.map(({ sequence }) => sequence),
    [3],
  );
  const next = await JournalFolder.start(folder);
  next.append({ t: 'delete', sequence: 3 });
  t.ok(existsSync(join(folder, journalFileName(4))));
});

t.test('reading on from a place gives exactly the rest', async (t) => {
  const folder = t.testdir();
  const journal = await JournalFolder.start(folder, { fileBytes: 1500 });
  for (let sequence = 1; sequence <= 12; sequence++) journal.segment(sequence);
  const { entries } = journal;
  for (const [index, { at, endOffset }] of entries.entries()) {
    const rest: unknown[] = [];
    const from = { file: at.file, offset: endOffset };
    for await (const batch of new JournalReader(folder).read(from)) rest.push(...batch.entries);
    t.same(rest, entries.slice(index + 1), `behind record ${index}`);
  }
});

async function agingJournal(folder: string): Promise<Set<number>> {
  const journal = await JournalFolder.start(folder, { fileBytes: 3000 });
  for (let sequence = 1; sequence <= 40; sequence++) journal.segment(sequence);
  const alive = new Set([3, 12, ...Array.from({ length: 15 }, (_, index) => index + 26)]);
  for (let sequence = 1; sequence <= 25; sequence++) {
    if (alive.has(sequence)) continue;
    journal.append({ t: 'mark', sequence });
    journal.append({ t: 'delete', sequence });
  }
  journal.append({ t: 'gap', camera: 'cam-1', stream: 'main', startUs: 1, endUs: 2, reason: 'disk' });
  return alive;
}

t.test('compaction drops what is dead and keeps what is not, again and again', async (t) => {
  const folder = t.testdir();
  const alive = await agingJournal(folder);
  const before = Math.max(...(await new JournalReader(folder).files()));
  const filesBefore = readdirSync(folder).length;
  for (let round = 0; round < 10; round++) {
    await compactJournal(folder, {
      before,
      living: (asked) => new Set(asked.filter((one) => alive.has(one))),
      wallUs: () => 7,
    });
    t.same(
      await living(folder),
      [...alive].sort((a, b) => a - b),
    );
    const tail = await new JournalReader(folder).readTail();
    t.equal(tail.lastSequence, 40);
    t.same(tail.open, []);
  }
  t.ok(readdirSync(folder).length < filesBefore, 'fewer files');
  t.ok((await readAll(folder)).records.some(({ t }) => t === 'gap'));
});

t.test('compaction keeps the locks that are needed, and the ends of locks', async (t) => {
  const folder = t.testdir();
  const journal = await JournalFolder.start(folder, { fileBytes: 2000 });
  const lock = (id: string): void => {
    journal.append({ t: 'lock', lock: id, camera: 'cam-1', fromUs: 1, toUs: 2, reason: 'theft', atUs: 3 });
  };
  for (const id of ['holds', 'over', 'lifted']) lock(id);
  journal.append({ t: 'unlock', lock: 'lifted', atUs: 4 });
  for (let sequence = 1; sequence <= 40; sequence++) {
    journal.segment(sequence);
    journal.append({ t: 'delete', sequence });
  }
  const before = Math.max(...(await new JournalReader(folder).files()));
  const locks = async (): Promise<string[]> =>
    (await readAll(folder)).records.flatMap((record) => ('lock' in record ? `${record.t} ${record.lock}` : []));
  t.equal((await locks()).length, 4);
  for (let round = 0; round < 30; round++) {
    await compactJournal(folder, {
      before,
      living: () => new Set(),
      neededLocks: () => ({ locked: new Set(['holds']), lifted: new Set(['lifted']) }),
      wallUs: () => 7,
    });
  }
  t.same(await locks(), ['lock holds', 'unlock lifted'], 'although no segment of their files lives');
  t.ok((await new JournalReader(folder).files()).length < before / 2, 'and the files are gone');
});

t.test('a crash at any step of a compaction leaves the same segments', async (t) => {
  const root = t.testdir({ journal: {} });
  const folder = join(root, 'journal');
  const alive = await agingJournal(folder);
  cpSync(folder, join(root, 'original'), { recursive: true });
  const before = Math.max(...(await new JournalReader(folder).files()));
  const living_ = (asked: number[]) => new Set(asked.filter((one) => alive.has(one)));
  const report = await compactJournal(folder, { before, living: living_, wallUs: () => 7 });
  t.ok(report.merged.length > 0, 'something was merged');
  const base = journalFileName(report.merged.at(-1)!);
  const expected = [...alive].sort((a, b) => a - b);

  const torn = join(root, 'temporary');
  cpSync(join(root, 'original'), torn, { recursive: true });
  writeFileSync(join(torn, 'compaction.new'), readFileSync(join(folder, base)).subarray(0, 500));
  t.same(await living(torn), expected, 'with half a temporary file');

  const steps = join(root, 'steps');
  cpSync(join(root, 'original'), steps, { recursive: true });
  copyFileSync(join(folder, base), join(steps, base));
  t.same(await living(steps), expected, 'renamed, but the old files are still there');
  await compactJournal(steps, { before, living: living_, wallUs: () => 8 });
  t.same(await living(steps), expected);
  t.notOk(existsSync(join(steps, journalFileName(1))), 'the next compaction removes them');
});

t.test('a deletion in the base is not undone by the older files that a crash left', async (t) => {
  const root = t.testdir({ journal: {} });
  const folder = join(root, 'journal');
  const first = await JournalFolder.start(folder);
  for (let sequence = 1; sequence <= 8; sequence++) first.segment(sequence);
  const second = await JournalFolder.start(folder);
  for (const sequence of [2, 5]) second.append({ t: 'delete', sequence });
  for (let sequence = 9; sequence <= 20; sequence++) {
    second.segment(sequence);
    second.append({ t: 'delete', sequence });
  }
  (await JournalFolder.start(folder)).segment(21);
  const expected = [1, 3, 4, 6, 7, 8, 21];
  t.same(await living(folder), expected);
  cpSync(folder, join(root, 'left'), { recursive: true });
  const alive = (asked: number[]) => new Set(asked.filter((one) => expected.includes(one)));
  const report = await compactJournal(folder, { before: 3, living: alive, wallUs: () => 7 });
  t.same(report.merged, [1, 2]);
  t.same(await living(folder), expected);
  copyFileSync(join(folder, journalFileName(2)), join(root, 'left', journalFileName(2)));
  t.same(await living(join(root, 'left')), expected);
});
