/** Which pictures of a simulated camera are in a recording: the marks in their SEI, read without decoding. */
import { open } from 'node:fs/promises';
import { readOrdinal } from './camera/ordinal-sei.ts';
import { probe, type Probe } from './ffprobe.ts';

export interface RecordedPicture {
  /** Undefined if the picture carries no mark. */
  readonly ordinal: number | undefined;
  readonly key: boolean;
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly size: number;
}

/** The first video stream's pictures, in order of the file. ffprobe walks the file, so it may be in any state it can read. */
export async function recordedPictures(file: string): Promise<RecordedPicture[]> {
  return picturesOf(file, await probe(file));
}

/** The same of a file that has been probed already. */
export async function picturesOf(file: string, { streams, packets }: Probe): Promise<RecordedPicture[]> {
  const video = streams.find(({ kind }) => kind === 'video');
  if (!video) return [];
  const handle = await open(file);
  try {
    const pictures: RecordedPicture[] = [];
    for (const { stream, position, size, key, pts, dts } of packets) {
      if (stream !== video.index || position === undefined) continue;
      const bytes = Buffer.alloc(size);
      await handle.read(bytes, 0, size, position);
      pictures.push({ ordinal: readOrdinal(bytes), key, pts, dts, size });
    }
    return pictures;
  } finally {
    await handle.close();
  }
}

/** The ordinals of several recordings in a row; pictures without a mark are left out. */
export async function recordedOrdinals(...files: string[]): Promise<number[]> {
  const ordinals: number[] = [];
  for (const file of files) {
    for (const { ordinal } of await recordedPictures(file)) if (ordinal !== undefined) ordinals.push(ordinal);
  }
  return ordinals;
}

/** How recorded ordinals differ from those sent: what is missing between the first and the last, double, or out of order. */
export function compareOrdinals(
  sent: readonly number[],
  recorded: readonly number[],
): { missing: number[]; unexpected: number[]; repeated: number[]; disordered: number } {
  const have = new Set(recorded);
  const known = new Set(sent);
  const first = recorded.reduce((least, ordinal) => Math.min(least, ordinal), Infinity);
  const last = recorded.reduce((most, ordinal) => Math.max(most, ordinal), -Infinity);
  const seen = new Set<number>();
  const repeated: number[] = [];
  let disordered = 0;
  recorded.forEach((ordinal, index) => {
    if (seen.has(ordinal)) repeated.push(ordinal);
    seen.add(ordinal);
    if (index > 0 && ordinal < recorded[index - 1]!) disordered++;
  });
  return {
    missing: sent.filter((ordinal) => ordinal >= first && ordinal <= last && !have.has(ordinal)),
    unexpected: recorded.filter((ordinal) => !known.has(ordinal)),
    repeated,
    disordered,
  };
}
