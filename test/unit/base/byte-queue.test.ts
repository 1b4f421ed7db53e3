import t from 'tap';
import { ByteQueue } from '../../../firmware/base/index.ts';

function drain<T>(queue: ByteQueue<T>): T[] {
  const items: T[] = [];
  queue.clear((item) => items.push(item));
  return items;
}

t.test('drop-newest keeps what waits', async (t) => {
  const dropped: string[] = [];
  const queue = new ByteQueue<string>({ maxBytes: 10, overflow: 'drop-newest', onDrop: (item) => dropped.push(item) });
  t.ok(queue.push('a', 6));
  t.notOk(queue.push('b', 5));
  t.ok(queue.push('c', 4), 'a full queue is not an overflown one');
  t.strictSame([queue.length, queue.bytes, queue.dropped], [2, 10, { items: 1, bytes: 5 }]);
  t.strictSame([drain(queue), dropped], [['a', 'c'], ['b']]);
});

t.test('drop-oldest keeps what is new', async (t) => {
  const dropped: string[] = [];
  const queue = new ByteQueue<string>({ maxBytes: 10, overflow: 'drop-oldest', onDrop: (item) => dropped.push(item) });
  for (const item of ['a', 'b', 'c']) t.ok(queue.push(item, 4));
  t.strictSame([queue.bytes, dropped], [8, ['a']]);
  t.notOk(queue.push('huge', 11), 'an item that never fits costs no other');
  t.strictSame(
    [drain(queue), dropped],
    [
      ['b', 'c'],
      ['a', 'huge'],
    ],
  );
});

t.test('order, counts and bytes hold over any sequence of pushes and shifts', async (t) => {
  const queue = new ByteQueue<number>({ maxBytes: 3000, overflow: 'drop-newest' });
  const model: number[] = [];
  let seed = 1;
  for (let i = 0; i < 50_000; i++) {
    seed = (seed * 48271) % 2147483647;
    // Runs of pushes and of shifts, so that the queue fills to its limit and empties again.
    const pushing = (i >> 12) % 2 === 0 ? seed % 4 !== 0 : seed % 4 === 0;
    if (pushing) {
      if (queue.push(i, 2)) model.push(i);
    } else if (queue.peek() !== model[0] || queue.shift() !== model.shift()) {
      throw new Error(`order lost at ${i}`);
    }
    if (queue.length !== model.length || queue.bytes !== model.length * 2 || queue.bytes > 3000) {
      throw new Error(`counts lost at ${i}`);
    }
  }
  t.strictSame(drain(queue), model);
  t.ok(queue.dropped.items > 0, 'the limit was reached');
  t.strictSame([queue.length, queue.bytes, queue.shift()], [0, 0, undefined]);
});
