/** One recorded stream, as recording reports it. */
export interface StreamSight {
  readonly camera: string;
  readonly name: string;
  readonly stream: string;
  /** Of the connection: playing means that media comes. */
  readonly connection: string;
  readonly recording: string;
  /** True if it has a fault of its own. */
  readonly faulty: boolean;
  readonly bitsPerSecond: number;
  /** Since the record worker began. */
  readonly packetsLost: number;
  readonly frames: number;
}

/**
 * How a camera is: `offline` sends nothing; `online` sends and is not meant to be recorded now; `recording` all its streams are
 * recorded; `failing` should be recorded and is not, although it sends something.
 */
export type TerminalState = 'offline' | 'online' | 'recording' | 'failing';

export interface Terminal {
  readonly camera: string;
  readonly name: string;
  readonly state: TerminalState;
  /** UTC microseconds at which it came to be so, or was first seen. */
  readonly sinceUs: number;
}

export interface TerminalCounts {
  readonly total: number;
  /** All that send: those that are `online`, `recording` or `failing`. */
  readonly online: number;
  readonly offline: number;
  readonly recording: number;
  readonly failing: number;
}

export interface TerminalChange {
  readonly camera: string;
  readonly from: TerminalState | undefined;
  readonly to: TerminalState;
  readonly counts: TerminalCounts;
}

export function countsOf(terminals: readonly Pick<Terminal, 'state'>[]): TerminalCounts {
  const of = (wanted: TerminalState): number => terminals.filter(({ state }) => state === wanted).length;
  const [total, offline] = [terminals.length, of('offline')];
  return { total, online: total - offline, offline, recording: of('recording'), failing: of('failing') };
}

/** So many looks must agree before a change counts: a camera that flaps does not fill the log. */
const AGREEING_LOOKS = 2;

/** Watches over the states of the cameras and says when one has changed. */
export class Terminals {
  readonly #known = new Map<string, Terminal>();
  readonly #leaning = new Map<string, { state: TerminalState; looks: number }>();

  list(): readonly Terminal[] {
    return [...this.#known.values()];
  }

  get counts(): TerminalCounts {
    return countsOf(this.list());
  }

  /** Takes what is seen now; cameras that are not in it are forgotten. Returns what has changed. */
  look(sights: readonly StreamSight[], nowUs: number): TerminalChange[] {
    const byCamera = Map.groupBy(sights, ({ camera }) => camera);
    for (const camera of [...this.#known.keys(), ...this.#leaning.keys()]) {
      if (byCamera.has(camera)) continue;
      this.#known.delete(camera);
      this.#leaning.delete(camera);
    }
    const changed: { camera: string; from: TerminalState | undefined; to: TerminalState }[] = [];
    for (const [camera, streams] of byCamera) {
      const state = stateOf(streams);
      const known = this.#known.get(camera);
      const name = streams[0]?.name ?? camera;
      if (known?.state === state) {
        this.#leaning.delete(camera);
        if (known.name !== name) this.#known.set(camera, { ...known, name });
        continue;
      }
      const leaning = this.#leaning.get(camera);
      const looks = leaning?.state === state ? leaning.looks + 1 : 1;
      this.#leaning.set(camera, { state, looks });
      if (looks < AGREEING_LOOKS) continue;
      this.#leaning.delete(camera);
      this.#known.set(camera, { camera, name, state, sinceUs: nowUs });
      changed.push({ camera, from: known?.state, to: state });
    }
    const counts = this.counts;
    return changed.map((change) => ({ ...change, counts }));
  }
}

function stateOf(streams: readonly StreamSight[]): TerminalState {
  if (!streams.some(({ connection }) => connection === 'playing')) {
    // A camera that nobody wants anything of is not asked, and so not missed.
    return streams.every(({ connection, recording }) => connection === 'idle' && recording === 'idle')
      ? 'online'
      : 'offline';
  }
  const wanted = streams.filter(({ recording }) => recording !== 'idle');
  if (wanted.length === 0) return 'online';
  return wanted.every(({ recording, faulty }) => recording === 'recording' && !faulty) ? 'recording' : 'failing';
}
