import t from 'tap';
import { Metrics } from '../../../firmware/telemetry/index.ts';

t.test('counting, levels and ranges show in the snapshot', async (t) => {
  const metrics = new Metrics();
  metrics.counter('frames', 'Frames written', { camera: 'gate' }).add();
  metrics.counter('frames', 'Frames written', { camera: 'gate' }).add(4);
  metrics.counter('frames', 'Frames written', { camera: 'yard' }).add(2);
  const level = metrics.gauge('queue_bytes', 'Bytes that wait');
  level.set(7);
  level.add(-2);
  const histogram = metrics.histogram('sync_ms', 'Time of a sync', [1, 10]);
  for (const value of [0.5, 1, 5, 100]) histogram.observe(value);
  t.strictSame(
    metrics.snapshot().map(({ name, labels, value }) => [name, labels, value]),
    [
      ['frames', { camera: 'gate' }, { kind: 'counter', total: 5 }],
      ['frames', { camera: 'yard' }, { kind: 'counter', total: 2 }],
      ['queue_bytes', {}, { kind: 'gauge', level: 5 }],
      ['sync_ms', {}, { kind: 'histogram', count: 4, sum: 106.5, bounds: [1, 10], buckets: [2, 1] }],
    ],
  );
  t.strictSame(structuredClone(metrics.snapshot()), metrics.snapshot(), 'crosses threads');
});

t.test('the order of labels is no difference, their values are', async (t) => {
  const metrics = new Metrics();
  const one = metrics.counter('a', '', { x: '1', y: '2' });
  t.equal(metrics.counter('a', '', { y: '2', x: '1' }), one);
  t.not(metrics.counter('a', '', { x: '2', y: '1' }), one);
  t.not(metrics.counter('a', '', { x: '1,y=2' }), one);
});

t.test('a snapshot does not change afterwards', async (t) => {
  const metrics = new Metrics();
  const histogram = metrics.histogram('a', '', [1]);
  const before = metrics.snapshot();
  histogram.observe(0);
  t.match(before[0]?.value, { count: 0, buckets: [0] });
});

t.test('the series of a removed camera are forgotten', async (t) => {
  const metrics = new Metrics();
  for (const camera of ['gate', 'yard']) {
    metrics.counter('frames', '', { camera, stream: 'main' });
    metrics.gauge('fps', '', { camera });
  }
  metrics.remove({ camera: 'gate' });
  t.strictSame(
    metrics.snapshot().map(({ name, labels }) => `${name} ${labels.camera}`),
    ['frames yard', 'fps yard'],
  );
});

t.test('one name for two kinds is refused', async (t) => {
  const metrics = new Metrics();
  metrics.counter('a', '');
  t.throws(() => metrics.gauge('a', ''), TypeError);
});
