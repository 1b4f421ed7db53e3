import assert from 'node:assert/strict';
import { parseH264Sps } from '../../firmware/media/codec/h264.ts';
import { parseH265Sps } from '../../firmware/media/codec/h265.ts';
import {
  aacConfigOf,
  aacFormat,
  ArenaWriter,
  BlockPool,
  findStartCode,
  SampleTrack,
  parseAacConfig,
  parseStreamMuxConfig,
  readAdts,
  readLatmElement,
  recoveryPoint,
  splitAnnexB,
  VideoParameters,
  type VideoCodec,
} from '../../firmware/media/index.ts';
import { decodeFlacFrame } from '../support/flac-decoder.ts';
import { h264Pps, h264Slice, h264Sps, h265Pps, h265Sps, h265Vps } from '../support/parameter-sets.ts';
import type { FuzzTarget } from './target.ts';

const START_CODE = Buffer.from([0, 0, 1]);

function annexB(...nals: Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [START_CODE, nal]));
}

const H264_SEEDS = [
  annexB(h264Sps(), h264Pps(), h264Slice()),
  annexB(
    h264Sps({ timeScale: 50, bitRate: 900, reorder: 2 }),
    h264Pps(),
    h264Sps({ id: 1 }),
    h264Pps(1, 1),
    h264Slice(1),
  ),
];

const H265_SEEDS = [
  annexB(h265Vps(), h265Sps(), h265Pps()),
  annexB(
    h265Vps(25),
    h265Sps({ subLayers: 3, scalingLists: true, changedSets: true, longTerm: 2, timeScale: 25 }),
    h265Pps(),
  ),
];

/** Units of the input as one stream's parameter sets, in order and again: sets that are known never change the format. */
function feedAll(codec: VideoCodec, input: Buffer): void {
  const parameters = new VideoParameters(codec);
  const units = splitAnnexB(input, 0, input.length).map(({ start, end }) => input.subarray(start, end));
  for (const unit of units) {
    parameters.feed(unit);
    const format = parameters.format();
    assert.notEqual(parameters.feed(unit), 'changed', 'a set fed twice is known');
    assert.equal(parameters.format(), format, 'a set fed twice gives the same object');
    parameters.useSlice(unit);
    checkFormat(parameters);
  }
}

function checkFormat(parameters: VideoParameters): void {
  const format = parameters.format();
  if (!format) return;
  assert.ok(format.width > 0 && format.width <= 16384, 'width');
  assert.ok(format.height > 0 && format.height <= 32768, 'height');
  assert.match(format.rfc6381, /^(avc1\.[0-9A-F]{6}|hvc1(\.[0-9A-Z]+)+)$/);
  assert.equal(format.config[0], 1, 'version of the record');
  const reader = new VideoParameters(format.codec);
  for (const set of setsOfRecord(format.codec, Buffer.from(format.config))) reader.feed(set);
  assert.ok(reader.format(), 'the record alone describes the video');
}

