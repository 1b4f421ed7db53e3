import t from 'tap';
import { tidyHeap } from '../../../firmware/base/index.ts';

t.test('what nobody holds any more is given back', async (t) => {
  const held: { i: number }[][] = [Array.from({ length: 500_000 }, (_, i) => ({ i }))];
  tidyHeap();
  const before = process.memoryUsage().heapUsed;
  held.length = 0;
  tidyHeap();
  const freed = before - process.memoryUsage().heapUsed;
  t.ok(freed > 4e6, `${freed} bytes of half a million objects`);
  t.notOk('gc' in globalThis, 'nobody else gets the collector');
});
