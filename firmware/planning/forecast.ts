import type { PlanInput } from './model.ts';
import { doubtOf } from './doubt.ts';
import { flowsOf, type Flow } from './flows.ts';
import { simulate, type SimulatedStream, type SimulatedDisk, type Simulation } from './simulation.ts';
import { DAY_US } from './week.ts';

/** What is to be expected of a camera: of its recorded streams the one that is kept the shortest. */
export interface CameraForecast {
  readonly camera: string;
  readonly name: string;
  readonly volumes: readonly string[];
  readonly bytesPerDay: number;
  /** False: nothing was measured yet, the figures are a guess. */
  readonly measured: boolean;
  readonly keptNowDays: number;
  /**
   * Days kept in the long run: at the mean of what was measured, and the ends between which they will be nine times of ten, if the
   * weeks to come are like those that were measured.
   */
  readonly days: number;
  readonly lowDays: number;
  readonly highDays: number;
  /** The worst of the week. */
  readonly leastDays: number;
  readonly boundBy: SimulatedStream['boundBy'];
  readonly wishDays: number | undefined;
  /** When footage younger than wished is deleted for the first time. */
  readonly breaksAtUs: number | undefined;
  readonly stopsAtUs: number | undefined;
}

export interface Forecast {
  readonly madeUs: number;
  readonly cameras: readonly CameraForecast[];
  readonly volumes: readonly SimulatedDisk[];
}

/** Steps in the time in which a disk is written over once: with fewer, whole hours of footage go at once, and forecasts err by per cents. */
const STEPS_PER_TURN = 600;
/** Plans try dozens of changes while everything else waits. */
const STEPS_PER_TRIAL = 300;
/** Less than this of the mean no stream is taken to write. */
const LEAST_FACTOR = 0.1;

/** Three simulations: at the mean of the measured rates and at the two ends of what is to be expected. */
export function forecast(input: PlanInput): Forecast {
  const flows = flowsOf(input);
  const mean = simulate(input, flows, { stepsPerTurn: STEPS_PER_TURN });
  const doubt = doubts(flows, mean);
  const ends = (sign: 1 | -1): Simulation => {
    const factor = (flow: Flow, volume: string): number => {
      return Math.max(LEAST_FACTOR, 1 + sign * (doubt.get(placeOf(flow, volume)) ?? 0));
    };
    return simulate(input, flows, { stepsPerTurn: STEPS_PER_TURN, factor });
  };
  const [low, high] = [ends(1), ends(-1)];
  const graceDays = mean.stepUs / DAY_US;
  const cameras = input.cameras.flatMap((camera): CameraForecast[] => {
    const own = mean.streams.filter((stream) => stream.camera === camera.id);
    const worst = shortest(own);
    if (!worst) return [];
    const daysIn = (streams: readonly SimulatedStream[]): number =>
      shortest(streams.filter((stream) => stream.camera === camera.id))?.days ?? worst.days;
    const recorded = camera.streams.filter(({ record }) => record);
    return [
      {
        camera: camera.id,
        name: camera.name,
        volumes: [...new Set(own.flatMap(({ volumes }) => volumes))],
        bytesPerDay: own.reduce((sum, { bytesPerDay }) => sum + bytesPerDay, 0),
        measured: recorded.every(({ rate }) => rate.measured),
        keptNowDays: worst.keptNowDays,
        days: worst.days,
        lowDays: Math.max(0, Math.min(worst.days, daysIn(low.streams)) - graceDays),
        highDays: Math.max(worst.days, daysIn(high.streams)) + graceDays,
        leastDays: worst.leastDays,
        boundBy: worst.boundBy,
        wishDays: camera.wishDays,
        breaksAtUs: earliest(own.map(({ breaksAtUs }) => breaksAtUs)),
        stopsAtUs: earliest(own.map(({ stopsAtUs }) => stopsAtUs)),
      },
    ];
  });
  return { madeUs: input.nowUs, cameras, volumes: mean.volumes };
}

/** Cameras whose wish the forecast breaks before an instant. */
export function brokenWishes({ cameras }: Forecast, beforeUs: number): CameraForecast[] {
  return cameras.filter(({ breaksAtUs, stopsAtUs, wishDays }) => {
    const stops = wishDays !== undefined && stopsAtUs !== undefined && stopsAtUs < beforeUs;
    return stops || (breaksAtUs !== undefined && breaksAtUs < beforeUs);
  });
}

/** Long-run days of every camera, at the mean. */
export function daysByCamera(input: PlanInput): Map<string, number> {
  const days = new Map<string, number>();
  for (const stream of simulate(input, flowsOf(input), { stepsPerTurn: STEPS_PER_TRIAL }).streams) {
    days.set(stream.camera, Math.min(stream.days, days.get(stream.camera) ?? Infinity));
  }
  return days;
}

/** For each place where footage makes room for footage, how much more or less than its mean may be written there. */
function doubts(flows: readonly Flow[], { streams }: Simulation): Map<string, number> {
  const days = new Map(streams.map(({ camera, stream, days: kept }) => [`${camera}/${stream}`, kept]));
  const written = flows.flatMap((flow) => {
    const { bytesPerDay, measured, homes } = flow;
    const noise = flow.noise();
    const keptDays = days.get(`${flow.camera.id}/${flow.stream}`) ?? 0;
    return homes.map(({ volume, share }) => {
      return { place: placeOf(flow, volume), bytesPerDay, measured, noise, share, keptDays };
    });
  });
  return new Map([...Map.groupBy(written, ({ place }) => place)].map(([place, own]) => [place, doubtOf(own)]));
}

/** Events make room for events, the rest for the rest. */
function placeOf(flow: Flow, volume: string): string {
  return `${volume}/${flow.class}`;
}

function shortest(streams: readonly SimulatedStream[]): SimulatedStream | undefined {
  return streams.reduce<SimulatedStream | undefined>((a, b) => (a && a.days <= b.days ? a : b), undefined);
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
