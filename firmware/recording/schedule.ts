/** A weekly period in which a camera records, in the site's time zone. `to` of 24:00 is the end of the day. */
export interface SchedulePeriod {
  /** 0 is Sunday. */
  readonly day: number;
  /** HH:MM, inclusive. */
  readonly from: string;
  /** HH:MM, exclusive; earlier than `from` means that the period runs over midnight into the next day. */
  readonly to: string;
}

const MINUTES_PER_DAY = 24 * 60;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** Answers whether an instant lies in a weekly schedule, with the site's time zone and its daylight-saving changes. */
export class WeeklySchedule {
  readonly #active: ReadonlySet<number>;
  readonly #format: Intl.DateTimeFormat;
  #minuteUs = Number.NaN;
  #answer = false;

  constructor(periods: readonly SchedulePeriod[], timeZone: string) {
    const active = new Set<number>();
    for (const period of periods) {
      const from = minuteOf(period.from);
      const to = minuteOf(period.to);
      const length = to > from ? to - from : to - from + MINUTES_PER_DAY;
      for (let minute = 0; minute < length; minute++) {
        active.add((period.day * MINUTES_PER_DAY + from + minute) % (7 * MINUTES_PER_DAY));
      }
    }
    this.#active = active;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** True if the schedule asks for recording at this UTC instant (microseconds). */
  isActive(wallUs: number): boolean {
    // Zones differ from UTC by whole minutes today, so the answer holds for one minute of UTC.
    const minuteUs = Math.floor(wallUs / 60_000_000);
    if (minuteUs !== this.#minuteUs) {
      this.#minuteUs = minuteUs;
      this.#answer = this.#active.has(this.#minuteOfWeek(wallUs));
    }
    return this.#answer;
  }

  #minuteOfWeek(wallUs: number): number {
    const parts = new Map(this.#format.formatToParts(new Date(wallUs / 1000)).map((part) => [part.type, part.value]));
    const day = WEEKDAYS.indexOf(parts.get('weekday') ?? '');
    return day * MINUTES_PER_DAY + Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
  }
}

function minuteOf(text: string): number {
  const [hours = '0', minutes = '0'] = text.split(':');
  return Number(hours) * 60 + Number(minutes);
}
