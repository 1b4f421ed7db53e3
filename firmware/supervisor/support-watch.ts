import { firstPromise, type Clock, type Part } from '../base/index.ts';
import type { Problems } from '../telemetry/index.ts';

const LOOK_EVERY_MS = 3600_000;
const DAY_US = 86_400_000_000;

/** Says so when this release is not looked after any more: weaknesses that are found from then on are not mended. */
export class SupportWatch implements Part {
  readonly name = 'support-watch';
  readonly #endUs: number;
  readonly #until: string;
  readonly #problems: Problems;
  readonly #clock: Pick<Clock, 'wallUs'>;
  #timer: NodeJS.Timeout | undefined;

  /** `until`: the last day, as YYYY-MM-DD, in UTC. */
  constructor(until: string, problems: Problems, clock: Pick<Clock, 'wallUs'>) {
    this.#until = until;
    this.#endUs = Date.parse(until) * 1000 + DAY_US;
    this.#problems = problems;
    this.#clock = clock;
  }

  readonly start = firstPromise(async () => {
    this.look();
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.#timer.unref();
  });

  readonly stop = firstPromise(async () => {
    clearInterval(this.#timer);
  });

  /** The clock may be set later than the box starts. */
  look(): void {
    if (this.#clock.wallUs() >= this.#endUs) {
      this.#problems.raise('box.support-over', 'box', 'warning', { until: this.#until });
    } else {
      this.#problems.clear('box.support-over', 'box');
    }
  }
}
