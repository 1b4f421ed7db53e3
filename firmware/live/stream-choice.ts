import type { Because } from './live-source.ts';

/** A stream of a camera, as far as choosing needs it. */
export interface StreamOption {
  readonly id: string;
  /** Pixels; undefined while nobody has seen it. */
  readonly height?: number | undefined;
}

export interface Choice {
  readonly stream: string;
  readonly because: Because;
}

/** What streams are taken for until a picture of them has been seen: the first of a camera is its best. */
const UNSEEN_HEIGHTS = [1080, 360];
/** A tile may be this much larger than the picture in it before a larger picture is worth its cost. */
const STRETCH = 1.34;

/** The stream for `auto`: the lightest that fills the tile, or `lighter` steps below it for a slow line. */
export function chooseStream(options: readonly StreamOption[], pixels: number | undefined, lighter: number): Choice {
  const byHeight = options
    .map(({ id, height }, i) => ({ id, height: height ?? UNSEEN_HEIGHTS[i] ?? UNSEEN_HEIGHTS.at(-1)! }))
    .sort((a, b) => b.height - a.height);
  const last = byHeight.length - 1;
  const fits = byHeight.findLastIndex(({ height }) => pixels === undefined || height * STRETCH >= pixels);
  const wanted = pixels === undefined ? 0 : Math.max(0, fits);
  const chosen = Math.min(last, wanted + lighter);
  const because = last === 0 ? 'only' : chosen > wanted ? 'slow' : 'tile';
  return { stream: byHeight[chosen]!.id, because };
}

/** Two overflows within this time are a slow line and not a hiccup. */
const SLOW_US = 15e6;
const TRY_AGAIN_US = 60e6;
const LONGEST_US = 600e6;

/** Judges from left-out pictures whether a line is too slow for what is sent, and when to try more again. */
export class LinePatience {
  #lighter = 0;
  #lastDropUs = -Infinity;
  #tryAgainUs = Infinity;
  #waitUs = TRY_AGAIN_US;

  /** Steps below what the tile would have. */
  get lighter(): number {
    return this.#lighter;
  }

  /** Pictures were left out. True: something lighter had better be sent. */
  dropped(nowUs: number): boolean {
    const isSlow = nowUs - this.#lastDropUs < SLOW_US;
    this.#lastDropUs = isSlow ? -Infinity : nowUs;
    if (!isSlow) return false;
    if (this.#tryAgainUs !== Infinity) this.#waitUs = Math.min(LONGEST_US, this.#waitUs * 2);
    this.#lighter++;
    this.#tryAgainUs = nowUs + this.#waitUs;
    return true;
  }

  /** True: it has gone well for so long that more may be tried. */
  recovered(nowUs: number): boolean {
    if (this.#lighter === 0 || nowUs < this.#tryAgainUs) return false;
    this.#lighter--;
    this.#tryAgainUs = nowUs + this.#waitUs;
    return true;
  }
}
