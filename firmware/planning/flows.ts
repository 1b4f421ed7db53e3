import type { FootageClass } from '../storage/index.ts';
import { classOf, type PlanCamera, type PlanInput, type PlanStream } from './model.ts';
import { HOUR_US, WEEK_HOURS } from './week.ts';
import { dayNoise, type DayNoise } from './doubt.ts';
import { binsOf, weekBytes } from './rates.ts';

/** A recorded stream with what it will write and where. */
export interface Flow {
  readonly camera: PlanCamera;
  readonly stream: string;
  readonly class: FootageClass;
  readonly bytesPerDay: number;
  /** False: nothing was measured, `bytesPerDay` is a guess. */
  readonly measured: boolean;
  /** How much its days differ; undefined while too few have been seen. */
  readonly noise: () => DayNoise | undefined;
  /** Parts of it by volume; together 1 for each copy. */
  readonly homes: readonly { readonly volume: string; readonly share: number }[];
  /** Bytes that it writes from the beginning of the plan up to an instant, on one volume with all of it. */
  readonly bytesUntil: (wallUs: number) => number;
}

/** All recorded streams of a plan, with the mean of their rates, each at home on its volumes. */
export function flowsOf(input: PlanInput): Flow[] {
  const recorded = input.cameras
    .filter(({ enabled }) => enabled)
    .flatMap((camera) => camera.streams.filter(({ record }) => record).map((stream) => ({ camera, stream })))
    .map((each) => ({ ...each, week: weekOf(each.camera, each.stream) }));
  const homes = homesOf(input, recorded);
  return recorded.map(({ camera, stream, week }, index) => ({
    camera,
    stream: stream.id,
    class: classOf(camera),
    bytesPerDay: week / 7,
    measured: stream.rate.measured,
    noise: () => dayNoise(stream.rate, (bin) => shareAt(camera, bin)),
    homes: homes[index]!,
    bytesUntil: cumulative(input, camera, stream),
  }));
}

/** Bytes of a week of a stream, whether it is recorded or not. */
export function weekOf(camera: PlanCamera, stream: PlanStream): number {
  return weekBytes(stream.rate, (bin) => shareAt(camera, bin));
}

/** Bytes per second of all recorded streams of a plan in the busiest hour of the week. */
export function busiestBytesPerS(input: PlanInput): number {
  const hours = Array.from({ length: WEEK_HOURS }, (_, bin) =>
    input.cameras.reduce(
      (sum, camera) =>
        camera.enabled
          ? camera.streams.reduce((own, { record, rate }) => {
              return record ? own + rate.bins[bin]!.bytesPerS * shareAt(camera, bin) * camera.copies : own;
            }, sum)
          : sum,
      0,
    ),
  );
  return hours.reduce((a, b) => Math.max(a, b), 0);
}

/** Volumes that a camera may be written to. */
export function volumesFor(input: PlanInput, camera: PlanCamera): PlanInput['volumes'] {
  return input.volumes.filter(({ group }) => camera.group === '' || group === camera.group);
}

function shareAt(camera: PlanCamera, bin: number): number {
  return camera.mode === 'schedule' ? (camera.scheduleShare[bin] ?? 0) : 1;
}

/** Sums over the hours of the week, so that any length of time costs the same. */
function cumulative(input: PlanInput, camera: PlanCamera, stream: PlanStream): (wallUs: number) => number {
  const { nowUs, timeZone } = input;
  const firstHour = Math.floor(nowUs / HOUR_US);
  const firstBin = binsOf(timeZone, firstHour * HOUR_US, (firstHour + 1) * HOUR_US)(firstHour);
  const sums = [0];
  for (let hour = 0; hour < WEEK_HOURS; hour++) {
    const bin = (firstBin + hour) % WEEK_HOURS;
    sums.push(sums[hour]! + stream.rate.bins[bin]!.bytesPerS * 3600 * shareAt(camera, bin));
  }
  const plain = sums[WEEK_HOURS]!;
  const at = (us: number): number => {
    const hours = us / HOUR_US - firstHour;
    const weeks = Math.floor(hours / WEEK_HOURS);
    const rest = hours - weeks * WEEK_HOURS;
    const whole = Math.floor(rest);
    const [before, after] = [sums[whole]!, sums[whole + 1] ?? plain];
    return weeks * plain + before + (after - before) * (rest - whole);
  };
  const begin = at(nowUs);
  return (wallUs) => at(wallUs) - begin;
}

/**
 * Streams stay where they were written lately, as recording keeps them; those without a place, or with one that they may not
 * have any more, go where most room is for what is written there.
 */
function homesOf(
  input: PlanInput,
  recorded: readonly { camera: PlanCamera; stream: PlanStream; week: number }[],
): Flow['homes'][] {
  const load = new Map(input.volumes.map(({ id }) => [id, 0]));
  const homes: (Flow['homes'] | undefined)[] = recorded.map(({ camera, stream, week }) => {
    const allowed = new Set(volumesFor(input, camera).map(({ id }) => id));
    const lately = input.homes.filter(
      (home) => home.camera === camera.id && home.stream === stream.id && allowed.has(home.volume) && home.bytes > 0,
    );
    if (lately.length < camera.copies) return undefined;
    const total = lately.reduce((sum, { bytes }) => sum + bytes, 0);
    const shares = lately.map(({ volume, bytes }) => ({ volume, share: (camera.copies * bytes) / total }));
    for (const { volume, share } of shares) load.set(volume, load.get(volume)! + share * week);
    return shares;
  });
  const homeless = recorded.map((each, index) => ({ ...each, index })).filter(({ index }) => !homes[index]);
  for (const { camera, week, index } of homeless.sort((a, b) => b.week - a.week)) {
    const room = ({ id, segmentBytes, freeBytes, budgetBytes }: PlanInput['volumes'][number]): number =>
      (load.get(id)! + week) / Math.max(1, Math.min(budgetBytes ?? Infinity, segmentBytes + freeBytes));
    const best = [...volumesFor(input, camera)].sort((a, b) => room(a) - room(b)).slice(0, camera.copies);
    for (const { id } of best) load.set(id, load.get(id)! + week);
    homes[index] = best.map(({ id }) => ({ volume: id, share: 1 }));
  }
  return homes.map((each) => each ?? []);
}
