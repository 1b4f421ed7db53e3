/** A site of ten cameras on four disks, whose weeks are simulated: what the box would forecast, and what retention then keeps. */
import { checkSettings, type Settings } from '../../firmware/config/index.ts';
import { planInputOf, type PlanInput } from '../../firmware/planning/index.ts';
import { weekRate, type HourSample, type WeekRate } from '../../firmware/planning/rates.ts';
import { DAY_US, FootageDice, HOUR_US, SimulatedWeeks, type SimulatedCamera } from './simulated-weeks.ts';

const GB = 1e9;
const WEEK_US = 7 * DAY_US;
/** A Monday, midnight in Shanghai. */
const START_US = Date.parse('2026-05-31T16:00:00Z') * 1000;
const SEGMENT_US = 900_000_000;

/** Where a camera writes, and how; bytes per second by day and at night, and how much of that on a Sunday. */
interface SiteCamera {
  readonly id: string;
  readonly volumes: readonly string[];
  readonly mode: 'continuous' | 'schedule' | 'event';
  readonly copies: 1 | 2;
  readonly days: number | undefined;
  readonly day: number;
  readonly night: number;
  readonly sunday: number;
  /**
   * Of an event camera, by day and at night: how likely it is that a whole quarter of an hour is recorded, or how many times
   * in a quarter of an hour something happens for 10 to 50 seconds.
   */
  readonly events?: { readonly each: 'quarter' | 'moment'; readonly day: number; readonly night: number };
}

const ONCE = { copies: 1, mode: 'continuous', days: undefined } as const;
export const SITE: readonly SiteCamera[] = [
  { ...ONCE, id: 'gate', volumes: ['a'], day: 4000, night: 1500, sunday: 0.4 },
  { ...ONCE, id: 'hall', volumes: ['a'], day: 2500, night: 300, sunday: 0.2 },
  { ...ONCE, id: 'till', volumes: ['a'], day: 3000, night: 2500, sunday: 1, days: 4 },
  { ...ONCE, id: 'yard', volumes: ['b'], day: 2000, night: 3500, sunday: 1.3 },
  { ...ONCE, id: 'dock', volumes: ['b'], day: 6000, night: 500, sunday: 0.1 },
  { ...ONCE, id: 'shop', volumes: ['c'], day: 5000, night: 0, sunday: 0.5, mode: 'schedule' },
  { ...ONCE, id: 'vault', volumes: ['c', 'b'], day: 1500, night: 1500, sunday: 1, copies: 2 },
  {
    ...ONCE,
    id: 'door',
    volumes: ['c'],
    day: 9000,
    night: 600,
    sunday: 0.5,
    mode: 'event',
    events: { each: 'quarter', day: 0.3, night: 0.02 },
  },
  { ...ONCE, id: 'ramp', volumes: ['d'], day: 3000, night: 1000, sunday: 0.5 },
  {
    ...ONCE,
    id: 'lane',
    volumes: ['d'],
    day: 20_000,
    night: 15_000,
    sunday: 0.5,
    mode: 'event',
    events: { each: 'moment', day: 5, night: 0.3 },
  },
];
const DISKS = [
  { id: 'a', totalBytes: 4 * GB, budgetBytes: undefined },
  { id: 'b', totalBytes: 30 * GB, budgetBytes: 4 * GB },
  { id: 'c', totalBytes: 6 * GB, budgetBytes: undefined },
  { id: 'd', totalBytes: 6 * GB, budgetBytes: undefined },
];
const SCHEDULE = [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, from: '08:00', to: '20:00' }));

/** Numbers between 0 and 1 in a fixed order for a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The camera in simulated weeks; its events are thrown with dice of `random`. */
function siteCamera(camera: SiteCamera, random: () => number): SimulatedCamera {
  const { id, volumes, mode, day, night, sunday, events } = camera;
  return {
    id,
    volumes,
    class: mode === 'event' ? 'event' : 'continuous',
    rateAt: (wallUs) => {
      const hours = (wallUs - START_US) / HOUR_US;
      const isDay = hours % 24 >= 8 && hours % 24 < 20;
      const rate = (isDay ? day : night) * (Math.floor(hours / 24) % 7 === 6 ? sunday : 1);
      if (!events) return rate;
      const often = isDay ? events.day : events.night;
      return rate * (events.each === 'moment' ? shareOfMoments(often, random) : random() > often ? 0 : 1);
    },
  };
}

/** Recorded share of a quarter of an hour in which short events happen independently of each other (Poisson). */
function shareOfMoments(expected: number, random: () => number): number {
  let seconds = 0;
  for (let chance = random(); chance > Math.exp(-expected); chance *= random()) seconds += 10 + 40 * random();
  return Math.min(1, (seconds * 1e6) / SEGMENT_US);
}

