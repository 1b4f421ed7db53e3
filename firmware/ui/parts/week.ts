/** A recording plan in half hours, and as the settings have it. */
export const HALF_HOURS = 48;
/** Rows of the grid as days of the settings (0 is Sunday): a week begins on Monday. */
export const WEEK = [1, 2, 3, 4, 5, 6, 0] as const;

/** Seven rows from Monday on, with 48 half hours each: recorded or not. */
export type Week = readonly (readonly boolean[])[];

export interface Period {
  /** 0 is Sunday. */
  readonly day: number;
  /** HH:MM; `to` may be 24:00. */
  readonly from: string;
  readonly to: string;
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number);
  return hours * 60 + minutes;
}

/** Half hours that a schedule touches; rows that begin or end within one count as all of it. */
export function weekOf(periods: readonly Period[]): Week {
  return WEEK.map((day) => {
    const own = periods.filter((each) => each.day === day);
    return Array.from({ length: HALF_HOURS }, (_, slot) =>
      own.some(({ from, to }) => minutesOf(from) < (slot + 1) * 30 && minutesOf(to) > slot * 30),
    );
  });
}

/** True if the half hours say all that the schedule says. */
export function isExact(periods: readonly Period[]): boolean {
  return periods.every(({ from, to }) => minutesOf(from) % 30 === 0 && minutesOf(to) % 30 === 0);
}

/** As few rows of a schedule as there are stretches. */
export function periodsOf(week: Week): Period[] {
  const time = (slot: number): string =>
    `${String(Math.floor(slot / 2)).padStart(2, '0')}:${slot % 2 === 0 ? '00' : '30'}`;
  return WEEK.flatMap((day, row) => {
    const slots = week[row] ?? [];
    const periods: Period[] = [];
    for (let slot = 0; slot < HALF_HOURS; slot++) {
      if (slots[slot] !== true) continue;
      let end = slot + 1;
      while (slots[end] === true) end++;
      periods.push({ day, from: time(slot), to: time(end) });
      slot = end;
    }
    return periods;
  });
}

/** The week with everything between two corners recorded, or not. */
export function rectangle(
  week: Week,
  { from, to, on }: { from: readonly [number, number]; to: readonly [number, number]; on: boolean },
): Week {
  const between = (value: number, one: number, other: number): boolean =>
    value >= Math.min(one, other) && value <= Math.max(one, other);
  return week.map((slots, row) =>
    slots.map((was, slot) => (between(row, from[0], to[0]) && between(slot, from[1], to[1]) ? on : was)),
  );
}

/** Hours a week. */
export function hoursOf(week: Week): number {
  return week.flat().filter(Boolean).length / 2;
}
