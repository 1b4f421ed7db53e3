import { crc32 } from 'node:zlib';

/**
 * ZIP archives of stored files (APPNOTE.TXT 6.3.9 of PKWARE), written in one go: sizes are known before, the check sum of a file stands
 * behind it (data descriptor). What needs more than 32 bits has the ZIP64 extra field.
 */
export interface ZipEntry {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedMs: number;
}

const UTF8_AND_DESCRIPTOR = 0x808;
const LIMIT = 0xffffffff;
const VERSION = { plain: 20, wide: 45 } as const;
const ZIP64_EXTRA = 1;

/** Bytes of the whole archive. */
export function zipBytes(entries: readonly ZipEntry[]): number {
  const writer = new ZipWriter();
  let bytes = 0;
  for (const entry of entries) bytes += writer.begin(entry).length + entry.bytes + writer.end().length;
  return bytes + writer.finish().length;
}

/** Hands out what stands around the files; the caller puts the bytes of each file between `begin` and `end`. */
export class ZipWriter {
  readonly #done: { entry: ZipEntry; offset: number; crc: number }[] = [];
  #offset = 0;
  #entry: ZipEntry | undefined;
  #entryOffset = 0;
  #crc = 0;

  begin(entry: ZipEntry): Buffer {
    const name = Buffer.from(entry.name, 'utf8');
    const isWide = entry.bytes >= LIMIT;
    const extra = isWide ? wideFields(entry.bytes, entry.bytes) : Buffer.alloc(0);
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    header.writeUInt16LE(isWide ? VERSION.wide : VERSION.plain, 4);
    header.writeUInt16LE(UTF8_AND_DESCRIPTOR, 6);
    header.writeUInt32LE(dosTime(entry.modifiedMs), 10);
    header.writeUInt32LE(isWide ? LIMIT : entry.bytes, 18);
    header.writeUInt32LE(isWide ? LIMIT : entry.bytes, 22);
    header.writeUInt16LE(name.length, 26);
    header.writeUInt16LE(extra.length, 28);
    this.#entry = entry;
    this.#entryOffset = this.#offset;
    this.#crc = 0;
    return this.#out(Buffer.concat([header, name, extra]), entry.bytes);
  }

  update(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
  }

  end(): Buffer {
    const entry = this.#entry!;
    this.#done.push({ entry, offset: this.#entryOffset, crc: this.#crc });
    const isWide = entry.bytes >= LIMIT;
    const descriptor = Buffer.alloc(isWide ? 24 : 16);
    descriptor.writeUInt32LE(0x08074b50, 0);
    descriptor.writeUInt32LE(this.#crc, 4);
    if (isWide) {
      descriptor.writeBigUInt64LE(BigInt(entry.bytes), 8);
      descriptor.writeBigUInt64LE(BigInt(entry.bytes), 16);
    } else {
      descriptor.writeUInt32LE(entry.bytes, 8);
      descriptor.writeUInt32LE(entry.bytes, 12);
    }
    return this.#out(descriptor, 0);
  }

  /** The directory at the end. */
  finish(): Buffer {
    const start = this.#offset;
    const directory = Buffer.concat(this.#done.map(directoryEntry));
    const count = this.#done.length;
    const isWide = start >= LIMIT || directory.length >= LIMIT;
    const tail = Buffer.alloc(22);
    tail.writeUInt32LE(0x06054b50, 0);
    tail.writeUInt16LE(count, 8);
    tail.writeUInt16LE(count, 10);
    tail.writeUInt32LE(Math.min(directory.length, LIMIT), 12);
    tail.writeUInt32LE(isWide ? LIMIT : start, 16);
    return Buffer.concat([directory, isWide ? wideTail(start, directory.length, count) : Buffer.alloc(0), tail]);
  }

  #out(bytes: Buffer, behind: number): Buffer {
    this.#offset += bytes.length + behind;
    return bytes;
  }
}

function directoryEntry({ entry, offset, crc }: { entry: ZipEntry; offset: number; crc: number }): Buffer {
  const name = Buffer.from(entry.name, 'utf8');
  const isLarge = entry.bytes >= LIMIT;
  const isFar = offset >= LIMIT;
  const wide = [...(isLarge ? [entry.bytes, entry.bytes] : []), ...(isFar ? [offset] : [])];
  const extra = wide.length > 0 ? wideFields(...wide) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  // Made on Unix, so that the permissions below count.
  header.writeUInt16LE((3 << 8) | VERSION.wide, 4);
  header.writeUInt16LE(wide.length > 0 ? VERSION.wide : VERSION.plain, 6);
  header.writeUInt16LE(UTF8_AND_DESCRIPTOR, 8);
  header.writeUInt32LE(dosTime(entry.modifiedMs), 12);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(isLarge ? LIMIT : entry.bytes, 20);
  header.writeUInt32LE(isLarge ? LIMIT : entry.bytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(extra.length, 30);
  header.writeUInt32LE((0o100600 << 16) >>> 0, 38);
  header.writeUInt32LE(isFar ? LIMIT : offset, 42);
  return Buffer.concat([header, name, extra]);
}

function wideFields(...values: number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(ZIP64_EXTRA, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  for (const [i, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + i * 8);
  return extra;
}

/** End of the directory and where it is, in 64 bits. */
function wideTail(start: number, bytes: number, count: number): Buffer {
  const tail = Buffer.alloc(76);
  tail.writeUInt32LE(0x06064b50, 0);
  tail.writeBigUInt64LE(44n, 4);
  tail.writeUInt16LE((3 << 8) | VERSION.wide, 12);
  tail.writeUInt16LE(VERSION.wide, 14);
  tail.writeBigUInt64LE(BigInt(count), 24);
  tail.writeBigUInt64LE(BigInt(count), 32);
  tail.writeBigUInt64LE(BigInt(bytes), 40);
  tail.writeBigUInt64LE(BigInt(start), 48);
  tail.writeUInt32LE(0x07064b50, 56);
  tail.writeBigUInt64LE(BigInt(start + bytes), 64);
  tail.writeUInt32LE(1, 72);
  return tail;
}

/** MS-DOS time and date in UTC, two seconds fine, from 1980 on. */
function dosTime(ms: number): number {
  const date = new Date(Math.max(ms, Date.UTC(1980, 0, 1)));
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  return ((day << 16) | time) >>> 0;
}
