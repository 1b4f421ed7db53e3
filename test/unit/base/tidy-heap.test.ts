import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { tidyHeap } from '../../../firmware/base/index.ts';

const DOOR = new URL('../../../firmware/base/index.ts', import.meta.url).href;

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

t.test('several threads at once do not take the collector from each other', async (t) => {
  const program = `import('${DOOR}').then(({ tidyHeap }) => { for (let i = 0; i < 60; i++) tidyHeap(); });`;
  const exits = Array.from({ length: 4 }, async () => {
    const worker = new Worker(program, { eval: true });
    const [code] = (await once(worker, 'exit')) as [number];
    return code;
  });
  t.strictSame(await Promise.all(exits), [0, 0, 0, 0]);
});
