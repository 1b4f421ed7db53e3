import t from 'tap';
import {
  BlockPool,
  ArenaWriter,
  FanOut,
  type Frame,
  type FrameReader,
  type ReaderQueue,
} from '../../firmware/media/index.ts';

const FRAME_BYTES = 100;
const VIDEO = { kind: 'video', codec: 'h264', timescale: 90_000 } as Frame['format'];

/** Frames in blocks of a pool that tells whether all of them came back. */
function source() {
  const pool = new BlockPool({ blockBytes: FRAME_BYTES, maxFreeBlocks: 0, poison: true });
  const writer = new ArenaWriter(pool);
  const filler = Buffer.alloc(FRAME_BYTES, 7);
  let count = 0;
  const next = (key = false): Frame => {
    writer.append(filler, 0, FRAME_BYTES);
    const dts = count++;
    return { format: VIDEO, key, dts, pts: dts, duration: 1, arrivalUs: 0, lostBefore: 0, bytes: writer.cut() };
  };
  return { next, pool, dispose: () => writer.dispose() };
}

/** A reader that takes only when it is told to. */
class Slow implements FrameReader {
  readonly name = 'slow';
  readonly limitBytes: number;
  queue: ReaderQueue | undefined;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  wake(queue: ReaderQueue): void {
    this.queue = queue;
  }

  take(count: number): number[] {
    const taken: number[] = [];
    for (let i = 0; i < count; i++) {
      const frame = this.queue?.shift();
      if (!frame) break;
      taken.push(frame.dts);
      frame.bytes.release();
    }
    return taken;
  }
}

t.test('a reader that never catches up gets every frame in order', async (t) => {
  const { next, pool, dispose } = source();
  const fanOut = new FanOut();
  const reader = new Slow(1e6);
  fanOut.attach(reader);
  const taken: number[] = [];
  for (let i = 0; i < 1000; i++) {
    const frame = next(i === 0);
    fanOut.push(frame);
    frame.bytes.release();
    // Twenty stay behind all the time, so the queue is never empty.
    if (i >= 20) taken.push(...reader.take(1));
  }
  t.equal(reader.queue!.bytes, 20 * FRAME_BYTES);
  taken.push(...reader.take(100));
  t.strictSame(
    taken,
    Array.from({ length: 1000 }, (_, i) => i),
  );
  t.equal(reader.queue!.bytes, 0);
  t.equal(reader.queue!.shift(), undefined);
  t.strictSame(reader.queue!.counts, { frames: 1000, droppedFrames: 0, droppedBytes: 0 });
  dispose();
  t.equal(pool.usage.inUseBytes, 0, 'no block is held');
});

t.test('what is too much is dropped up to the next key frame, from this reader only', async (t) => {
  const { next, pool, dispose } = source();
  const fanOut = new FanOut();
  const [slow, quick] = [new Slow(5 * FRAME_BYTES), new Slow(1e6)];
  fanOut.attach(slow);
  fanOut.attach(quick);
  for (let i = 0; i < 12; i++) {
    if (i === 8) t.strictSame(slow.take(2), [0, 1]);
    const frame = next(i === 0 || i === 10);
    fanOut.push(frame);
    frame.bytes.release();
  }
  t.strictSame(slow.take(100), [2, 3, 4, 10, 11], 'nothing that could not be decoded');
  t.match(slow.queue!.counts, { droppedFrames: 5, droppedBytes: 5 * FRAME_BYTES });
  t.equal(quick.take(100).length, 12);
  fanOut.push(next(true));
  fanOut.close();
  dispose();
  t.equal(pool.usage.inUseBytes, FRAME_BYTES, 'only what the source itself still holds');
});
