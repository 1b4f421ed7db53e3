import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { BoxError } from '../../base/index.ts';
import { readSegment } from '../../media/index.ts';
import type { RandomReader, SegmentIndex, TrackIndex } from '../../media/index.ts';
import type { SegmentInfo } from '../catalogue/catalogue-types.ts';
import { fileReader } from './segment-mending.ts';
import { parseSegmentPath } from '../volume/segment-place.ts';
import type { FindingCode } from './verify-findings.ts';
import { errnoOf } from '../volume/volume-io.ts';

export type Note = (code: FindingCode, detail?: Record<string, unknown>) => void;

/** Time stamps go through whole ticks and whole microseconds. */
const TIME_TOLERANCE_US = 2000;
const LENGTH_BYTES = 4;
const READ_BYTES = 4 << 20;

/** A file of a volume, to be read and then closed. */
export interface OpenFile {
  readonly reader: RandomReader;
  close(): Promise<void> | void;
}

/** Opens a file by its path. Rejects with the file system's error. */
export async function openPlain(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r');
  return { reader: await fileReader(handle), close: () => handle.close() };
}

export interface FileCheck {
  /** Reads all media, and compares the whole file with its seal. */
  readonly deep: boolean;
  /** SHA-256 that its seal tells, hexadecimal. */
  readonly sealed?: string | undefined;
  /** Opens the file. */
  open(): Promise<OpenFile>;
}

/**
 * Checks the file of a closed segment against what the journal says of it: size, identity, that it is a finished MP4 whose
 * samples lie in its media (readSegment proves that), its times, and its first picture. `deep` reads all media.
 */
export async function verifyFile(expected: SegmentInfo, check: FileCheck, note: Note): Promise<void> {
  let file: OpenFile | undefined;
  try {
    file = await check.open();
    const { reader } = file;
    if (check.deep && check.sealed !== undefined) await checkSeal(reader, check.sealed, note);
    if (reader.size !== expected.bytes) note('file.size', { journal: expected.bytes, file: reader.size });
    const index = await readSegment(reader);
    checkIdentity(index, expected, note);
    if (index.state !== 'finished') note('file.unfinished', { state: index.state });
    checkTimes(index, expected, note);
    checkFirstPicture(index, note);
    if (check.deep) for (const track of index.tracks) await checkMedia(reader, track, note);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') note('file.missing');
    else if (error instanceof BoxError) note('file.structure', { code: error.code, ...error.context });
    else note('file.unreadable', { errno: errnoOf(error), reason: String(error) });
  } finally {
    await file?.close();
  }
}

async function checkSeal(reader: RandomReader, sealed: string, note: Note): Promise<void> {
  const hash = createHash('sha256');
  for (let offset = 0; offset < reader.size; offset += READ_BYTES) hash.update(await reader.read(offset, READ_BYTES));
  const found = hash.digest('hex');
  if (found !== sealed) note('seal.broken', { sealed, found });
}

function checkIdentity({ identity }: SegmentIndex, expected: SegmentInfo, note: Note): void {
  const { sequence, camera, stream, boot, run } = expected;
  const place = parseSegmentPath(expected.path);
  const wanted = { sequence, camera, stream, boot, run, startsWithKey: expected.startsWithKey };
  for (const [field, value] of Object.entries(wanted)) {
    const found = identity[field as keyof typeof wanted];
    if (found !== value) note('file.identity', { field, expected: value, found });
  }
  const isUntrusted = identity.clock === 'untrusted';
  if (isUntrusted !== expected.untrusted) note('file.identity', { field: 'clock', found: identity.clock });
  const secondUs = Math.floor(identity.startWallUs / 1_000_000) * 1_000_000;
  if (place?.secondUs !== secondUs) note('file.identity', { field: 'startWallUs', found: identity.startWallUs });
}

function checkTimes(index: SegmentIndex, expected: SegmentInfo, note: Note): void {
  // An anchor moves what the catalogue says and not what the file says; the length stays.
  const lengthUs = index.endWallUs - index.identity.startWallUs;
  const expectedUs = expected.endUs - expected.startUs;
  if (Math.abs(lengthUs - expectedUs) > TIME_TOLERANCE_US)
    note('file.duration', { journal: expectedUs, file: lengthUs });
}

function checkFirstPicture(index: SegmentIndex, note: Note): void {
  const { lead } = index;
  if (!lead) return;
  const startsWithKey = lead.key[0] === 1;
  if (startsWithKey !== index.identity.startsWithKey) note('file.key', { file: startsWithKey });
}

/** Every picture is a chain of NAL units behind their lengths that fills it exactly. */
async function checkMedia(reader: RandomReader, track: TrackIndex, note: Note): Promise<void> {
  let chunk: Buffer = Buffer.alloc(0);
  let chunkAt = 0;
  for (let sample = 0; sample < track.count; sample++) {
    const offset = track.offset[sample]!;
    const size = track.size[sample]!;
    if (offset < chunkAt || offset + size > chunkAt + chunk.length) {
      chunk = await reader.read(offset, Math.max(size, READ_BYTES));
      chunkAt = offset;
    }
    const bytes = chunk.subarray(offset - chunkAt, offset - chunkAt + size);
    if (bytes.length === size && (track.format.kind === 'audio' || isNalChain(bytes))) continue;
    note('file.media', { track: track.id, sample, offset });
    return;
  }
}

function isNalChain(bytes: Buffer): boolean {
  let at = 0;
  while (at + LENGTH_BYTES < bytes.length) {
    const length = bytes.readUInt32BE(at);
    const header = at + LENGTH_BYTES;
    // The forbidden zero bit of both codecs' NAL unit headers (ITU-T H.264 7.3.1, H.265 7.3.1.2).
    if (length === 0 || bytes[header]! & 0x80) return false;
    at = header + length;
  }
  return at === bytes.length;
}
