import { weeklySpans } from '../base/index.ts';
import type { CameraSettings, Settings } from '../config/index.ts';
import type { Home, KeptPiece, PlanCamera, PlanInput, PlanVolume } from './model.ts';
import { HOUR_US, WEEK_HOURS, DAY_US } from './week.ts';
import { binsOf, weekRate, type HourSample } from './rates.ts';

/** What is known beside the settings. */
export interface Measured {
  readonly nowUs: number;
  /** Volumes that are there and written to, by the ids of the settings. */
  readonly volumes: readonly Omit<PlanVolume, 'group' | 'budgetBytes'>[];
  /** Hours and kept footage, with the ids of volumes as in the settings. */
  readonly hours: readonly (HourSample & { readonly keptUs: number; readonly keptBytes: number })[];
  /** What is kept of days of UTC before the first of the hours. */
  readonly keptDays: readonly { camera: string; stream: string; volume: string; day: number; keptBytes: number }[];
  /** When the mode or the recorded stream of a camera was changed last. */
  readonly sameSinceUs: (camera: string) => number;
  /** What a stream sends now, if it is connected. */
  readonly bitsPerS: (camera: string, stream: string) => number | undefined;
}

/** Taken where nothing was ever measured. */
const GUESS_MAIN_BYTES_PER_S = 4_000_000 / 8;
const GUESS_LIGHT_BYTES_PER_S = 500_000 / 8;
/** An event camera of which nothing is known records so much of the time. */
const GUESS_EVENT_SHARE = 0.2;
/** A camera's place is where it wrote in the last hours. */
const LATELY_US = 24 * HOUR_US;

/** Brings settings and measurements together. */
export function planInputOf(settings: Settings, measured: Measured): PlanInput {
  const { nowUs, hours, keptDays, volumes } = measured;
  const { timeZone } = settings.site;
  const firstHour = hours.reduce((first, { hour }) => Math.min(first, hour), Infinity);
  const groups = new Map(settings.volumes.map((volume) => [volume.id, volume]));
  const byStream = Map.groupBy(hours, ({ camera, stream }) => `${camera}/${stream}`);
  return {
    nowUs,
    timeZone,
    cameras: settings.cameras.map((camera) => planCamera(camera, settings, measured, byStream)),
    volumes: volumes.map((volume) => ({
      ...volume,
      peakBytesPerS: typicalPeak(volume, hours, nowUs),
      group: groups.get(volume.id)?.group ?? 'default',
      budgetBytes: groups.get(volume.id)?.budgetBytes,
    })),
    kept: [...piecesOfDays(keptDays, firstHour), ...piecesOfHours(hours)],
    homes: homesOf(hours, nowUs),
  };
}

function planCamera(
  camera: CameraSettings,
  settings: Settings,
  measured: Measured,
  byStream: ReadonlyMap<string, readonly HourSample[]>,
): PlanCamera {
  const { id, enabled, mode, copies, group, retention, wishDays } = camera;
  const { timeZone } = settings.site;
  const sporadic = mode === 'event' || mode === 'manual';
  const full = settings.cameraGroups.find((each) => each.id === camera.cameraGroup)?.whenFull;
  return {
    id,
    name: camera.name || id,
    enabled,
    mode,
    group,
    copies: copies === 2 ? 2 : 1,
    overwrite: full !== 'stop',
    days: retention.days,
    eventDays: retention.eventDays,
    maxBytes: retention.maxBytes,
    wishDays,
    scheduleShare: scheduleShare(camera, timeZone, measured.nowUs),
    streams: camera.streams.map((stream, index) => {
      const live = measured.bitsPerS(id, stream.id);
      const guess = index === 0 ? GUESS_MAIN_BYTES_PER_S : GUESS_LIGHT_BYTES_PER_S;
      const guessBytesPerS = (live !== undefined && live > 0 ? live / 8 : guess) * (sporadic ? GUESS_EVENT_SHARE : 1);
      const rate = weekRate(byStream.get(`${id}/${stream.id}`) ?? [], {
        sporadic,
        timeZone,
        sinceUs: sporadic ? measured.sameSinceUs(id) : 0,
        nowUs: measured.nowUs,
        copies,
        guessBytesPerS,
      });
      return { id: stream.id, record: stream.record, rate };
    }),
  };
}

