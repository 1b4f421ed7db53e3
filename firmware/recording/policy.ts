import { WeeklySchedule, type SchedulePeriod } from './schedule.ts';

export type RecordingMode = 'continuous' | 'schedule' | 'event' | 'manual';

export interface PolicySettings {
  readonly mode: RecordingMode;
  readonly schedule: readonly SchedulePeriod[];
  readonly timeZone: string;
  readonly postRecordS: number;
}

/** Why a stream records now, or does not. `full`: it should, and there is no room for it. */
export interface Decision {
  readonly record: boolean;
  readonly because: 'continuous' | 'schedule' | 'event' | 'manual' | 'stopped' | 'full';
}

/**
 * Decides, from mode, schedule, events and the operator's word, whether a camera records at an instant. Pure apart from
 * what it was told: it reads no clock.
 *
 * A manual start records in every mode until the manual stop. A manual stop ends only what was started by hand, so that
 * nobody switches a continuous recording off by accident.
 */
export class RecordingPolicy {
  readonly #settings: PolicySettings;
  readonly #schedule: WeeklySchedule;
  #manual = false;
  #eventUntilMonoUs = -1;

  constructor(settings: PolicySettings) {
    this.#settings = settings;
    this.#schedule = new WeeklySchedule(settings.schedule, settings.timeZone);
  }

  /** Takes over events and manual starts when the settings of a camera changed. */
  static succeed(settings: PolicySettings, former: RecordingPolicy): RecordingPolicy {
    const policy = new RecordingPolicy(settings);
    policy.#manual = former.#manual;
    policy.#eventUntilMonoUs = former.#eventUntilMonoUs;
    return policy;
  }

  setManual(on: boolean): void {
    this.#manual = on;
  }

  /** An event happened, or is still going on, at this monotonic instant; `holdS` adds to the post-record time. */
  event(monoUs: number, holdS = 0): void {
    const until = monoUs + (holdS + this.#settings.postRecordS) * 1e6;
    this.#eventUntilMonoUs = Math.max(this.#eventUntilMonoUs, until);
  }

  decide(wallUs: number, monoUs: number): Decision {
    if (this.#manual) return { record: true, because: 'manual' };
    switch (this.#settings.mode) {
      case 'continuous':
        return { record: true, because: 'continuous' };
      case 'schedule':
        if (this.#schedule.isActive(wallUs)) return { record: true, because: 'schedule' };
        break;
      case 'event':
        if (monoUs < this.#eventUntilMonoUs) return { record: true, because: 'event' };
        break;
      case 'manual':
        break;
    }
    return { record: false, because: 'stopped' };
  }

  /** True if frames from before the decision to record are wanted, and so must be held in memory. */
  get wantsPreRecord(): boolean {
    return this.#settings.mode === 'event' || this.#settings.mode === 'manual';
  }
}
