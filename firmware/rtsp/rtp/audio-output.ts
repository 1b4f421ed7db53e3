import { ArenaWriter, type AudioFormat, type BlockPool } from '../../media/index.ts';
import { AudioPace } from './audio-pace.ts';
import type { TrackSink } from './track-sink.ts';
import type { TrackCounters } from './track-stats.ts';

/** Makes audio frames out of bytes and times. */
export class AudioOutput {
  readonly #arena: ArenaWriter;
  readonly #sink: TrackSink;
  readonly #counters: TrackCounters;
  #pace = new AudioPace(1);
  #format: AudioFormat | undefined;
  #lost = 0;

  constructor(deps: { pool: BlockPool; sink: TrackSink; counters: TrackCounters }) {
    this.#arena = new ArenaWriter(deps.pool.small);
    this.#sink = deps.sink;
    this.#counters = deps.counters;
  }

  get format(): AudioFormat | undefined {
    return this.#format;
  }

  set format(format: AudioFormat | undefined) {
    if (format && format.timescale !== this.#format?.timescale) this.#pace = new AudioPace(format.timescale);
    this.#format = format;
  }

  get pace(): AudioPace {
    return this.#pace;
  }

  /** Packets are missing before the next frame. */
  loss(packets: number): void {
    this.#lost += packets;
  }

  /** One frame: where its time stamp puts it and its length, in ticks of the format. */
  emit(source: Uint8Array, start: number, end: number, target: number, duration: number, arrivalUs: number): void {
    const format = this.#format;
    if (!format) {
      this.#counters.uselessFrames++;
      return;
    }
    const dts = this.#pace.place(target, duration, this.#lost > 0);
    if (dts === undefined) {
      this.#counters.lostFrames++;
      return;
    }
    this.#counters.frame(true, dts / format.timescale);
    this.#arena.append(asBuffer(source), start, end);
    const bytes = this.#arena.cut();
    const lostBefore = this.#lost;
    this.#lost = 0;
    try {
      this.#sink.frame({ format, key: true, dts, pts: dts, duration, arrivalUs, lostBefore, bytes });
    } finally {
      bytes.release();
    }
  }

  dispose(): void {
    this.#arena.dispose();
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
