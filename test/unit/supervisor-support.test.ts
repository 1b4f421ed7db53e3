import { readFileSync } from 'node:fs';
import t from 'tap';
import { Problems } from '../../firmware/telemetry/index.ts';
import { SupportWatch } from '../../firmware/supervisor/support-watch.ts';

t.test('39. a release says until when it is looked after, and when that is over', async (t) => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    supportedUntil: string;
  };
  t.match(manifest.supportedUntil, /^\d{4}-\d\d-\d\d$/);
  let wallUs = Date.parse('2031-05-31T23:59:59Z') * 1000;
  const clock = { wallUs: (): number => wallUs };
  const problems = new Problems(clock);
  const watch = new SupportWatch('2031-05-31', problems, clock);
  await watch.start();
  t.same(problems.list(), [], 'on its last day it still is');
  wallUs += 1_000_000;
  watch.look();
  t.match(problems.list(), [{ code: 'box.support-over', severity: 'warning', context: { until: '2031-05-31' } }]);
  wallUs -= 365 * 86_400_000_000;
  watch.look();
  t.same(problems.list(), [], 'the clock was wrong');
  await watch.stop();
});
