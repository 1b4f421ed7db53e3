import t from 'tap';
import { LOCAL } from '../../../firmware/control/index.ts';
import { JobDesk } from '../../../firmware/control/job-desk.ts';

t.test('41. results that are kept are bounded together; the oldest go, and what runs stays', async (t) => {
  const desk = new JobDesk();
  const running = desk.begin({ name: 'disks.check' }, LOCAL, () => new Promise(() => {}));
  const made: string[] = [];
  for (let count = 0; count < 6; count++) {
    const { id } = desk.begin({ name: 'log.export' }, LOCAL, async () => 'x'.repeat(5 << 20));
    made.push(id);
    while (desk.list().find((job) => job.id === id)?.state === 'running') await new Promise(setImmediate);
  }
  const left = desk.list().map(({ id }) => id);
  t.strictSame(left, [...made.slice(-3).toReversed(), running.id]);
  const { id: huge } = desk.begin({ name: 'log.export' }, LOCAL, async () => 'x'.repeat(17 << 20));
  while (desk.list().find((job) => job.id === huge)?.state === 'running') await new Promise(setImmediate);
  t.strictSame(
    desk.list().map(({ id }) => id),
    [running.id],
    'one that is too large by itself is not kept at all',
  );
});
