import { BoxError } from '../../base/index.ts';
import type { Format } from '../frame.ts';
import type { MediaPart } from '../part.ts';
import { boxesIn } from './box-reader.ts';
import { fragmentIn } from './fragment-reader.ts';
import { parseMovie, type ParsedTrack } from './movie-parser.ts';

/** One picture or piece of sound of a running track. `bytes` is a view on the part and must not be changed. */
export interface LiveSample {
  readonly key: boolean;
  /** In ticks of the track's timescale, on the timeline of the part. */
  readonly pts: number;
  readonly bytes: Buffer;
}

/** Takes the parts of one running track apart again, for those who need frames and not MP4. */
export class LiveTrackReader {
  readonly format: Format;
  readonly #track: ParsedTrack;

  /** `source`: what the camera sent, of sound (`TrackFacts`). @throws BoxError mp4.damaged */
  constructor(init: MediaPart, source?: string) {
    const bytes = bufferOf(init.bytes);
    const moov = [...boxesIn(bytes, 0, bytes.length)].find(({ type }) => type === 'moov');
    const [track] = moov ? parseMovie(bytes, moov, source).tracks : [];
    if (!track) throw new BoxError('mp4.damaged', { what: 'init' });
    this.#track = track;
    this.format = track.format;
  }

  /** @throws BoxError mp4.damaged */
  samples(part: MediaPart): LiveSample[] {
    const bytes = bufferOf(part.bytes);
    const { run, offset } = fragmentIn(bytes, [this.#track]).runs[0]!;
    const samples: LiveSample[] = [];
    let at = offset;
    let dts = run.firstDts;
    for (const [i, size] of run.sizes.entries()) {
      samples.push({ key: run.keys[i]!, pts: dts + run.offsets[i]!, bytes: bytes.subarray(at, at + size) });
      at += size;
      dts += run.durations[i]!;
    }
    return samples;
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
