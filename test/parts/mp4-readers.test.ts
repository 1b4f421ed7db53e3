import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { planRepair } from '../../firmware/media/index.ts';
import { encode, hasFfmpeg, type EncodedTrack, type Recipe } from '../support/encoded-media.ts';
import { decodeErrors, probe, type Probe } from '../support/ffprobe.ts';
import { demux, hasGstreamer } from '../support/gstreamer.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { makeSegment, memoryReader, repaired } from '../support/segment-maker.ts';

const STATES = ['growing', 'halfClosed', 'finished'] as const;

interface Case {
  readonly name: string;
  readonly recipe: Recipe;
  /** Seconds of the run's timeline at which video and sound begin. */
  readonly starts: readonly number[];
}

const CASES: readonly Case[] = [
  {
    name: 'H.264 with AAC that begins later',
    recipe: { seconds: 3, video: { codec: 'h264' }, audio: { codec: 'aac', rate: 48000 } },
    starts: [1000, 1000.733],
  },
  {
    name: 'H.264 with AAC that begins earlier',
    recipe: { seconds: 3, video: { codec: 'h264' }, audio: { codec: 'aac', rate: 44100 } },
    starts: [1000.0123, 1000],
  },
  {
    name: 'H.264 with B-frames, FLAC that begins later',
    recipe: { seconds: 3, video: { codec: 'h264', bFrames: 2, openGop: true }, audio: { codec: 'flac', rate: 8000 } },
    starts: [1000, 1000.5],
  },
  {
    name: 'H.264 with B-frames, FLAC that begins earlier',
    recipe: { seconds: 3, video: { codec: 'h264', bFrames: 2 }, audio: { codec: 'flac', rate: 16000 } },
    starts: [1000.31, 1000],
  },
  {
    name: 'H.265 with B-frames and AAC',
    recipe: { seconds: 3, video: { codec: 'h265', bFrames: 3 }, audio: { codec: 'aac', rate: 16000 } },
    starts: [86400 * 300, 86400 * 300 + 0.02],
  },
  {
    name: 'H.264 with Opus in two channels',
    recipe: { seconds: 2, video: { codec: 'h264' }, audio: { codec: 'opus', rate: 48000, channels: 2 } },
    starts: [1000, 1000.25],
  },
  {
    name: 'H.264 with FLAC in two channels',
    recipe: { seconds: 2, video: { codec: 'h264' }, audio: { codec: 'flac', rate: 8000, channels: 2 } },
    starts: [1000.25, 1000],
  },
  { name: 'H.265 alone', recipe: { seconds: 2, video: { codec: 'h265' } }, starts: [5] },
  { name: 'AAC alone', recipe: { seconds: 2, audio: { codec: 'aac', rate: 16000 } }, starts: [5] },
];

t.test('independent readers see the same in all three states', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  const folder = await tempFolder(t, 'mp4');
  const gstreamer = await hasGstreamer();
  if (!gstreamer) t.comment('no GStreamer: only ffprobe and ffmpeg are asked');
  for (const { name, recipe, starts } of CASES) {
    await t.test(name, async (t) => {
      const tracks = encode(recipe);
      const made = makeSegment(tracks, { starts });
      for (const state of STATES) {
        const file = join(folder, `${state}.mp4`);
        await writeFile(file, made[state]);
        checkPackets(t, await probe(file), tracks, starts, state);
        t.same(await decodeErrors(file), [], `${state}: everything can be decoded`);
        if (gstreamer) await checkGstreamer(t, file, tracks, starts, state);
      }
    });
  }
});

type Test = Pick<typeof t, 'same' | 'equal' | 'ok'>;

