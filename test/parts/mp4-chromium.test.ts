import t from 'tap';
import { cutMovie, readSegment } from '../../firmware/media/index.ts';
import { findChromium, startBrowser } from '../support/browser-video.ts';
import { encode, hasFfmpeg } from '../support/encoded-media.ts';
import { makeSegment, memoryReader } from '../support/segment-maker.ts';

const STATES = ['growing', 'halfClosed', 'finished'] as const;

const executable = await findChromium();
const skip = !executable ? 'no Chromium' : !hasFfmpeg ? 'no ffmpeg' : false;

const isNear = (a: number, b: number, within = 0.002): boolean => Math.abs(a - b) <= within;

t.test('Chromium plays segments in all states, by file and by fragment', { skip }, async (t) => {
  const browser = await startBrowser(executable!);
  t.teardown(() => browser.close());
  for (const { name, bFrames, codec, rate, starts } of [
    { name: 'H.264 with AAC that begins later', bFrames: 0, codec: 'aac', rate: 48000, starts: [100, 100.4] },
    { name: 'H.264 with AAC that begins earlier', bFrames: 0, codec: 'aac', rate: 16000, starts: [100.012, 100] },
    { name: 'H.264 with B-frames and FLAC', bFrames: 2, codec: 'flac', rate: 8000, starts: [100, 100.02] },
    { name: 'H.264 with Opus', bFrames: 0, codec: 'opus', rate: 48000, starts: [100, 100.02] },
  ] as const) {
    await t.test(name, async (t) => {
      const tracks = encode({ seconds: 2, video: { codec: 'h264', bFrames, gop: 25 }, audio: { codec, rate } });
      const made = makeSegment(tracks, { starts });
      const zero = Math.min(...starts);
      const firstS = starts[0] - zero + bFrames * 0.04;
      const endS = Math.max(
        firstS + 2,
        ...tracks.map(({ format, samples }, i) => {
          const last = samples.at(-1)!;
          return starts[i]! - zero + (last.dts + last.duration) / format.timescale;
        }),
      );
      for (const state of STATES) {
        const played = await browser.play(made[state]);
        t.equal(played.error, undefined, state);
        t.equal(played.pictures, 50, `${state}: every picture is decoded`);
        t.ok(isNear(played.firstS, firstS), `${state}: the first picture at ${played.firstS}`);
        // A busy compositor may not tell of the very last one.
        t.ok(isNear(played.lastS, firstS + 48.5 * 0.04, 0.03), `${state}: the last picture at ${played.lastS}`);
        if (state === 'finished')
          t.ok(isNear(played.durationS, endS, 0.1), `duration ${played.durationS}, end ${endS}`);
      }
      const index = await readSegment(memoryReader(made.finished));
      const mime = `video/mp4; codecs="${index.tracks.map(({ format }) => format.rfc6381).join(',')}"`;
      const ranges = [...index.initRanges, ...index.fragments];
      const parts = ranges.map(({ offset, length }) => made.finished.subarray(offset, offset + length));
      const buffered = await browser.buffer(mime, [Buffer.concat(parts.slice(0, 2)), ...parts.slice(2)]);
      t.equal(buffered.length, 1, 'a Media Source takes the fragments of a finished file without a hole');
      const ends = [firstS + 2, endS];
      t.ok(
        ends.some((end) => isNear(buffered[0]!.end, end, 0.1)),
        `it ends at ${buffered[0]!.end}`,
      );
    });
  }
});

t.test('Chromium begins an export with the asked second', { skip }, async (t) => {
  const browser = await startBrowser(executable!);
  t.teardown(() => browser.close());
  for (const bFrames of [0, 2]) {
    const tracks = encode({
      seconds: 4,
      video: { codec: 'h264', bFrames, gop: 50 },
      audio: { codec: 'aac', rate: 16000 },
    });
    const made = makeSegment(tracks, { starts: [0, 0.1] });
    const index = await readSegment(memoryReader(made.finished));
    const start = made.identity.startWallUs;
    const cut = cutMovie({ segments: [index], fromUs: start + 1_600_000, toUs: start + 2_800_000 });
    const media = cut.pieces.map(({ offset, length }) => made.finished.subarray(offset, offset + length));
    const played = await browser.play(Buffer.concat([cut.head, ...media]));
    t.equal(played.error, undefined);
    t.ok(isNear(played.durationS, cut.durationUs / 1e6, 0.05), `duration ${played.durationS}`);
    t.ok(isNear(played.firstS, 0), `the first picture at ${played.firstS}`);
    t.ok(Math.abs(played.pictures - cut.durationUs / 40_000) <= 1, `${played.pictures} pictures`);
  }
});
