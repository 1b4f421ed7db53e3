import t from 'tap';
import { type ByteRun, BlockPool, ArenaWriter } from '../../firmware/media/index.ts';
import type { PendingFragment } from '../../firmware/recording/fragmenter.ts';
import { HeldGop, NOTHING_HELD, SharedFragment } from '../../firmware/recording/held-gop.ts';
import { VIDEO } from '../support/segment-maker.ts';

const LIMITS = { stableBytes: 1000, bytes: 4000 };
const pool = new BlockPool({ blockBytes: 4096, maxFreeBlocks: 4 });

/** A second of one picture. */
function fragment(at: number, key: boolean, size = 100): SharedFragment {
  const writer = new ArenaWriter(pool);
  writer.append(Buffer.alloc(size), 0, size);
  const bytes: ByteRun = writer.cut();
  writer.dispose();
  const dts = at * 90_000;
  const frame = { format: VIDEO, key, dts, pts: dts, duration: 0, arrivalUs: 0, lostBefore: 0, bytes };
  const samples = [{ dts, cts: 0, duration: 90_000, size, key }];
  const pending: PendingFragment = {
    tracks: [{ track: 0, samples, bytes: bytes.views() }],
    frames: [frame],
    bytes: size,
    endS: at + 1,
    pictures: 1,
    keyPictures: key ? 1 : 0,
  };
  return new SharedFragment(pending);
}

/** Adds a fragment as a segment does, which lets go of its own hold. */
function add(held: HeldGop, at: number, key: boolean, size?: number): ReturnType<HeldGop['add']> {
  const shared = fragment(at, key, size);
  const entry = held.add(shared);
  shared.release();
  return entry;
}

function takenFrom(held: HeldGop): number[] {
  const taken = held.take();
  for (const shared of taken) shared.release();
  return taken.map(({ fragment: { endS } }) => endS - 1);
}

t.afterEach(() => t.equal(pool.usage.inUseBytes, 0, 'all memory is given back'));

t.test('held from the key frame before what is not stable', async (t) => {
  const held = new HeldGop(0);
  const entries = [true, false, true, false, true].map((key, at) => add(held, at, key));
  entries[0]!.coveredBy = 1;
  entries[1]!.coveredBy = 1;
  entries[2]!.coveredBy = 1;
  entries[3]!.coveredBy = 2;
  held.trim(1, LIMITS);
  t.equal(held.stableEndS, 3);
  t.same(takenFrom(held), [2, 3, 4]);
});

t.test('with all stable, the newest group of pictures is held', async (t) => {
  const held = new HeldGop(0);
  for (const entry of [true, false, true, false].map((key, at) => add(held, at, key))) entry.coveredBy = 1;
  held.trim(1, LIMITS);
  t.same([held.stableEndS, held.bytes], [4, 200]);
  t.same(takenFrom(held), [2, 3]);
});

t.test('what is not stable may come from a segment that began without a key frame', async (t) => {
  const held = new HeldGop(7);
  add(held, 7, false);
  add(held, 8, false);
  held.trim(0, LIMITS);
  t.equal(held.stableEndS, 7);
  t.same(takenFrom(held), [7, 8]);
});

t.test('the bounds: a long group goes once it is stable, an unstable one when it is too much', async (t) => {
  const held = new HeldGop(0);
  const first = [true, false, false].map((key, at) => add(held, at, key, 600));
  held.trim(0, LIMITS);
  t.equal(held.bytes, 1800, 'nothing of it is stable');
  first[0]!.coveredBy = first[1]!.coveredBy = 1;
  held.trim(1, LIMITS);
  t.equal(held.bytes, 0, 'the beginning is too much, and the rest is of no use');
  t.equal(held.stableEndS, 2);
  first[2]!.coveredBy = 2;
  held.trim(2, LIMITS);
  t.equal(held.stableEndS, 3, 'what is not held any more is followed all the same');
  for (let at = 3; at < 9; at++) add(held, at, at % 2 === 1, 1000);
  held.trim(2, LIMITS);
  t.same(takenFrom(held), [5, 6, 7, 8]);
});

t.test('where there is no other disk nothing is held', async (t) => {
  const held = new HeldGop(0);
  const entry = add(held, 0, true);
  held.trim(0, NOTHING_HELD);
  t.equal(pool.usage.inUseBytes, 0);
  entry.coveredBy = 1;
  held.trim(1, NOTHING_HELD);
  t.equal(held.stableEndS, 1);
  t.same(takenFrom(held), []);
});
