import { childOf, type Span } from './box-reader.ts';
import { fragmentIn } from './fragment-reader.ts';
import { trackFragmentHead } from './track-stream.ts';

/** Pictures that are counted instead of timed follow each other at 25 a second of the 90 kHz clock. */
export const COUNTED_TICKS = 3600;

const DEFAULTS = { duration: 0, size: 0, flags: 0 };
const TO_STTS = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stts'];

/**
 * The init of a video track (`trackInit`) with the promise that its pictures come evenly, 25 a second: a time-to-sample table of one
 * entry (ISO/IEC 14496-12 section 8.6.1.2). A reader that would look at twenty pictures to find out how fast they come begins with
 * the first.
 *
 * @throws BoxError mp4.damaged
 */
export function countedInit(init: Uint8Array): Buffer {
  const bytes = Buffer.from(init);
  const entry = Buffer.alloc(8);
  entry.writeUInt32BE(1, 0);
  entry.writeUInt32BE(COUNTED_TICKS, 4);
  const file: Span = { type: 'file', start: 0, body: 0, end: bytes.length };
  const around = TO_STTS.map((_, depth) => childOf(bytes, file, ...TO_STTS.slice(0, depth + 1)));
  for (const { start, end } of around) bytes.writeUInt32BE(end - start + entry.length, start);
  const stts = around.at(-1)!;
  // Behind version and flags stands how many entries there are.
  bytes.writeUInt32BE(1, stts.body + 4);
  return Buffer.concat([bytes.subarray(0, stts.end), entry, bytes.subarray(stts.end)]);
}

/** Pictures of a fragment, with the times of their numbers. */
export interface CountedPictures {
  /** moof and mdat; the media are copied. */
  readonly bytes: Buffer;
  /** For each picture the number of its turn on the screen; decoding order with the delay of reordering. */
  readonly shown: readonly number[];
}

/** The pictures of a live fragment as numbers `first`, `first` + 1 and so on. @throws BoxError mp4.damaged */
export function countedPictures(fragment: Uint8Array, first: number): CountedPictures {
  const bytes = Buffer.from(fragment.buffer, fragment.byteOffset, fragment.length);
  const { runs, mediaOffset, end } = fragmentIn(bytes, [{ id: 1, defaults: DEFAULTS }]);
  const { sizes, durations, offsets, keys } = runs[0]!.run;
  const late = offsets.map((offset, i) => Math.round(offset / Math.max(1, durations[i]!)));
  const head = trackFragmentHead(first + 1, {
    firstDts: first * COUNTED_TICKS,
    durations: sizes.map(() => COUNTED_TICKS),
    sizes,
    offsets: late.map((pictures) => pictures * COUNTED_TICKS),
    keys,
  });
  return { bytes: Buffer.concat([head, bytes.subarray(mediaOffset, end)]), shown: late.map((by, i) => first + i + by) };
}
