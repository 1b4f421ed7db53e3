import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { cutMovie, readSegment, type MovieCut } from '../../firmware/media/index.ts';
import { encode, hasFfmpeg, type EncodedTrack } from '../support/encoded-media.ts';
import { decodeErrors, probe } from '../support/ffprobe.ts';
import { demux, hasGstreamer } from '../support/gstreamer.ts';
import { mustRun } from '../support/programs.ts';
import { IDENTITY, makeSegment, memoryReader, type MadeSegment } from '../support/segment-maker.ts';
import { tempFolder } from '../support/temp-folder.ts';

const START = IDENTITY.startWallUs;
const S = 1_000_000;

interface Piece {
  readonly at: number;
  readonly tracks: readonly EncodedTrack[];
  readonly audioDelay?: number;
}

async function cut(pieces: readonly Piece[], fromS: number, toS: number): Promise<{ movie: MovieCut; bytes: Buffer }> {
  const made = pieces.map(({ at, tracks, audioDelay = 0 }, sequence): MadeSegment =>
    makeSegment(tracks, { starts: [at, at + audioDelay], identity: { startWallUs: START + at * S, sequence } }),
  );
  const segments = await Promise.all(made.map(({ finished }) => readSegment(memoryReader(finished))));
  const movie = cutMovie({ segments, fromUs: START + fromS * S, toUs: START + toS * S });
  const media = movie.pieces.map(({ segment, offset, length }) =>
    made[segment]!.finished.subarray(offset, offset + length),
  );
  return { movie, bytes: Buffer.concat([movie.head, ...media]) };
}

/** Pictures that a player shows. */
async function shownPictures(file: string): Promise<number> {
  const crcs = await mustRun('ffmpeg', [
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:v',
    '-fps_mode',
    'passthrough',
    '-f',
    'framecrc',
    '-',
  ]);
  return crcs.split('\n').filter((line) => !line.startsWith('#')).length;
}

t.test('exports play from the asked second on', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  const folder = await tempFolder(t, 'mp4');
  const gstreamer = await hasGstreamer();
  const plain = encode({ seconds: 4, video: { codec: 'h264' }, audio: { codec: 'aac', rate: 48000 } });
  const reordered = encode({ seconds: 4, video: { codec: 'h264', bFrames: 2 }, audio: { codec: 'flac', rate: 8000 } });
  const hevc = encode({ seconds: 4, video: { codec: 'h265', bFrames: 3 }, audio: { codec: 'aac', rate: 16000 } });
  for (const [name, tracks] of Object.entries({ plain, reordered, hevc })) {
    const pieces = [0, 4, 100].map((at) => ({ at, tracks, audioDelay: 0.3 }));
    for (const [fromS, toS] of [
      [1.5, 3.1],
      [2.9, 6.02],
      [3, 101.5],
      [0, 200],
    ] as const) {
      await t.test(`${name} ${fromS}-${toS} s`, async (t) => {
        const { movie, bytes } = await cut(pieces, fromS, toS);
        const file = join(folder, 'cut.mp4');
        await writeFile(file, bytes);
        const told = await probe(file);
        t.same(told.warnings, []);
        t.same(await decodeErrors(file), []);
        t.ok(Math.abs(told.durationS! - movie.durationUs / 1e6) < 0.001, `duration ${told.durationS}`);
        t.equal(told.streams[0]!.startS, 0);
        const pictures = Math.round((movie.durationUs / S) * 25);
        const shown = await shownPictures(file);
        t.ok(Math.abs(shown - pictures) <= 1, `${shown} pictures in ${movie.durationUs} µs`);
        if (!gstreamer) return;
        const seen = await demux(file, 'video_0');
        t.equal(seen.buffers, told.packets.filter(({ stream }) => stream === 0).length, 'GStreamer loses no picture');
        t.ok(Math.abs(seen.presented - pictures) <= 1, `GStreamer presents ${seen.presented}`);
      });
    }
  }
});

t.test('sound stays with the pictures across a gap', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  const folder = await tempFolder(t, 'mp4');
  const tracks = encode({ seconds: 4, video: { codec: 'h264' }, audio: { codec: 'aac', rate: 48000 } });
  const { movie, bytes } = await cut(
    [
      { at: 0, tracks, audioDelay: 0.2 },
      { at: 50, tracks, audioDelay: 0.3 },
    ],
    0,
    54,
  );
  const file = join(folder, 'cut.mp4');
  await writeFile(file, bytes);
  t.same(movie.gaps, [{ fromUs: START + 4 * S, toUs: START + 50 * S, atUs: 4 * S }]);
  const { packets } = await probe(file);
  const sounds = packets.filter(({ stream }) => stream === 1).map(({ pts }) => pts!);
  t.equal(sounds[0], 0.2 * 48000);
  t.ok(sounds.includes(4.3 * 48000), 'the first sound of the second part is 0.3 s behind its first picture');
  const holes = sounds.slice(1).filter((pts, i) => pts - sounds[i]! > 1200);
  t.same(holes, [4.3 * 48000], 'and that is the only hole');
});

t.test(
  'a change of the picture size is two sample descriptions of one track',
  { skip: !hasFfmpeg && 'no ffmpeg' },
  async (t) => {
    const folder = await tempFolder(t, 'mp4');
    const small = encode({ seconds: 2, video: { codec: 'h264', size: '160x120' } });
    const large = encode({ seconds: 2, video: { codec: 'h264', size: '320x240' } });
    const { bytes } = await cut(
      [
        { at: 0, tracks: small },
        { at: 2, tracks: large },
        { at: 4, tracks: small },
      ],
      0,
      6,
    );
    const file = join(folder, 'cut.mp4');
    await writeFile(file, bytes);
    const told = await probe(file);
    t.equal(told.streams.length, 1);
    t.equal(told.packets.length, 150);
    t.same(await decodeErrors(file), [], 'all pictures of both sizes can be decoded');
    t.equal(await shownPictures(file), 150);
  },
);

t.test('a change of the codec is two tracks, one behind the other', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  const folder = await tempFolder(t, 'mp4');
  const avc = encode({ seconds: 2, video: { codec: 'h264' } });
  const hevc = encode({ seconds: 2, video: { codec: 'h265' } });
  const { bytes } = await cut(
    [
      { at: 0, tracks: avc },
      { at: 2, tracks: hevc },
    ],
    0,
    4,
  );
  const file = join(folder, 'cut.mp4');
  await writeFile(file, bytes);
  const told = await probe(file);
  t.same(told.warnings, []);
  t.same(
    told.streams.map(({ codec, startS, frames }) => ({ codec, startS, frames })),
    [
      { codec: 'h264', startS: 0, frames: 50 },
      { codec: 'hevc', startS: 2, frames: 50 },
    ],
  );
  t.same(await decodeErrors(file), []);
});
