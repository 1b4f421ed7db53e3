import type { StreamSight } from './terminals.ts';

/** The figures of one recorded stream. */
export interface StreamRate {
  readonly camera: string;
  readonly stream: string;
  readonly bitsPerSecond: number;
  readonly framesPerSecond: number;
  readonly lostPerSecond: number;
  /** Packets that never came, since the box began. */
  readonly lost: number;
  /** How often it came back after it was away, since the box began. */
  readonly reconnects: number;
}

interface Known {
  readonly monoUs: number;
  readonly frames: number;
  readonly packetsLost: number;
  readonly playing: boolean;
  readonly everPlayed: boolean;
  readonly lost: number;
  readonly reconnects: number;
}

/** Makes rates out of counters, and keeps counting where the record worker begins anew. */
export class StreamRates {
  readonly #known = new Map<string, Known>();

  look(sights: readonly StreamSight[], monoUs: number): StreamRate[] {
    const seen = new Set<string>();
    const rates = sights.map((sight) => {
      const key = `${sight.camera}/${sight.stream}`;
      seen.add(key);
      const before = this.#known.get(key);
      const now = step(sight, before, monoUs);
      this.#known.set(key, now);
      const seconds = before ? (monoUs - before.monoUs) / 1e6 : 0;
      const grown = (to: number, from: number): number => (seconds > 0 ? growth(to, from) / seconds : 0);
      return {
        camera: sight.camera,
        stream: sight.stream,
        bitsPerSecond: sight.connection === 'playing' ? sight.bitsPerSecond : 0,
        framesPerSecond: before ? grown(sight.frames, before.frames) : 0,
        lostPerSecond: before ? grown(sight.packetsLost, before.packetsLost) : 0,
        lost: now.lost,
        reconnects: now.reconnects,
      };
    });
    for (const key of this.#known.keys()) if (!seen.has(key)) this.#known.delete(key);
    return rates;
  }
}

function step({ connection, frames, packetsLost }: StreamSight, before: Known | undefined, monoUs: number): Known {
  const playing = connection === 'playing';
  const back = before !== undefined && before.everPlayed && !before.playing && playing;
  return {
    monoUs,
    frames,
    packetsLost,
    playing,
    everPlayed: playing || (before?.everPlayed ?? false),
    lost: (before?.lost ?? 0) + growth(packetsLost, before?.packetsLost ?? 0),
    reconnects: (before?.reconnects ?? 0) + (back ? 1 : 0),
  };
}

/** A counter that is smaller than before has begun anew. */
function growth(to: number, from: number): number {
  return to >= from ? to - from : to;
}
