import t from 'tap';
import { SegmentFollower } from '../../firmware/media/index.ts';
import { makeSegment, memoryReader, syntheticTracks } from '../support/segment-maker.ts';

t.test('a growing segment is followed fragment by fragment, and only by whole ones', async (t) => {
  const { growing, finished, ends } = makeSegment(syntheticTracks({ seconds: 4, fps: 25, audio: true }));
  const upTo = (end: number): ReturnType<typeof memoryReader> => memoryReader(growing.subarray(0, end));
  const follower = await SegmentFollower.open(upTo(ends[2]!));
  const pictures = (): number | undefined => follower.index.lead?.count;
  t.equal(pictures(), 50);
  for (const missing of [1, 100, ends[3]! - ends[2]! - 1]) {
    t.equal(await follower.follow(upTo(ends[3]! - missing)), false, `${missing} bytes of a fragment are missing`);
    t.equal(pictures(), 50);
  }
  const third = upTo(ends[3]!);
  t.equal(await follower.follow(third), true);
  t.equal(pictures(), 75);
  t.ok(third.reads <= 3, 'what is known is not read again');
  t.notOk(follower.isWhole);
  t.equal(await follower.follow(memoryReader(finished)), true);
  t.equal(pictures(), 100);
  t.ok(follower.isWhole);
  const whole = await SegmentFollower.open(memoryReader(finished));
  t.ok(whole.isWhole);
  t.strictSame(
    follower.index.tracks.map(({ offset }) => [...offset]),
    whole.index.tracks.map(({ offset }) => [...offset]),
  );
});
