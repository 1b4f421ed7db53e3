import { weeklySpans, type TimeSpan } from '../base/index.ts';
import type { CameraSettings, Settings } from '../config/index.ts';
import { intersect, unite } from './spans.ts';

/** What was promised of a camera from an instant on: when it is recorded whatever happens in front of it. */
export interface RecordingPromise {
  /** UTC microseconds from which it holds, until the next one of the camera. */
  readonly sinceUs: number;
  readonly camera: string;
  readonly name: string;
  /**
   * `always`, `weekly` (by its schedule), or `never`: recorded around events or by hand, switched off, or removed. Nobody can
   * say of those when they should have been recorded.
   */
  readonly when: 'always' | 'weekly' | 'never';
  /** The stream that counts: the first of those that are recorded. Empty if there is none. */
  readonly stream: string;
  readonly times: readonly { readonly day: number; readonly from: string; readonly to: string }[];
  /** Of the site, which the times follow. */
  readonly timeZone: string;
}

function promiseOf(camera: CameraSettings, settings: Settings, sinceUs: number): RecordingPromise {
  const stream = camera.streams.find(({ record }) => record)?.id ?? '';
  const active = camera.enabled && stream !== '';
  const when =
    active && camera.mode === 'continuous' ? 'always' : active && camera.mode === 'schedule' ? 'weekly' : 'never';
  return {
    sinceUs,
    camera: camera.id,
    name: camera.name || camera.id,
    when,
    stream,
    times: when === 'weekly' ? camera.schedule.map(({ day, from, to }) => ({ day, from, to })) : [],
    timeZone: settings.site.timeZone,
  };
}

/** The promises that the settings change, among those that hold: nothing for a camera whose promise stays as it is. */
export function changedPromises(
  current: ReadonlyMap<string, RecordingPromise>,
  settings: Settings,
  nowUs: number,
): RecordingPromise[] {
  const changed: RecordingPromise[] = [];
  const there = new Set<string>();
  for (const camera of settings.cameras) {
    there.add(camera.id);
    const promise = promiseOf(camera, settings, nowUs);
    const before = current.get(camera.id);
    if (!before || !samePromise(before, promise)) changed.push(promise);
  }
  for (const [id, before] of current) {
    if (there.has(id) || (before.when === 'never' && before.stream === '')) continue;
    changed.push({ ...before, sinceUs: nowUs, when: 'never', stream: '', times: [] });
  }
  return changed;
}

/** When a camera should be recorded within a span, by the promises of its past in their order, with the stream that counts. */
export function expectedSpans(
  history: readonly RecordingPromise[],
  within: TimeSpan,
): (TimeSpan & { stream: string })[] {
  const expected: (TimeSpan & { stream: string })[] = [];
  for (const [index, promise] of history.entries()) {
    const startUs = Math.max(within.startUs, promise.sinceUs);
    const endUs = Math.min(within.endUs, history[index + 1]?.sinceUs ?? Infinity);
    if (startUs >= endUs || promise.when === 'never') continue;
    const part = { startUs, endUs };
    const spans = promise.when === 'always' ? [part] : weeklySpans(promise.times, promise.timeZone, part);
    expected.push(...spans.map((span) => ({ ...span, stream: promise.stream })));
  }
  return expected;
}

/** True if the camera should be recorded at this instant. */
export function isExpected(promise: RecordingPromise, wallUs: number): boolean {
  return expectedSpans([{ ...promise, sinceUs: wallUs }], { startUs: wallUs, endUs: wallUs + 1 }).length > 0;
}

/** Of expected spans, what the footage of their own streams covers. */
export function recordedOf(
  expected: readonly (TimeSpan & { stream: string })[],
  covered: ReadonlyMap<string, readonly TimeSpan[]>,
): TimeSpan[] {
  const streams = new Set(expected.map(({ stream }) => stream));
  return unite(
    ...[...streams].map((stream) => {
      const spans = unite(expected.filter((span) => span.stream === stream));
      return intersect(spans, unite(covered.get(stream) ?? []));
    }),
  );
}

function samePromise(a: RecordingPromise, b: RecordingPromise): boolean {
  const plain = ({ sinceUs: _, ...rest }: RecordingPromise): string => JSON.stringify(rest);
  return plain(a) === plain(b);
}