/** Of each hour of the week, the share in which the schedule records; by the week that begins now. */
function scheduleShare(camera: CameraSettings, timeZone: string, nowUs: number): number[] {
  const share = Array.from({ length: WEEK_HOURS }, () => 0);
  if (camera.mode !== 'schedule') return share;
  const first = Math.floor(nowUs / HOUR_US);
  const within = { startUs: first * HOUR_US, endUs: (first + WEEK_HOURS) * HOUR_US };
  const binAt = binsOf(timeZone, within.startUs, within.endUs);
  for (const { startUs, endUs } of weeklySpans(camera.schedule, timeZone, within)) {
    for (let hour = Math.floor(startUs / HOUR_US); hour * HOUR_US < endUs; hour++) {
      const partUs = Math.min(endUs, (hour + 1) * HOUR_US) - Math.max(startUs, hour * HOUR_US);
      share[binAt(hour)] = share[binAt(hour)]! + partUs / HOUR_US;
    }
  }
  return share;
}

/**
 * The room that a volume keeps free follows its fastest minute of the last day; on a Sunday that says little about the week. So the
 * minute is scaled by how the busiest hour of a usual day compares with that of the last.
 */
function typicalPeak(
  { id, peakBytesPerS }: Measured['volumes'][number],
  hours: Measured['hours'],
  nowUs: number,
): number | undefined {
  if (peakBytesPerS === undefined) return undefined;
  const now = Math.floor(nowUs / HOUR_US);
  const byHour = new Map<number, number>();
  for (const { volume, hour, bytes } of hours) {
    if (volume === id && hour < now) byHour.set(hour, (byHour.get(hour) ?? 0) + bytes);
  }
  const busiest: number[] = [];
  for (const [hour, bytes] of byHour) {
    const daysAgo = Math.floor((now - 1 - hour) / 24);
    busiest[daysAgo] = Math.max(bytes, busiest[daysAgo] ?? 0);
  }
  const last = busiest[0] ?? 0;
  // Whole weeks, so that each weekday counts the same; a day without footage is no day like those to come.
  const days = busiest.slice(0, Math.max(7, busiest.length - (busiest.length % 7))).filter((bytes) => bytes > 0);
  if (last <= 0) return peakBytesPerS;
  return (peakBytesPerS * days.reduce((sum, bytes) => sum + bytes, 0)) / days.length / last;
}

function piecesOfHours(hours: Measured['hours']): KeptPiece[] {
  return hours
    .filter(({ keptBytes }) => keptBytes > 0)
    .map(({ camera, stream, volume, hour, keptBytes }) => {
      return { camera, stream, volume, startUs: hour * HOUR_US, endUs: (hour + 1) * HOUR_US, bytes: keptBytes };
    });
}

function piecesOfDays(days: Measured['keptDays'], firstHour: number): KeptPiece[] {
  return days
    .filter(({ day }) => (day + 1) * 24 <= firstHour)
    .map(({ camera, stream, volume, day, keptBytes }) => {
      return { camera, stream, volume, startUs: day * DAY_US, endUs: (day + 1) * DAY_US, bytes: keptBytes };
    });
}

function homesOf(hours: Measured['hours'], nowUs: number): Home[] {
  const homes = new Map<string, { camera: string; stream: string; volume: string; bytes: number }>();
  for (const { camera, stream, volume, hour, bytes } of hours) {
    if ((hour + 1) * HOUR_US < nowUs - LATELY_US) continue;
    const key = `${camera}/${stream}/${volume}`;
    const home = homes.get(key) ?? { camera, stream, volume, bytes: 0 };
    home.bytes += bytes;
    homes.set(key, home);
  }
  return [...homes.values()];
}
