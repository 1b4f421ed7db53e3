import t from 'tap';
import { checkSettings } from '../../firmware/config/index.ts';
import { MissingWatch, type StreamSight } from '../../firmware/assurance/index.ts';
import { changedPromises, type RecordingPromise } from '../../firmware/assurance/promise.ts';

const S = 1_000_000;
/** A Monday. */
const NOON_US = Date.parse('2026-06-01T12:00:00Z') * 1000;

const always = (camera: string, more: Partial<RecordingPromise> = {}): RecordingPromise => ({
  sinceUs: 0,
  camera,
  name: camera,
  when: 'always',
  stream: 'main',
  times: [],
  timeZone: 'UTC',
  ...more,
});

/** Looks every five seconds and returns the second at which the alarm came and at which it went. */
function looks(
  promise: RecordingPromise,
  seconds: number,
  sightAt: (second: number) => Partial<StreamSight> | undefined,
): { raised: number[]; cleared: number[]; watch: MissingWatch } {
  const watch = new MissingWatch();
  const [raised, cleared]: number[][] = [[], []];
  let standing = false;
  for (let second = 0; second <= seconds; second += 5) {
    const now = { monoUs: second * S, wallUs: NOON_US + second * S };
    const sight = sightAt(second);
    const sights = sight && [{ camera: promise.camera, stream: 'main', recording: true, frames: second + 1, ...sight }];
    const stands = watch.look(now, [promise], sights).length > 0;
    if (stands !== standing) (stands ? raised : cleared)!.push(second);
    standing = stands;
  }
  return { raised: raised!, cleared: cleared!, watch };
}

t.test('an alarm comes within a minute after the last picture, and goes with the next one', async (t) => {
  const { raised, cleared, watch } = looks(always('yard'), 300, (second) =>
    second < 100 || second >= 200 ? {} : { recording: false, frames: 100, reason: 'network-loss' },
  );
  t.strictSame({ raised, cleared }, { raised: [125], cleared: [200] });
  t.strictSame(watch.observed('yard'), [
    { startUs: NOON_US + 95 * S, endUs: NOON_US + 195 * S, reason: 'network-loss' },
  ]);
});

t.test(
  'pictures that stand still are not recording, whatever is said; neither is recording that does not answer',
  async (t) => {
    t.strictSame(looks(always('yard'), 100, (second) => ({ frames: Math.min(second, 20) })).raised, [50]);
    t.strictSame(looks(always('yard'), 100, () => undefined).raised, [30]);
    const restarted = looks(always('yard'), 100, (second) => ({ frames: second < 50 ? 5000 + second : second - 49 }));
    t.strictSame(restarted.raised, [], 'counting begins anew after a restart');
  },
);

t.test('nothing is missing that was not expected', async (t) => {
  const idle = (): Partial<StreamSight> => ({ recording: false, frames: 0 });
  t.strictSame(looks(always('yard', { when: 'never' }), 200, idle).raised, []);
  const times = [{ day: 1, from: '12:01', to: '12:02' }];
  const weekly = looks(always('yard', { when: 'weekly', times }), 200, idle);
  t.strictSame({ ...weekly, watch: 0 }, { raised: [85], cleared: [120], watch: 0 });
});

t.test('settings become promises, and only changes are written down', async (t) => {
  const streams = [{ id: 'main', url: 'rtsp://127.0.0.1/x' }];
  const settings = (cameras: object[]) => checkSettings({ cameras, site: { timeZone: 'Asia/Shanghai' } });
  const schedule = [{ day: 1, from: '08:00', to: '18:00' }];
  const first = changedPromises(
    new Map(),
    settings([
      { id: 'a', name: 'A', streams },
      { id: 'b', streams, mode: 'schedule', schedule },
      { id: 'c', streams, mode: 'event', schedule },
      { id: 'd', streams, enabled: false },
      { id: 'e', streams: [{ ...streams[0], record: false }] },
    ]),
    5,
  );
  t.match(first, [
    { camera: 'a', name: 'A', when: 'always', stream: 'main', sinceUs: 5 },
    { camera: 'b', when: 'weekly', times: schedule, timeZone: 'Asia/Shanghai' },
    { camera: 'c', when: 'never', times: [] },
    { camera: 'd', when: 'never' },
    { camera: 'e', when: 'never', stream: '' },
  ]);
  const current = new Map(first.map((each) => [each.camera, each]));
  const same = settings([
    { id: 'a', name: 'A', streams, username: 'admin' },
    { id: 'b', streams, mode: 'schedule', schedule },
    { id: 'c', streams, mode: 'event' },
    { id: 'd', streams, enabled: false },
  ]);
  t.strictSame(changedPromises(current, same, 6), []);
  const removed = changedPromises(current, settings([{ id: 'a', name: 'A', streams, mode: 'manual' }]), 7);
  t.strictSame(
    removed.map(({ camera, when, sinceUs }) => [camera, when, sinceUs]),
    [
      ['a', 'never', 7],
      ['b', 'never', 7],
      ['c', 'never', 7],
      ['d', 'never', 7],
    ],
  );
});
