import t from 'tap';
import { checkSettings, type Settings } from '../../firmware/config/index.ts';
import {
  forecast,
  planInputOf,
  PlanningThread,
  propose,
  withWishes,
  type PlanningTask,
} from '../../firmware/planning/index.ts';
import { DAY_FIGURES, HOUR_FIGURES, packRows, unpackRows } from '../../firmware/storage/catalogue/packed-rows.ts';

const NOW_US = Date.parse('2026-05-31T00:00:00Z') * 1000;
const NOW_HOUR = NOW_US / 3_600_000_000;
const CAMERAS = ['yard', 'gate', 'hall'];
const GB = 1e9;

const settings: Settings = checkSettings({
  cameras: CAMERAS.map((id) => ({ id, wishDays: 30, streams: [{ id: 'main', url: 'rtsp://192.0.2.1/a' }] })),
  volumes: [{ id: 'disk', folder: 'disk' }],
});
const at = (camera: string) => ({ camera, stream: 'main', volume: 'disk' });
const hours = CAMERAS.flatMap((camera, index) =>
  Array.from({ length: 1000 }, (_, hour) => {
    const bytes = 1e9 * (1 + index + ((hour * 7) % 11) / 10);
    return { ...at(camera), hour: NOW_HOUR - 1000 + hour, recordedUs: 3.6e9, bytes, keptUs: 3.6e9, keptBytes: bytes };
  }),
);
const keptDays = CAMERAS.map((camera) => ({
  ...at(camera),
  day: NOW_HOUR / 24 - 45,
  keptUs: 8e10,
  keptBytes: 20 * GB,
}));
const volumes = [
  { id: 'disk', totalBytes: 4000 * GB, freeBytes: 500 * GB, segmentBytes: 3000 * GB, peakBytesPerS: 2e6 },
];

/** Anew for each question: the rows change hands. */
function task(more: Partial<PlanningTask> = {}): Omit<PlanningTask, 'want'> {
  return {
    settings,
    nowUs: NOW_US,
    volumes,
    hours: packRows(hours, HOUR_FIGURES),
    keptDays: packRows(keptDays, DAY_FIGURES),
    sameSinceUs: new Map(),
    bitsPerS: new Map([['yard/main', 4e6]]),
    wishes: new Map([['hall', 90]]),
    ...more,
  };
}

t.test('rows go through a few arrays and come out as they were', (t) => {
  t.strictSame(unpackRows(packRows(hours, HOUR_FIGURES)), hours);
  t.strictSame(unpackRows(packRows(keptDays, DAY_FIGURES)), keptDays);
  t.strictSame(unpackRows(packRows([], DAY_FIGURES)), []);
  t.end();
});

t.test('a thread of its own comes to the same forecast and plan', async (t) => {
  const thread = new PlanningThread();
  const input = planInputOf(settings, {
    nowUs: NOW_US,
    volumes,
    hours,
    keptDays,
    sameSinceUs: () => 0,
    bitsPerS: (camera) => (camera === 'yard' ? 4e6 : undefined),
  });
  // Asked at once, answered in turn.
  const [seen, planned] = await Promise.all([thread.forecast(task()), thread.plan(task())]);
  t.strictSame(seen, forecast(input));
  t.ok(seen.cameras.length === 3 && seen.cameras.every(({ days }) => days > 0));
  t.strictSame(planned, propose(withWishes(input, new Map([['hall', 90]]))));
  t.equal(planned.fits, false, 'ninety days are too many');
  await thread.stop();
});

t.test('what goes wrong in it is told, the next one is made, and an end does not wait', async (t) => {
  const thread = new PlanningThread();
  const broken = { ...settings, site: undefined } as unknown as Settings;
  await t.rejects(thread.forecast(task({ settings: broken })), { code: 'box.bug' });
  t.equal((await thread.forecast(task())).cameras.length, 3);
  const cutOff = thread.forecast(task());
  const tooLate = thread.plan(task());
  await Promise.all([
    t.rejects(cutOff, { code: 'planning.not-made' }),
    t.rejects(tooLate, { code: 'planning.not-made' }),
    thread.stop(),
  ]);
});