/** Every packet with its exact times, and no word of complaint. */
function checkPackets(
  t: Test,
  told: Probe,
  tracks: readonly EncodedTrack[],
  starts: readonly number[],
  state: string,
): void {
  t.same(told.warnings, [], `${state}: no warnings`);
  const zero = Math.min(...starts.slice(0, tracks.length));
  for (const [stream, { format, samples }] of tracks.entries()) {
    const scale = format.timescale;
    const start = Math.round(starts[stream]! * scale) - Math.round(zero * scale);
    const off = told.packets
      .filter((packet) => packet.stream === stream)
      .map(({ dts, pts, size, key }) => ({ dts, pts, size, key }));
    t.same(
      off,
      samples.map(({ dts, cts, size, key }) => ({ dts: start + dts, pts: start + dts + cts, size, key })),
      `${state}: packets of stream ${stream}`,
    );
  }
  if (state !== 'finished') return;
  const ends = tracks.map(({ format, samples }, i) => starts[i]! - zero + shownEnd(samples) / format.timescale);
  const begins = tracks.map(({ format, samples }, i) => starts[i]! - zero + shownStart(samples) / format.timescale);
  for (const [i, stream] of told.streams.entries()) {
    t.ok(isNear(stream.durationS, ends[i]! - begins[i]!), `duration of stream ${i}: ${stream.durationS}`);
    t.ok(isNear(stream.startS, begins[i]!), `start of stream ${i}: ${stream.startS}`);
    t.equal(stream.frames, tracks[i]!.samples.length);
  }
  t.ok(isNear(told.durationS, Math.max(...ends)), `duration of the file: ${told.durationS}`);
}

async function checkGstreamer(
  t: Test,
  file: string,
  tracks: readonly EncodedTrack[],
  starts: readonly number[],
  state: string,
): Promise<void> {
  const zero = Math.min(...starts.slice(0, tracks.length));
  for (const [i, { format, samples }] of tracks.entries()) {
    const seen = await demux(file, format.kind === 'video' ? 'video_0' : 'audio_0');
    t.same(seen.problems, []);
    t.equal(seen.buffers, samples.length, `${state}: GStreamer gets every ${format.kind} sample`);
    t.equal(seen.presented, samples.length, `${state}: and presents it`);
    const begin = starts[i]! - zero + shownStart(samples) / format.timescale;
    t.ok(isNear(seen.firstS, begin), `${state}: GStreamer begins ${format.kind} at ${seen.firstS}`);
  }
}

type Samples = EncodedTrack['samples'];
const shownStart = (samples: Samples): number => Math.min(...samples.map(({ dts, cts }) => dts + cts));
const shownEnd = (samples: Samples): number =>
  Math.max(...samples.map(({ dts, cts, duration }) => dts + cts + duration));

/** Within the tick of the slowest clock in use. */
function isNear(seconds: number | undefined, expected: number): boolean {
  return seconds !== undefined && Math.abs(seconds - expected) < 1 / 8000;
}

t.test('repaired files are ordinary ones', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  const folder = await tempFolder(t, 'mp4');
  const tracks = encode({ seconds: 3, video: { codec: 'h264', bFrames: 2 }, audio: { codec: 'aac', rate: 16000 } });
  const { growing, ends } = makeSegment(tracks, { starts: [10, 10.05], fragmentSeconds: 0.5 });
  const step = Math.floor((growing.length - ends[1]!) / 9);
  for (let length = ends[1]!; length <= growing.length; length += step) {
    const torn = Buffer.concat([growing.subarray(0, length), Buffer.alloc(length % 2 ? 0 : 10_000)]);
    const plan = await planRepair(memoryReader(torn));
    if (plan.kind !== 'repair') throw new Error(plan.kind);
    const file = join(folder, `${length}.mp4`);
    await writeFile(file, repaired(torn, plan));
    const told = await probe(file);
    t.same(told.warnings, []);
    t.equal(told.packets.filter(({ stream }) => stream === 0).length, plan.summary.frames);
    t.same(await decodeErrors(file), [], `cut to ${length} bytes: ${plan.summary.fragments} fragments can be decoded`);
  }
});
