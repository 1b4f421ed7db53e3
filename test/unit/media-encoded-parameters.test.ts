import t, { type Test } from 'tap';
import { parseH264Sps } from '../../firmware/media/codec/h264.ts';
import { parseH265Sps } from '../../firmware/media/codec/h265.ts';
import { isParameterSet, isSlice, nalType, VideoParameters } from '../../firmware/media/index.ts';
import {
  hasFfmpeg,
  makeStream,
  nalsOfTypes,
  type MadeStream,
  type StreamRecipe,
} from '../support/parameter-streams.ts';

/** `reorder` is what the encoder was told; undefined where nothing certain is known. */
interface Case extends StreamRecipe {
  readonly depth: number;
  readonly chroma: number;
  readonly reorder: number;
}

const H264: Case[] = [
  {
    name: 'baseline',
    codec: 'h264',
    size: '176x144',
    more: ['-profile:v', 'baseline'],
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
  {
    name: 'cropped, B-frames',
    codec: 'h264',
    size: '1920x1080',
    options: 'bframes=2:b-pyramid=0',
    depth: 8,
    chroma: 1,
    reorder: 1,
  },
  {
    name: 'B-pyramid',
    codec: 'h264',
    size: '640x360',
    options: 'bframes=4:b-pyramid=normal:b-adapt=0:ref=4',
    depth: 8,
    chroma: 1,
    reorder: 2,
  },
  { name: 'odd crop', codec: 'h264', size: '322x242', fps: '30000/1001', depth: 8, chroma: 1, reorder: 0 },
  { name: '10 bit', codec: 'h264', size: '320x240', pixels: 'yuv420p10le', depth: 10, chroma: 1, reorder: 0 },
  { name: '4:2:2 10 bit', codec: 'h264', size: '330x244', pixels: 'yuv422p10le', depth: 10, chroma: 2, reorder: 0 },
  { name: '4:4:4', codec: 'h264', size: '331x243', pixels: 'yuv444p', depth: 8, chroma: 3, reorder: 0 },
  { name: 'monochrome', codec: 'h264', size: '320x242', pixels: 'gray', depth: 8, chroma: 0, reorder: 0 },
  {
    name: 'interlaced',
    codec: 'h264',
    size: '720x572',
    fps: '25',
    options: 'interlaced=1',
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
  {
    name: 'bit rate model',
    codec: 'h264',
    size: '640x480',
    fps: '7.5',
    options: 'nal-hrd=cbr:vbv-maxrate=500:vbv-bufsize=500:bitrate=500',
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
  {
    name: 'wide pixels, colours',
    codec: 'h264',
    size: '704x576',
    options: 'sar=12/11:colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=on',
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
];

const H265: Case[] = [
  { name: 'main', codec: 'h265', size: '640x360', options: 'bframes=0', depth: 8, chroma: 1, reorder: 0 },
  {
    name: 'cropped, B-frames',
    codec: 'h265',
    size: '1920x1080',
    options: 'bframes=3:b-adapt=0',
    depth: 8,
    chroma: 1,
    reorder: 2,
  },
  {
    name: '10 bit, odd crop',
    codec: 'h265',
    size: '322x242',
    pixels: 'yuv420p10le',
    options: 'bframes=0',
    depth: 10,
    chroma: 1,
    reorder: 0,
  },
  {
    name: '4:2:2 10 bit',
    codec: 'h265',
    size: '330x246',
    pixels: 'yuv422p10le',
    options: 'bframes=0',
    depth: 10,
    chroma: 2,
    reorder: 0,
  },
  {
    name: '4:4:4',
    codec: 'h265',
    size: '332x244',
    pixels: 'yuv444p',
    options: 'bframes=0',
    depth: 8,
    chroma: 3,
    reorder: 0,
  },
  {
    name: 'scaling lists',
    codec: 'h265',
    size: '640x360',
    options: 'bframes=0:scaling-list=default',
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
  {
    name: 'sub-layers',
    codec: 'h265',
    size: '640x360',
    options: 'bframes=3:b-adapt=0:temporal-layers=3',
    depth: 8,
    chroma: 1,
    reorder: 2,
  },
  {
    name: 'bit rate model, high tier',
    codec: 'h265',
    size: '640x360',
    fps: '15',
    options: 'bframes=0:hrd=1:vbv-maxrate=30000:vbv-bufsize=30000:bitrate=9000:high-tier=1:level-idc=5.1',
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
  {
    name: 'wide pixels, colours',
    codec: 'h265',
    size: '720x576',
    options: 'bframes=0:sar=2:colorprim=bt709:transfer=bt709:colormatrix=bt709:range=full',
    depth: 8,
    chroma: 1,
    reorder: 0,
  },
];

for (const each of [...H264, ...H265]) {
  const { codec } = each;
  t.test(`${codec}: ${each.name}`, { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
    const made = makeStream(each);
    if (!made) {
      t.pass('SKIP: this encoder cannot make such a stream');
      return;
    }
    const parameters = new VideoParameters(codec);
    for (const nal of made.nals) if (isParameterSet(codec, nalType(codec, nal[0]!))) parameters.feed(nal);
    const format = parameters.format();
    t.match(format, { kind: 'video', codec, timescale: 90000, width: made.width, height: made.height });
    t.equal(parameters.reorderFrames, each.reorder, 'reordering');
    t.ok(Math.abs((format?.nominalFps ?? 0) - made.fps) < 0.01, `frame rate ${made.fps}`);
    const key = made.nals.find((nal) => isSlice(codec, nalType(codec, nal[0]!)))!;
    t.equal(parameters.useSlice(key), 'same');
    if (codec === 'h264') checkH264(t, each, made, Buffer.from(format!.config));
    else checkH265(t, each, made, Buffer.from(format!.config));
  });
}

function checkH264(t: Test, each: Case, made: MadeStream, config: Buffer): void {
  const [nal] = nalsOfTypes('h264', made.nals, 7);
  const sps = parseH264Sps(nal!)!;
  t.equal(sps.level, made.level);
  t.strictSame([sps.bitDepthLuma, sps.bitDepthChroma, sps.chromaFormat], [each.depth, each.depth, each.chroma]);
  t.equal(sps.framesOnly, each.name !== 'interlaced');
  t.equal(sps.usedBytes, nal!.length, 'the set was read to its very end');
  t.equal(config.toString('hex'), made.record.toString('hex'), 'the same record as ffmpeg makes');
}

function checkH265(t: Test, each: Case, made: MadeStream, config: Buffer): void {
  const [nal] = nalsOfTypes('h265', made.nals, 33);
  const sps = parseH265Sps(nal!)!;
  t.equal(sps.profile.level, made.level);
  t.strictSame([sps.bitDepthLuma, sps.bitDepthChroma, sps.chromaFormat], [each.depth, each.depth, each.chroma]);
  t.equal(sps.usedBytes, nal!.length, 'the set was read to its very end');
  t.equal(
    config.toString('hex', 0, 22),
    made.record.toString('hex', 0, 22),
    'the same head of the record as ffmpeg makes',
  );
  const sets = nalsOfTypes('h265', made.nals, 32, 33, 34);
  for (const set of sets) t.ok(config.includes(set), 'the record holds every set');
  t.equal(config.length, 23 + sets.reduce((sum, set) => sum + 5 + set.length, 0));
}