const SETTINGS: Settings = checkSettings({
  site: { timeZone: 'Asia/Shanghai' },
  volumes: DISKS.map(({ id, budgetBytes }) => ({ id, folder: id, ...(budgetBytes ? { budgetBytes } : {}) })),
  cameras: SITE.map(({ id, mode, copies, days }) => ({
    id,
    mode,
    copies,
    streams: [{ id: 'main', url: 'rtsp://127.0.0.1/x' }],
    ...(mode === 'schedule' ? { schedule: SCHEDULE } : {}),
    ...(days === undefined ? {} : { retention: { days } }),
  })),
});

function siteWeeks(random: () => number, database: string): SimulatedWeeks {
  return new SimulatedWeeks({
    database,
    startUs: START_US,
    segmentUs: SEGMENT_US,
    cameras: SITE.map((camera) => siteCamera(camera, random)),
    volumes: DISKS,
    policies: SITE.map(({ id, days }) => ({
      camera: id,
      group: '',
      whenFull: 'overwrite',
      days,
      eventDays: undefined,
      maxBytes: undefined,
      wishDays: undefined,
    })),
    random,
  });
}

/** What the box would plan with at this moment. */
function inputOf(weeks: SimulatedWeeks): PlanInput {
  return planInputOf(SETTINGS, {
    nowUs: weeks.nowUs,
    volumes: DISKS.map(({ id, totalBytes }) => ({
      id,
      totalBytes,
      freeBytes: weeks.freeBytes(id),
      segmentBytes: weeks.usedBytes(id),
      peakBytesPerS: weeks.peakBytesPerS(id),
    })),
    hours: weeks.catalogue.hours(0),
    keptDays: weeks.catalogue.keptDays(),
    sameSinceUs: () => 0,
    bitsPerS: () => undefined,
  });
}

/** What could be forecast after a week and after four, and what came of it. */
export interface NineWeeks {
  readonly early: PlanInput;
  readonly late: PlanInput;
  /** Days kept of each camera, the mean over the ninth week. */
  readonly kept: ReadonlyMap<string, number>;
  /** After how many days each disk began to make room. */
  readonly filledAfterDays: ReadonlyMap<string, number>;
}

/** Days since the site began. */
export function daysSince(us: number): number {
  return (us - START_US) / DAY_US;
}

/** Lets the real catalogue and the real keeper of space run for nine weeks, with the dice of a seed. */
export function runNineWeeks(seed: number, database: string): NineWeeks {
  const weeks = siteWeeks(randomFrom(seed), database);
  weeks.run(START_US + WEEK_US);
  const early = inputOf(weeks);
  weeks.run(START_US + 4 * WEEK_US);
  const late = inputOf(weeks);
  weeks.run(START_US + 8 * WEEK_US);
  const sums = new Map<string, number>();
  let looks = 0;
  weeks.run(START_US + 9 * WEEK_US, () => {
    looks++;
    for (const camera of SITE) {
      sums.set(camera.id, (sums.get(camera.id) ?? 0) + weeks.keptDays(camera, camera.copies));
    }
  });
  weeks.catalogue.close();
  const kept = new Map([...sums].map(([id, sum]) => [id, sum / looks]));
  const filledAfterDays = new Map([...weeks.firstDeletionUs].map(([id, us]) => [id, daysSince(us)]));
  return { early, late, kept, filledAfterDays };
}

/** Seen for so long, chance has evened out. */
const ORACLE_WEEKS = 500;

/** The same input for somebody who knows the true mean of every rate. What he gets wrong is chance, which no forecast can know. */
export function oracleInput(input: PlanInput, rates: ReadonlyMap<string, WeekRate>): PlanInput {
  const cameras = input.cameras.map((camera) => ({
    ...camera,
    streams: camera.streams.map((stream) => ({ ...stream, rate: rates.get(camera.id)! })),
  }));
  return { ...input, cameras };
}

export function trueRates(): Map<string, WeekRate> {
  const random = randomFrom(-1);
  return new Map(
    SITE.map((site) => {
      const camera = siteCamera(site, random);
      const dice = new FootageDice(SEGMENT_US, random);
      const samples = new Map<number, HourSample>();
      const endUs = START_US + ORACLE_WEEKS * WEEK_US;
      for (let nowUs = START_US; nowUs < endUs; nowUs += SEGMENT_US) {
        const added = dice.bytes(camera, nowUs);
        if (added === 0) continue;
        const hour = Math.floor(nowUs / HOUR_US);
        const { recordedUs, bytes } = samples.get(hour) ?? { recordedUs: 0, bytes: 0 };
        const sum = { recordedUs: recordedUs + SEGMENT_US, bytes: bytes + added };
        samples.set(hour, { camera: site.id, stream: 'main', volume: '', hour, ...sum });
      }
      const { timeZone } = SETTINGS.site;
      const sporadic = site.mode === 'event';
      const options = { sporadic, timeZone, sinceUs: 0, nowUs: endUs, copies: 1, guessBytesPerS: 0 };
      return [site.id, weekRate([...samples.values()], options)];
    }),
  );
}
