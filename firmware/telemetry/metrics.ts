/** Names of labels and their values, for example `{ camera: 'gate' }`. Values are ids of the box, never free text. */
export type Labels = Readonly<Record<string, string>>;

export interface MetricSample {
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
  readonly value: Reading;
}

/** Plain data that crosses threads. `buckets[i]` counts observations <= `bounds[i]`; the rest is `count` minus their sum. */
export type Reading =
  | { readonly kind: 'counter'; readonly total: number }
  | { readonly kind: 'gauge'; readonly level: number }
  | {
      readonly kind: 'histogram';
      readonly count: number;
      readonly sum: number;
      readonly bounds: readonly number[];
      readonly buckets: readonly number[];
    };

/** Only grows, from zero at the start of the process. */
export class Counter {
  #total = 0;

  add(amount = 1): void {
    this.#total += amount;
  }

  read(): Reading {
    return { kind: 'counter', total: this.#total };
  }
}

/** A level that goes up and down. */
export class Gauge {
  #level = 0;

  set(level: number): void {
    this.#level = level;
  }

  add(amount: number): void {
    this.#level += amount;
  }

  read(): Reading {
    return { kind: 'gauge', level: this.#level };
  }
}

/** How often a measured value fell into each range. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #buckets: number[];
  #count = 0;
  #sum = 0;

  /** `bounds` are the upper ends of the ranges, rising. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#buckets = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.#count++;
    this.#sum += value;
    const at = this.#bounds.findIndex((bound) => value <= bound);
    if (at >= 0) this.#buckets[at] = this.#buckets[at]! + 1;
  }

  read(): Reading {
    return { kind: 'histogram', count: this.#count, sum: this.#sum, bounds: this.#bounds, buckets: [...this.#buckets] };
  }
}

interface Series {
  readonly name: string;
  readonly help: string;
  readonly labels: Labels;
  readonly metric: Counter | Gauge | Histogram;
}

/**
 * The figures of one thread. Whoever counts fetches its counter once and keeps it, so that counting costs one addition; asking
 * again for the same name and labels gives the same counter.
 */
export class Metrics {
  readonly #series = new Map<string, Series>();

  /** Throws if the name with these labels already stands for another kind of metric, a mistake in the source. */
  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#get(name, help, labels, Counter, () => new Counter());
  }

  gauge(name: string, help: string, labels: Labels = {}): Gauge {
    return this.#get(name, help, labels, Gauge, () => new Gauge());
  }

  histogram(name: string, help: string, bounds: readonly number[], labels: Labels = {}): Histogram {
    return this.#get(name, help, labels, Histogram, () => new Histogram(bounds));
  }

  /** Forgets every series that carries these labels, for example those of a camera that was removed. */
  remove(labels: Labels): void {
    const wanted = Object.entries(labels);
    for (const [key, series] of this.#series) {
      if (wanted.every(([name, value]) => series.labels[name] === value)) this.#series.delete(key);
    }
  }

  /** All readings at this moment, in the order in which the metrics were made. */
  snapshot(): MetricSample[] {
    return [...this.#series.values()].map(({ name, help, labels, metric }) => ({
      name,
      help,
      labels,
      value: metric.read(),
    }));
  }

  #get<T extends Counter | Gauge | Histogram>(
    name: string,
    help: string,
    labels: Labels,
    kind: abstract new (...args: never[]) => T,
    make: () => T,
  ): T {
    const key = JSON.stringify([name, ...Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
    const series = this.#series.get(key);
    if (!series) {
      const metric = make();
      this.#series.set(key, { name, help, labels, metric });
      return metric;
    }
    if (!(series.metric instanceof kind)) throw new TypeError(`metric ${name} stands for two kinds`);
    return series.metric;
  }
}
