import t from 'tap';
import { Backoff, firstPromise } from '../../../firmware/base/index.ts';

t.test('pauses grow to the maximum and start again after a reset', async (t) => {
  const backoff = new Backoff({ minMs: 100, maxMs: 1000, random: () => 1 });
  t.strictSame(
    [1, 2, 3, 4, 5].map(() => backoff.nextMs()),
    [200, 400, 800, 1000, 1000],
  );
  t.equal(backoff.attempts, 5);
  backoff.reset();
  t.equal(backoff.nextMs(), 200);
});

t.test('the jitter covers the whole range', async (t) => {
  const low = new Backoff({ minMs: 100, maxMs: 1000, random: () => 0 });
  t.strictSame(
    [1, 2, 3].map(() => low.nextMs()),
    [100, 100, 100],
  );
  const real = new Backoff({ minMs: 100, maxMs: 1000 });
  for (let i = 0; i < 2000; i++) {
    const pauseMs = real.nextMs();
    if (pauseMs < 100 || pauseMs > 1000 || !Number.isInteger(pauseMs)) t.fail(`pause of ${pauseMs}`);
  }
  t.equal(real.attempts, 2000);
});

t.test('work that is done once gives every caller the first promise', async (t) => {
  let calls = 0;
  const stop = firstPromise(async () => ++calls);
  t.equal(stop(), stop());
  t.equal(await stop(), 1);
  const broken = firstPromise<void>(() => {
    throw new Error('at once');
  });
  await t.rejects(broken(), { message: 'at once' });
  await t.rejects(broken(), { message: 'at once' }, 'also later');
});