/** The sets in a decoder configuration record (ISO/IEC 14496-15 5.3.3.1 and 8.3.3.1). */
function setsOfRecord(codec: VideoCodec, record: Buffer): Buffer[] {
  const sets: Buffer[] = [];
  let at = codec === 'h264' ? 5 : 22;
  const arrays = codec === 'h264' ? 2 : record[at++]!;
  for (let array = 0; array < arrays; array++) {
    if (codec === 'h265') at++;
    const count = codec === 'h264' ? record[at++]! & (array === 0 ? 31 : 255) : record.readUInt16BE(at);
    if (codec === 'h265') at += 2;
    for (let set = 0; set < count; set++) {
      const length = record.readUInt16BE(at);
      sets.push(record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  assert.ok(at <= record.length, 'the record holds what it promises');
  return sets;
}

/** A 16-bit stream of instructions for an arena, checked against plain arrays. */
function driveArena(input: Buffer): void {
  const writer = new ArenaWriter(new BlockPool({ blockBytes: 16, maxFreeBlocks: 4, poison: true }));
  let expected: number[] = [];
  for (let at = 0; at + 1 < Math.min(input.length, 400); at += 2) {
    const [what, size] = [input[at]! % 4, input[at + 1]! % 64];
    if (what === 0) {
      const bytes = Buffer.alloc(size, at & 255);
      writer.append(bytes, 0, size);
      expected.push(...bytes);
    } else if (what === 1) {
      const length = Math.max(0, expected.length - size);
      writer.rewind({ length });
      expected.length = length;
    } else if (what === 2 && expected.length >= 4) {
      const length = Math.min(size, expected.length - 4);
      writer.patchU32({ length }, 0x01020304);
      expected.splice(length, 4, 1, 2, 3, 4);
    } else if (what === 3) {
      const run = writer.cut();
      assert.deepEqual([...run.toBuffer()], expected);
      run.release();
      expected = [];
    }
  }
  assert.deepEqual([...writer.cut().toBuffer()], expected);
}

export const targets: readonly FuzzTarget[] = [
  { name: 'media: H.264 parameter sets', seeds: () => H264_SEEDS, run: (input) => feedAll('h264', input) },
  { name: 'media: H.265 parameter sets', seeds: () => H265_SEEDS, run: (input) => feedAll('h265', input) },
  {
    name: 'media: sequence parameter set alone',
    seeds: () => [
      h264Sps({ timeScale: 30, reorder: 1 }),
      h265Sps({ changedSets: true, scalingLists: true, timeScale: 30 }),
    ],
    run: (input) => {
      for (const sps of [parseH264Sps(input), parseH265Sps(input)]) {
        if (sps?.usedBytes !== undefined) assert.ok(sps.usedBytes <= input.length);
      }
    },
  },
  {
    name: 'media: annex B',
    seeds: () => [...H264_SEEDS, Buffer.concat([Buffer.alloc(9), ...H265_SEEDS])],
    run: (input) => {
      let last = 0;
      for (const { start, end } of splitAnnexB(input, 0, input.length)) {
        assert.ok(start >= last && end > start && end <= input.length, 'ranges follow each other');
        assert.equal(findStartCode(input, start, end), -1, 'no start code is left inside');
        assert.notEqual(input[end - 1], 0, 'no zero is left at the end');
        last = end;
      }
    },
  },
  {
    name: 'media: SEI',
    seeds: () => [Buffer.from('0605040102030406018480', 'hex'), Buffer.from('4e010601c080', 'hex')],
    run: (input) => {
      for (const codec of ['h264', 'h265'] as const) {
        const distance = recoveryPoint(codec, input, 0, input.length);
        assert.ok(distance === undefined || distance >= 0);
      }
    },
  },
  {
    name: 'media: AudioSpecificConfig',
    seeds: () =>
      ['1190', '1408', '2b0a8800', 'eb8a8800', '131056e598', 'f8e64000'].map((hex) => Buffer.from(hex, 'hex')),
    run: (input) => {
      const aac = parseAacConfig(input);
      if (aac) assert.ok(aac.channels > 0 && aac.coreRate >= 1000 && aac.samplesPerFrame >= 480);
      assert.equal(aacFormat(input) === undefined, aac === undefined);
    },
  },
  {
    name: 'media: LATM',
    seeds: () => [Buffer.from('400028103fc0', 'hex'), Buffer.from('20001411c081fe0018c108a4c7f8', 'hex')],
    run: (input) => {
      const half = input.length >> 1;
      const mux = parseStreamMuxConfig(input.subarray(0, half));
      if (mux) assert.ok(mux.unitsPerElement <= 64 && mux.config.length >= 2);
      for (const inBand of [true, false]) {
        const element = readLatmElement(input.subarray(half), mux, inBand);
        const bytes = (element?.units ?? []).reduce((sum, unit) => sum + unit.length, 0);
        assert.ok(bytes <= input.length);
      }
    },
  },
  {
    name: 'media: ADTS',
    seeds: () => [Buffer.concat([Buffer.from('fff1508003fffc', 'hex'), Buffer.alloc(24)])],
    run: (input) => {
      const header = readAdts(input, 0, input.length);
      if (!header) return;
      assert.ok(header.frameBytes > header.headerBytes && header.frameBytes <= input.length);
      const aac = parseAacConfig(aacConfigOf(header));
      if (aac) assert.deepEqual([aac.coreRate, aac.channels], [header.sampleRate, header.channels]);
    },
  },
  {
    name: 'media: G.711 to FLAC',
    seeds: () => [Buffer.from(Array.from({ length: 256 }, (_, code) => code)), Buffer.alloc(1100, 0xd5)],
    run: (input) => {
      const track = new SampleTrack('g711a', 8000);
      let samples = 0;
      for (let at = 0; at < Math.min(input.length, 4096);) {
        at = track.add(input, at, Math.min(input.length, 4096));
        const block = track.close()!;
        assert.equal(decodeFlacFrame(block.bytes).samples.length, block.samples);
        samples += block.samples;
      }
      assert.equal(samples, Math.min(input.length, 4096));
    },
  },
  {
    name: 'media: arena',
    seeds: () => [Buffer.from('000800200115020400300301', 'hex'), Buffer.alloc(64, 3)],
    run: driveArena,
  },
];
