import t from 'tap';
import { encodeRecord, journalFileName, journalFileNumber, parseLine } from '../../firmware/storage/journal/journal.ts';
import type { JournalRecord, OpenRecord } from '../../firmware/storage/journal/journal.ts';
import { JournalWriter } from '../../firmware/storage/journal/journal-writer.ts';

const open: OpenRecord = {
  t: 'open',
  sequence: 7,
  camera: 'yard-1',
  stream: 'main',
  startUs: 1_700_000_000_123_456,
  monoUs: 5_000_000,
  boot: 'b3b1f7d0-0000-4000-8000-000000000001',
  run: 'b3b1f7d0-0000-4000-8000-000000000002',
  clock: 'trusted',
  path: 'video/yard-1/main/2023-11-14/22-13-20-00000007.mp4',
  key: true,
};

const RECORDS: JournalRecord[] = [
  { t: 'head', lastSequence: 6, open: [open], begunUs: 1_700_000_000_000_000 },
  { t: 'head', lastSequence: 0, open: [], begunUs: 0, base: true },
  open,
  { t: 'close', sequence: 7, endUs: 1_700_000_300_000_000, bytes: 1, frames: 2, keyFrames: 1, codec: 'avc1.64001F' },
  { t: 'close', sequence: 8, endUs: -5, bytes: 0, frames: 0, keyFrames: 0, codec: '', suspect: true },
  { t: 'mark', sequence: 7 },
  { t: 'unmark', sequence: 7 },
  { t: 'delete', sequence: 7 },
  { t: 'gap', camera: 'yard-1', stream: 'sub', startUs: 1, endUs: 2, reason: 'restart' },
  { t: 'gap', camera: 'yard-1', stream: 'sub', startUs: 1, endUs: 2, reason: 'disk', boot: 'b' },
  { t: 'anchor', boot: 'b', offsetUs: -3 },
];

function body(line: Buffer): Buffer {
  return line.subarray(0, -1);
}

function lineOf(value: unknown): Buffer {
  return body(encodeRecord(value as JournalRecord));
}

t.test('every kind of record comes back as it went in', async (t) => {
  for (const record of RECORDS) {
    const line = encodeRecord(record);
    t.equal(line.at(-1), 0x0a);
    t.equal(line.indexOf(0x0a), line.length - 1, 'no newline inside');
    t.same(parseLine(body(line)), record);
  }
});

t.test('a line with any single bit turned is bad', async (t) => {
  const line = body(encodeRecord(RECORDS[3]!));
  for (let bit = 0; bit < line.length * 8; bit++) {
    const damaged = Buffer.from(line);
    damaged[bit >>> 3]! ^= 1 << (bit & 7);
    if (parseLine(damaged) !== 'bad') t.fail(`bit ${bit}`);
  }
  t.pass('all of them');
});

t.test('a line cut anywhere is bad', async (t) => {
  const line = body(encodeRecord(open));
  for (let length = 0; length < line.length; length++) {
    if (parseLine(line.subarray(0, length)) !== 'bad') t.fail(`${length} bytes`);
  }
  t.pass('all of them');
});

t.test('a kind from the future is passed over, a wrong field is not', async (t) => {
  t.equal(parseLine(lineOf({ t: 'hologram', digest: 'x' })), 'unknown');
  t.equal(parseLine(lineOf({ t: 'toString' })), 'unknown');
  t.equal(parseLine(lineOf({ ...open, sequence: 0 })), 'bad');
  t.equal(parseLine(lineOf({ ...open, sequence: 1.5 })), 'bad');
  t.equal(parseLine(lineOf({ ...open, clock: 'perhaps' })), 'bad');
  t.equal(parseLine(lineOf({ ...open, camera: '../x' })), 'bad');
  t.equal(parseLine(lineOf({ t: 'head', lastSequence: 1, open: [{ ...open, t: 'close' }], begunUs: 0 })), 'bad');
  for (const path of [
    '/etc/passwd',
    'video/../../x',
    'video/a//b',
    'video',
    'other/a',
    'video/a/.hidden',
    'video/a..b',
  ]) {
    t.equal(parseLine(lineOf({ ...open, path })), 'bad', path);
  }
  for (const value of [null, 5, 'x', [], {}, { t: 5 }]) t.equal(parseLine(lineOf(value)), 'bad');
});

t.test('file names', async (t) => {
  t.equal(journalFileName(12), '00000012.log');
  t.equal(journalFileNumber('00000012.log'), 12);
  t.equal(journalFileNumber('123456789.log'), 123_456_789);
  for (const name of ['compaction.new', '1.log', '00000012.log.bak', 'inventory-needed', '99999999999999999999.log']) {
    t.equal(journalFileNumber(name), undefined, name);
  }
});

t.test(
  'the writer begins a file at the first event and past the limit, with all that is open in its head',
  async (t) => {
    const files = new Map<number, Buffer[]>();
    let current = 0;
    const sink = {
      begin: (file: number) => {
        t.notOk(files.has(file));
        files.set((current = file), []);
      },
      append: (line: Buffer) => void files.get(current)!.push(line),
    };
    const start = { lastFile: 4, lastSequence: 6, open: [open] };
    const head: JournalRecord = { t: 'head', lastSequence: 6, open: [open], begunUs: 99 };
    const fileBytes = encodeRecord(head).length + encodeRecord({ ...open, sequence: 9 }).length + 1;
    const writer = new JournalWriter(start, sink, { wallUs: () => 99, fileBytes });
    t.equal(files.size, 0, 'nothing before the first event');

    const first = writer.append({ ...open, sequence: 9 });
    t.same(first[0]?.record, head);
    t.same(first[0]?.at, { file: 5, offset: 0 });
    t.same(first[1]?.at, { file: 5, offset: first[0]?.endOffset });

    writer.append({ t: 'close', sequence: 7, endUs: 1, bytes: 1, frames: 1, keyFrames: 1, codec: 'x' });
    const next = writer.append({ t: 'mark', sequence: 3 });
    t.same(next[0]?.record, { t: 'head', lastSequence: 9, open: [{ ...open, sequence: 9 }], begunUs: 99 });
    t.same([...files.keys()], [5, 6]);
    const lines = Buffer.concat(files.get(6)!);
    t.equal(next.at(-1)?.endOffset, lines.length, 'places are those of the bytes');
  },
);
