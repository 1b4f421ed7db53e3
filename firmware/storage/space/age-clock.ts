/**
 * The time that ages and terms are counted by: the wall clock, as far as the monotonic clock and what was known before explain it.
 * A wall clock that is wrong into the future would make all footage too old at once, and let every lock run out. So what it gains
 * without an explanation counts only after a while, in which somebody can set it right, and then by and by.
 */

/** What outlives the process. */
export interface KnownTime {
  /** UTC microseconds: so late it is at least known to be. */
  readonly knownUs: number;
  /** The wall clock is further, and that does not count yet. */
  readonly held?: HeldTime | undefined;
}

interface HeldTime {
  /** Of a running box. */
  readonly forS: number;
  /** More than a box that was switched off explains: people have to hear of it. */
  readonly far: boolean;
  /** Somebody says that the wall clock is wrong. */
  readonly wrong: boolean;
  readonly byUs: number;
}

/** A wall clock that is not believed. */
export interface TimeHold {
  /** By how much it was ahead when that was seen. */
  byUs: number;
  /** By how much it is ahead now. */
  aheadUs: number;
  far: boolean;
  /** `waits` for its term to end; `follows` the wall clock by and by; `wrong`: until the clock is set, or somebody says that it is right. */
  stage: 'waits' | 'follows' | 'wrong';
  /** Of `waits`, seconds. */
  leftS: number;
}

/** What a clock may gain without being doubted: also what a crash and a start cost, and how old `KnownTime` is then. */
const NEAR_US = 15 * 60e6;
/** A box may well have been switched off for so long. */
const FAR_AT_START_US = 35 * 86_400e6;
/** A box that runs has no such excuse, but for its clock being set soon after the start. */
const FAR_LATER_US = 86_400e6;
const START_US = 15 * 60e6;
const NEAR_TERM_S = 3600;
const FAR_TERM_S = 72 * 3600;
/** Beside what passes anyway: a day of footage an hour. */
const FOLLOWS_BY = 23;
/** A clock that was behind for so long is taken to be right, and what was known before to be wrong. */
const BEHIND_US = 86_400e6;
/** Without a `KnownTime` disks are waited for so long: the newest footage tells when it was. Nothing is deleted for its age meanwhile. */
const DISKS_US = 60e6;

export class AgeClock {
  readonly #newestUs: (beforeUs: number) => number | undefined;
  #knownUs: number | undefined;
  #held: HeldTime | undefined;
  #behindUs = 0;
  #wallUs: number | undefined;
  #firstMonoUs: number | undefined;
  /** What the wall clock said when it was first believed to be set, and when that was. */
  #firstWall: { readonly wallUs: number; readonly monoUs: number } | undefined;
  #learns: boolean;
  #lastMonoUs = 0;

  /** `newestUs` says where the newest footage ends that began before an instant, if there is any. It is asked when nothing is known. */
  constructor(known: KnownTime | undefined, newestUs: (beforeUs: number) => number | undefined) {
    this.#knownUs = known?.knownUs;
    this.#held = known?.held;
    this.#learns = known === undefined;
    this.#newestUs = newestUs;
  }

  /**
   * The time that counts, UTC microseconds; undefined while it is not known. `wallUs` is undefined while the wall clock is not set.
   * To be called every few seconds.
   */
  look(monoUs: number, wallUs: number | undefined): number | undefined {
    const elapsedUs = this.#firstMonoUs === undefined ? 0 : monoUs - this.#lastMonoUs;
    this.#firstMonoUs ??= monoUs;
    this.#lastMonoUs = monoUs;
    if (this.#knownUs !== undefined) this.#knownUs += elapsedUs;
    const before = this.#wallUs === undefined ? undefined : this.#wallUs + elapsedUs;
    this.#wallUs = wallUs;
    if (wallUs === undefined) return undefined;
    this.#learn(monoUs, wallUs);
    if (this.#knownUs === undefined) return undefined;
    const aheadUs = wallUs - this.#knownUs;
    if (aheadUs <= NEAR_US) {
      this.#held = undefined;
      this.#follow(aheadUs, elapsedUs);
    } else {
      this.#behindUs = 0;
      this.#hold(aheadUs, elapsedUs, before !== undefined && wallUs - before > NEAR_US);
    }
    return Math.min(wallUs, this.#knownUs);
  }

  /** Whoever looks after the box says how it is. False when nobody doubts the clock. */
  decide(verdict: 'right' | 'wrong'): boolean {
    if (!this.#held || this.#wallUs === undefined) return false;
    if (verdict === 'wrong') {
      this.#held = { ...this.#held, wrong: true, far: true };
    } else {
      this.#knownUs = this.#wallUs;
      this.#held = undefined;
    }
    return true;
  }

  get hold(): TimeHold | undefined {
    if (!this.#held || this.#wallUs === undefined || this.#knownUs === undefined) return undefined;
    const { byUs, far, wrong } = this.#held;
    const leftS = Math.max(0, termS(this.#held) - this.#held.forS);
    const stage = wrong ? 'wrong' : leftS > 0 ? 'waits' : 'follows';
    return { byUs, aheadUs: Math.max(0, this.#wallUs - this.#knownUs), far, stage, leftS };
  }

  /** What the next process has to know. */
  get known(): KnownTime | undefined {
    if (this.#knownUs === undefined) return undefined;
    return { knownUs: Math.round(this.#knownUs), ...(this.#held && { held: this.#held }) };
  }

  /**
   * A box that never knew the time learns it from its newest footage, and without any from what its wall clock said at first: where
   * that clock has jumped since, the jump is doubted like any other.
   */
  #learn(monoUs: number, wallUs: number): void {
    if (!this.#learns) return;
    this.#firstWall ??= { wallUs, monoUs };
    const newestUs = this.#newestUs(this.#firstWall.wallUs);
    if (newestUs !== undefined && newestUs > (this.#knownUs ?? -Infinity)) this.#knownUs = newestUs;
    this.#learns = monoUs - this.#firstMonoUs! < DISKS_US;
    if (!this.#learns) this.#knownUs ??= this.#firstWall.wallUs + (monoUs - this.#firstWall.monoUs);
  }

  /** Small differences are what clocks do. A clock that goes back for a moment loses nothing of what was known. */
  #follow(aheadUs: number, elapsedUs: number): void {
    this.#behindUs = aheadUs < -NEAR_US ? this.#behindUs + elapsedUs : 0;
    if (this.#behindUs < BEHIND_US && aheadUs < -NEAR_US) return;
    this.#behindUs = 0;
    this.#knownUs! += aheadUs;
  }

  #hold(aheadUs: number, elapsedUs: number, jumped: boolean): void {
    const sinceStartUs = this.#lastMonoUs - this.#firstMonoUs!;
    const farUs = sinceStartUs < START_US ? FAR_AT_START_US : FAR_LATER_US;
    if (!this.#held || jumped) {
      const { far = false, wrong = false } = this.#held ?? {};
      this.#held = { forS: 0, far: far || aheadUs > farUs, wrong, byUs: Math.round(aheadUs) };
      return;
    }
    const { wrong, forS } = this.#held;
    this.#held = { ...this.#held, forS: forS + elapsedUs / 1e6 };
    if (wrong || forS < termS(this.#held)) return;
    this.#knownUs! += Math.min(FOLLOWS_BY * elapsedUs, aheadUs);
  }
}

function termS({ far }: HeldTime): number {
  return far ? FAR_TERM_S : NEAR_TERM_S;
}
