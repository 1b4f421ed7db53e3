import t from 'tap';
import { ArenaWriter, BlockPool, ByteRun } from '../../firmware/media/index.ts';

function setUp(blockBytes = 8, maxFreeBlocks = 10) {
  const pool = new BlockPool({ blockBytes, maxFreeBlocks, poison: true });
  return { pool, writer: new ArenaWriter(pool) };
}

/** Bytes first, first + 1, ... */
function count(first: number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => first + at));
}

function text(run: ByteRun): number[] {
  return [...run.toBuffer()];
}

t.test('bytes come out as they went in, over any number of blocks', async (t) => {
  const { writer } = setUp();
  const bytes = count(0, 30);
  writer.append(bytes, 0, 5);
  writer.append(bytes, 5, 5);
  for (let at = 5; at < 9; at++) writer.appendByte(bytes[at]!);
  writer.append(bytes, 9, 30);
  t.equal(writer.length, 30);
  const run = writer.cut();
  t.strictSame(text(run), [...bytes]);
  t.equal(run.slices.length, 4);
  t.ok(Buffer.concat(run.views()).equals(bytes));
  t.strictSame([run.byteAt(0), run.byteAt(8), run.byteAt(29)], [0, 8, 29]);
  t.throws(() => run.byteAt(30), { code: 'box.bug' });
  t.equal(writer.length, 0);
  t.equal(writer.cut().length, 0);
});

t.test('runs lie behind each other in one block', async (t) => {
  const { writer } = setUp(64);
  writer.append(count(0, 10), 0, 10);
  const first = writer.cut();
  writer.append(count(10, 10), 0, 10);
  const second = writer.cut();
  t.equal(first.slices[0]!.block, second.slices[0]!.block);
  t.equal(first.slices[0]!.end, second.slices[0]!.start);
  t.strictSame([text(first), text(second)], [[...count(0, 10)], [...count(10, 10)]]);
});

t.test('rewinding goes back over block borders, and writing goes on there', async (t) => {
  for (let kept = 0; kept <= 20; kept++) {
    for (let dropped = 0; dropped <= 20; dropped++) {
      const { writer } = setUp();
      writer.append(count(200, 3), 0, 3);
      const before = writer.cut();
      writer.append(count(0, kept), 0, kept);
      const mark = writer.mark();
      writer.append(count(100, dropped), 0, dropped);
      writer.rewind(mark);
      if (writer.length !== kept) t.fail(`length after rewinding ${dropped} of ${kept}`);
      writer.append(count(50, 12), 0, 12);
      const run = writer.cut();
      const expected = [...count(0, kept), ...count(50, 12)];
      if (text(run).join() !== expected.join()) t.fail(`bytes after rewinding ${dropped} of ${kept}`);
      if (text(before).join() !== '200,201,202') t.fail(`the run cut before was touched at ${dropped} of ${kept}`);
    }
  }
  t.pass('all combinations of kept and dropped bytes');
});

t.test('rewinding twice and to the very start', async (t) => {
  const { writer } = setUp();
  const start = writer.mark();
  writer.append(count(0, 20), 0, 20);
  const middle = writer.mark();
  writer.append(count(20, 20), 0, 20);
  writer.rewind(middle);
  writer.rewind(start);
  t.equal(writer.length, 0);
  writer.append(count(7, 9), 0, 9);
  t.strictSame(text(writer.cut()), [...count(7, 9)]);
  t.throws(() => writer.rewind({ length: 1 }), { code: 'box.bug' }, 'a mark from before the cut');
});

t.test('rewinding leaves no hole in the block', async (t) => {
  const { writer } = setUp(64);
  writer.append(count(0, 10), 0, 10);
  const mark = writer.mark();
  writer.append(count(90, 20), 0, 20);
  writer.rewind(mark);
  writer.append(count(10, 10), 0, 10);
  const run = writer.cut();
  t.strictSame(text(run), [...count(0, 20)]);
  t.equal(run.slices.length, 1);
});

t.test('a number is patched in over a block border', async (t) => {
  for (let at = 0; at <= 12; at++) {
    const { writer } = setUp();
    writer.append(count(0, at), 0, at);
    const mark = writer.mark();
    for (let byte = 0; byte < 4; byte++) writer.appendByte(0);
    writer.append(count(60, 5), 0, 5);
    writer.patchU32(mark, 0xfedcba98);
    t.strictSame(text(writer.cut()), [...count(0, at), 0xfe, 0xdc, 0xba, 0x98, ...count(60, 5)]);
  }
});

t.test('a patch that does not fit changes nothing', async (t) => {
  const { writer } = setUp();
  writer.append(count(1, 6), 0, 6);
  t.throws(() => writer.patchU32({ length: 3 }, 0), { code: 'box.bug' });
  t.strictSame(text(writer.cut()), [...count(1, 6)]);
});

t.test('blocks return to the pool when the last holder lets go, and not before', async (t) => {
  const { pool, writer } = setUp(8, 2);
  writer.append(count(0, 30), 0, 30);
  const run = writer.cut();
  t.strictSame(pool.usage, { inUseBytes: 32, freeBytes: 0 });
  run.retain();
  run.release();
  t.strictSame(text(run), [...count(0, 30)], 'one holder is left');
  run.release();
  t.strictSame(pool.usage, { inUseBytes: 8, freeBytes: 16 }, 'the writer keeps the last block; two are kept for later');
  writer.append(count(0, 4), 0, 4);
  writer.dispose();
  t.equal(pool.usage.inUseBytes, 0);
  t.throws(() => run.release(), { code: 'box.bug' });
});

t.test('a pool has small blocks besides, and counts them', async (t) => {
  const pool = new BlockPool({ blockBytes: 64, smallBlockBytes: 8, maxFreeBlocks: 1 });
  const writer = new ArenaWriter(pool.small);
  writer.append(count(0, 20), 0, 20);
  t.strictSame(pool.usage, { inUseBytes: 24, freeBytes: 0 });
  writer.cut().release();
  writer.dispose();
  t.strictSame(pool.usage, { inUseBytes: 0, freeBytes: 8 });
  const plain = new BlockPool({ blockBytes: 64, maxFreeBlocks: 1 });
  t.equal(plain.small, plain);
});

t.test('rewinding gives blocks back', async (t) => {
  const { pool, writer } = setUp();
  const mark = writer.mark();
  writer.append(count(0, 40), 0, 40);
  writer.rewind(mark);
  t.equal(pool.usage.inUseBytes, 8);
  writer.append(count(0, 3), 0, 3);
  const run = writer.cut();
  writer.dispose();
  t.strictSame(text(run), [0, 1, 2]);
  run.release();
  t.equal(pool.usage.inUseBytes, 0);
});

t.test('a disposed writer can write again', async (t) => {
  const { writer } = setUp();
  writer.append(count(0, 5), 0, 5);
  writer.dispose();
  t.equal(writer.length, 0);
  writer.append(count(9, 5), 0, 5);
  t.strictSame(text(writer.cut()), [...count(9, 5)]);
});

t.test('runs over foreign memory', async (t) => {
  const run = ByteRun.of(count(5, 6).subarray(1));
  run.retain();
  run.release();
  run.release();
  t.strictSame(text(run), [6, 7, 8, 9, 10]);
});
