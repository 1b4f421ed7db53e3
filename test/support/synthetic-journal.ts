import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, JOURNAL_FILE_BYTES, journalFileName } from '../../firmware/storage/journal/journal.ts';
import type { JournalRecord, OpenRecord } from '../../firmware/storage/journal/journal.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';

export interface SyntheticOptions {
  segments: number;
  cameras: number;
  startUs: number;
  /** Length of each segment; cameras are staggered by equal parts of it. */
  segmentUs: number;
}

/** The records of a volume that recorded all cameras without a pause, in the order in which a box writes them. */
export function* syntheticRecords(options: SyntheticOptions): Generator<Exclude<JournalRecord, { t: 'head' }>> {
  const { segments, cameras, startUs, segmentUs } = options;
  const boot = '8a4f2b52-6d0a-4c59-9d5e-8e0b7c1f0001';
  const open: OpenRecord[] = [];
  for (let sequence = 1; sequence <= segments + cameras; sequence++) {
    const index = (sequence - 1) % cameras;
    const round = Math.floor((sequence - 1) / cameras);
    const camera = `cam-${String(index + 1).padStart(2, '0')}`;
    const segmentStartUs = startUs + round * segmentUs + Math.floor((index * segmentUs) / cameras);
    const last = open[index];
    if (last) {
      const bytes = 150_000_000 + ((sequence * 7919) % 1_000_000);
      const endUs = segmentStartUs;
      yield { t: 'close', sequence: last.sequence, endUs, bytes, frames: 7500, keyFrames: 150, codec: 'avc1.640028' };
    }
    if (sequence > segments) continue;
    open[index] = {
      t: 'open',
      sequence,
      camera,
      stream: 'main',
      startUs: segmentStartUs,
      monoUs: segmentStartUs - startUs,
      boot,
      run: `8a4f2b52-6d0a-4c59-9d5e-${String(index).padStart(12, '0')}`,
      clock: 'trusted',
      path: segmentPath({ camera, stream: 'main', startUs: segmentStartUs }, sequence)!,
      key: true,
    };
    yield open[index];
  }
}

/** Writes those records as journal files. Resolves with the bytes written. */
export async function writeSyntheticJournal(folder: string, options: SyntheticOptions): Promise<number> {
  await mkdir(folder, { recursive: true });
  const open = new Map<number, OpenRecord>();
  let total = 0;
  let file = 0;
  let lastSequence = 0;
  let lines: Buffer[] = [];
  let bytes = 0;
  const add = (record: JournalRecord) => {
    const line = encodeRecord(record);
    lines.push(line);
    bytes += line.length;
  };
  const flush = async () => {
    if (lines.length === 0) return;
    await writeFile(join(folder, journalFileName(++file)), Buffer.concat(lines));
    total += bytes;
    lines = [];
    bytes = 0;
  };
  for (const record of syntheticRecords(options)) {
    if (bytes === 0) add({ t: 'head', lastSequence, open: [...open.values()], begunUs: options.startUs + file });
    add(record);
    if (record.t === 'open') {
      open.set(record.sequence, record);
      lastSequence = record.sequence;
    } else if (record.t === 'close') {
      open.delete(record.sequence);
    }
    if (bytes >= JOURNAL_FILE_BYTES) await flush();
  }
  await flush();
  return total;
}
