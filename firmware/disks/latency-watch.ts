import type { Finding } from './finding.ts';
import { Fields } from './json-fields.ts';
import {
  baselineOf,
  CALM,
  countsBetween,
  nextSlowState,
  slowFinding,
  sumOfCounts,
  windowOf,
  type LatencyCounts,
  type SlowState,
} from './latency.ts';
import { SampleLog } from './sample-log.ts';

/** An hour of one kind of operation. */
interface LatencySample {
  readonly atUs: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

type Kind = 'writes' | 'syncs';
const KINDS: readonly Kind[] = ['writes', 'syncs'];
const WINDOW_US = 5 * 60_000_000;
const HOUR_US = 3600_000_000;
/** Fewer operations say nothing about a disk. */
const MIN_OPERATIONS = 20;

interface Watched {
  last: LatencyCounts | undefined;
  window: LatencyCounts | undefined;
  windowSinceUs: number;
  hour: LatencyCounts | undefined;
  hourSinceUs: number;
  state: SlowState;
  finding: Finding | undefined;
}

/**
 * Watches how long volumes take to write: a disk often grows slow before it fails. What is usual for a volume is learned over days and kept
 * in a folder.
 */
export class LatencyWatch {
  readonly #log: SampleLog<LatencySample>;
  readonly #watched = new Map<string, Watched>();

  constructor(folder: string) {
    this.#log = new SampleLog(folder, readSample);
  }

  /**
   * Takes the counts since a volume was opened, and says what is wrong with its speed. `wallUs` is UTC, `monoUs` monotonic. Rejects with
   * the file system's error if the history cannot be kept.
   */
  async observe(
    volume: string,
    counts: { readonly [K in Kind]: LatencyCounts | undefined },
    now: { readonly wallUs: number; readonly monoUs: number },
  ): Promise<Finding[]> {
    const found: Finding[] = [];
    for (const kind of KINDS) {
      const given = counts[kind];
      const each = given && (await this.#take(`${volume}.${kind}`, kind, given, now));
      if (each) found.push(each);
    }
    return found;
  }

  async #take(
    id: string,
    kind: Kind,
    counts: LatencyCounts,
    { wallUs, monoUs }: { readonly wallUs: number; readonly monoUs: number },
  ): Promise<Finding | undefined> {
    const watched = this.#watched.get(id) ?? fresh(monoUs);
    this.#watched.set(id, watched);
    const since = countsBetween(watched.last, counts);
    watched.last = counts;
    watched.window = sumOfCounts(watched.window, since);
    watched.hour = sumOfCounts(watched.hour, since);
    if (monoUs - watched.windowSinceUs >= WINDOW_US && watched.window.count >= MIN_OPERATIONS) {
      const window = windowOf(watched.window)!;
      const baseline = baselineOf(await this.#log.samples(id), wallUs);
      const state = nextSlowState(watched.state, window, baseline);
      // The words stay those of the last window that was slow.
      if (state.level === 'ok') watched.finding = undefined;
      else if (state.below === 0) watched.finding = slowFinding(kind, state.level, window, baseline);
      watched.state = state;
      watched.window = undefined;
      watched.windowSinceUs = monoUs;
    }
    if (monoUs - watched.hourSinceUs >= HOUR_US && watched.hour.count >= MIN_OPERATIONS) {
      const { medianMs, p99Ms } = windowOf(watched.hour)!;
      watched.hour = undefined;
      watched.hourSinceUs = monoUs;
      await this.#log.append(id, { atUs: wallUs, medianMs, p99Ms });
    }
    return watched.finding;
  }
}

function fresh(monoUs: number): Watched {
  return {
    last: undefined,
    window: undefined,
    windowSinceUs: monoUs,
    hour: undefined,
    hourSinceUs: monoUs,
    state: CALM,
    finding: undefined,
  };
}

function readSample(value: unknown): LatencySample | undefined {
  const fields = new Fields(value);
  const [atUs, medianMs, p99Ms] = [fields.count('atUs'), fields.number('medianMs'), fields.number('p99Ms')];
  if (atUs === undefined || medianMs === undefined || p99Ms === undefined) return undefined;
  return { atUs, medianMs, p99Ms };
}
