import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  encodeRecord,
  journalFileName,
  journalFileNumber,
  parseLine,
  type JournalRecord,
} from '../../firmware/storage/journal/journal.ts';
import { JournalReader } from '../../firmware/storage/journal/journal-reader.ts';
import { parseSegmentPath } from '../../firmware/storage/volume/segment-place.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';
import { openRecord } from '../support/journal-folder.ts';
import type { FuzzTarget } from './target.ts';

const OPEN = openRecord(7);
const RECORDS: readonly JournalRecord[] = [
  { t: 'head', lastSequence: 6, open: [openRecord(5), openRecord(6, 'yard')], begunUs: 1_760_000_000_000_000 },
  OPEN,
  { t: 'close', sequence: 7, endUs: 1_760_000_300_000_000, bytes: 9, frames: 3, keyFrames: 1, codec: 'avc1.640028' },
  { t: 'mark', sequence: 5 },
  { t: 'unmark', sequence: 5 },
  { t: 'delete', sequence: 5 },
  { t: 'gap', camera: 'gate', stream: 'main', startUs: 1, endUs: 2, reason: 'disk', boot: 'b' },
  { t: 'anchor', boot: 'b', offsetUs: -5 },
  { t: 'lock', lock: 'l', camera: 'gate', stream: 'main', fromUs: 1, toUs: 2, reason: 'r', untilUs: 9, atUs: 3 },
  { t: 'unlock', lock: 'l', atUs: 4 },
  { t: 'moved', sequence: 5, to: 'v', toSequence: 8 },
  { t: 'seal', sequence: 7, sha256: 'a'.repeat(64), after: 6, chain: 'b'.repeat(64) },
  { ...openRecord(8), class: 'event', origin: { volume: 'v', sequence: 3, suspect: true } },
];
const FILE = Buffer.concat(RECORDS.map(encodeRecord));
const BASE = encodeRecord({ t: 'head', lastSequence: 9, open: [OPEN], begunUs: 2, base: true });
/** Between the files of a folder, in the input. */
const CUT = Buffer.from('%%');

/** A checksum keeps nearly every mutated line out: here each line gets the right one, so that its fields are looked at. */
function signed(lines: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (const line of lines.toString('latin1').split('\n')) {
    const json = Buffer.from(line, 'latin1');
    parts.push(Buffer.from(`${crc32(json).toString(16).padStart(8, '0')} `), json, Buffer.from('\n'));
  }
  return Buffer.concat(parts);
}

function checkRecord(record: JournalRecord | 'bad' | 'unknown'): void {
  if (typeof record === 'string') return;
  const line = encodeRecord(record);
  assert.deepEqual(
    encodeRecord(parseLine(line.subarray(0, -1)) as JournalRecord),
    line,
    'what was read can be written',
  );
  if (record.t !== 'open') return;
  assert.ok(!record.path.includes('..') && !record.path.startsWith('/'), 'a path stays in the volume');
  const path = segmentPath(record, record.sequence);
  if (path !== undefined) assert.ok(parseSegmentPath(path), 'a path that is made can be read');
}

/** In memory where there is such a place: a million inputs are millions of files. */
const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of this process; each input leaves it empty. */
let folder: string | undefined;

function journalFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(ROOM, 'ipvs-fuzz-'));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  for (const name of readdirSync(folder)) rmSync(join(folder, name));
  return folder;
}

async function readFolder(input: Buffer): Promise<void> {
  const path = journalFolder();
  let from = 0;
  for (let file = 1; file <= 3 && from <= input.length; file++) {
    const cut = input.indexOf(CUT, from);
    const end = cut < 0 ? input.length : cut;
    writeFileSync(join(path, journalFileName(file)), input.subarray(from, end));
    from = end + CUT.length;
  }
  const reader = new JournalReader(path);
  const tail = await reader.readTail();
  let last: { file: number; offset: number } | undefined;
  for await (const { entries, end } of reader.read()) {
    for (const { at, endOffset } of entries) {
      const behind = last === undefined || at.file > last.file || at.offset === last.offset || at.offset === 0;
      assert.ok(behind && endOffset > at.offset, 'lines follow each other');
      last = { file: at.file, offset: endOffset };
    }
    assert.ok(end.offset >= 0);
  }
  assert.ok(tail.open.every(({ t }) => t === 'open'));
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'storage: journal line',
    seeds: () => RECORDS.map((record) => encodeRecord(record).subarray(0, -1)),
    run: (input) => checkRecord(parseLine(input)),
  },
  {
    name: 'storage: journal line with a right sum',
    seeds: () => RECORDS.map((record) => Buffer.from(JSON.stringify(record))),
    run: (input) =>
      checkRecord(
        parseLine(signed(Buffer.from(input.toString('latin1').replaceAll('\n', ' '), 'latin1')).subarray(0, -1)),
      ),
  },
  {
    name: 'storage: journal folder',
    seeds: () => [FILE, Buffer.concat([FILE, CUT, FILE, CUT, BASE]), Buffer.concat([FILE, CUT, BASE, FILE])],
    run: readFolder,
  },
  {
    name: 'storage: names',
    seeds: () => [Buffer.from('video/gate/main/2026-03-14/15-09-26-00000007.mp4'), Buffer.from('00000012.log')],
    run: (input) => {
      const text = input.toString('utf8');
      const number = journalFileNumber(text);
      if (number !== undefined) assert.ok(Number.isSafeInteger(number) && number >= 0, 'a number of a file');
      const place = parseSegmentPath(text);
      if (place) assert.ok(!text.includes('..') && text.startsWith('video/'));
    },
  },
];
