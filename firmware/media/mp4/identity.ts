import { BoxError } from '../../base/index.ts';
import { box, measure, serialise, u8, type Part } from './boxes.ts';

/** Who recorded this file, when, and as what: enough to rebuild the catalogue from the disks alone (invariant S2). */
export interface SegmentIdentity {
  /** UUID of the box. */
  readonly box: string;
  readonly camera: string;
  readonly stream: string;
  /** UUID of the boot: ties runs recorded before the first trusted clock to the anchor that comes later. */
  readonly boot: string;
  /** UUID of the connection to the camera; media times of one run are on one timeline. */
  readonly run: string;
  readonly sequence: number;
  /** UTC microseconds of the first picture (of the first sound in a file without pictures). */
  readonly startWallUs: number;
  /** Monotonic microseconds of the same instant. */
  readonly startMonoUs: number;
  readonly clock: 'trusted' | 'untrusted';
  readonly startsWithKey: boolean;
  /** Recorded because something happened; absent: it would have been recorded anyway. */
  readonly class?: 'event';
  /** Name of the camera, for people. */
  readonly title?: string;
}

/** What is in the private box: the identity, what else is worth keeping, and fields of later versions as they are. */
export interface StoredIdentity {
  readonly identity: SegmentIdentity;
  /** AudioFormat.source of the sound. */
  readonly audioSource?: string;
  /** Fields that this version does not know. */
  readonly unknown: Readonly<Record<string, unknown>>;
}

/** Type of the private box with the identity (ISO/IEC 14496-12 section 11.1). */
const IDENTITY_UUID = Buffer.from('1d6e0c0a52f94c8e9b7f495056530001', 'hex');

/** Fields may be added to the JSON without a new version; a reader refuses versions that it does not know. */
const VERSION = 1;
/** 8 header + 16 UUID + 1 version. */
const FIXED_BYTES = 25;
/** Longer ones are not written by this firmware. */
const MAX_BYTES = 16384;

const STRINGS = ['box', 'camera', 'stream', 'boot', 'run'] as const;
const INTEGERS = ['sequence', 'startWallUs', 'startMonoUs'] as const;
const KNOWN = new Set<string>([...STRINGS, ...INTEGERS, 'clock', 'startsWithKey', 'class', 'title', 'audioSource']);

/** The private box, padded with spaces so that it ends at a multiple of 16 when it begins at `start`. */
export function identityBox(identity: SegmentIdentity, audioSource: string | undefined, start: number): Buffer {
  const json = Buffer.from(JSON.stringify({ ...identity, audioSource }), 'utf8');
  const bare = box('uuid', IDENTITY_UUID, u8(VERSION), json);
  const surplus = (start + measure(bare)) % 16;
  const padding: Part = Buffer.alloc(surplus === 0 ? 0 : 16 - surplus, ' ');
  const bytes = serialise({ ...bare, parts: [...bare.parts, padding] });
  if (bytes.length > MAX_BYTES) throw new BoxError('box.bug', { where: 'mp4.identity', bytes: bytes.length });
  return bytes;
}

/** @throws BoxError mp4.not-ours for another uuid box, mp4.damaged if it cannot be understood. */
export function parseIdentity(whole: Buffer): StoredIdentity {
  if (whole.length < FIXED_BYTES || !whole.subarray(8, 24).equals(IDENTITY_UUID)) throw new BoxError('mp4.not-ours');
  if (whole.length > MAX_BYTES) throw new BoxError('mp4.damaged', { what: 'identity', bytes: whole.length });
  const version = whole[24];
  if (version !== VERSION) throw new BoxError('mp4.not-ours', { version });
  return check(readJson(whole.subarray(FIXED_BYTES)));
}

function readJson(bytes: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch (cause) {
    throw new BoxError('mp4.damaged', { what: 'identity' }, { cause });
  }
  throw new BoxError('mp4.damaged', { what: 'identity' });
}

function check(fields: Record<string, unknown>): StoredIdentity {
  const bad = (field: string): never => {
    throw new BoxError('mp4.damaged', { what: 'identity', field });
  };
  for (const field of STRINGS) if (typeof fields[field] !== 'string') bad(field);
  for (const field of INTEGERS) if (!Number.isSafeInteger(fields[field])) bad(field);
  if (fields.clock !== 'trusted' && fields.clock !== 'untrusted') bad('clock');
  if (typeof fields.startsWithKey !== 'boolean') bad('startsWithKey');
  if (fields.title !== undefined && typeof fields.title !== 'string') bad('title');
  const { audioSource } = fields;
  // A class of a later version is no reason to give up the footage.
  const isKnown = ([key, value]: [string, unknown]): boolean =>
    KNOWN.has(key) && (key !== 'class' || value === 'event');
  const own = Object.entries(fields).filter((entry) => isKnown(entry) && entry[0] !== 'audioSource');
  return {
    identity: Object.fromEntries(own) as unknown as SegmentIdentity,
    ...(typeof audioSource === 'string' ? { audioSource } : {}),
    unknown: Object.fromEntries(Object.entries(fields).filter((entry) => !isKnown(entry))),
  };
}

/**
 * The same box for a copy of the file under another sequence, exactly as long, so that nothing behind it moves. The title is given
 * up where the longer number needs its room.
 * @throws BoxError mp4.not-ours, mp4.damaged as `parseIdentity`; mp4.no-room if the number does not fit even so.
 */
export function renumberedIdentity(whole: Buffer, sequence: number): Buffer {
  parseIdentity(whole);
  const fields = readJson(whole.subarray(FIXED_BYTES));
  const room = whole.length - FIXED_BYTES;
  for (const given of [fields, { ...fields, title: undefined }]) {
    const json = Buffer.from(JSON.stringify({ ...given, sequence }), 'utf8');
    if (json.length > room) continue;
    const bytes = Buffer.alloc(whole.length, ' ');
    whole.copy(bytes, 0, 0, FIXED_BYTES);
    json.copy(bytes, FIXED_BYTES);
    return bytes;
  }
  throw new BoxError('mp4.no-room', { sequence, bytes: room });
}
