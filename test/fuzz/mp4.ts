import assert from 'node:assert/strict';
import { BoxError } from '../../firmware/base/index.ts';
import { cutMovie, planRepair, readIdentity, readSegment } from '../../firmware/media/index.ts';
import { makeSegment, memoryReader, repaired, syntheticTracks } from '../support/segment-maker.ts';
import type { FuzzTarget } from './target.ts';

const made = makeSegment(syntheticTracks({ seconds: 2, fps: 4, pictureBytes: 40, reorder: [1, 2, 0], audio: true }), {
  starts: [10, 10.1],
});

function seeds(): Buffer[] {
  const torn = made.growing.subarray(0, made.growing.length - 40);
  return [made.growing, made.halfClosed, made.finished, torn, made.growing.subarray(0, made.ends[0])];
}

/** The answer, or nothing after an error that has a code of this area. */
async function orRefused<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof BoxError && error.code.startsWith('mp4.')) return undefined;
    throw error;
  }
}

const segmentReader: FuzzTarget = {
  name: 'mp4: segment reader',
  seeds,
  run: async (input) => {
    await orRefused(() => readIdentity(memoryReader(input)));
    const index = await orRefused(() => readSegment(memoryReader(input)));
    if (!index) return;
    for (const { offset, length } of [...index.initRanges, ...index.fragments]) {
      assert.ok(offset >= 0 && length >= 0 && offset + length <= input.length, 'a range lies in the file');
    }
    const fromUs = index.identity.startWallUs;
    await orRefused(() => cutMovie({ segments: [index], fromUs, toUs: fromUs + 1e6 }));
  },
};

const segmentRepair: FuzzTarget = {
  name: 'mp4: repair',
  seeds,
  run: async (input) => {
    const plan = await planRepair(memoryReader(input));
    if (plan.kind !== 'repair') return;
    const file = repaired(input, plan);
    assert.equal((await planRepair(memoryReader(file))).kind, 'finished', 'a repair ends all repairs');
    assert.equal((await readSegment(memoryReader(file))).state, 'finished');
  },
};

export const targets: readonly FuzzTarget[] = [segmentReader, segmentRepair];
