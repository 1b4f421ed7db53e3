import { spawnSync } from 'node:child_process';
import t from 'tap';
import { codedNumber, FlacEncoder, flacBlockSamples } from '../../firmware/media/codec/flac.ts';
import { decodeG711, type G711Law } from '../../firmware/media/codec/g711.ts';
import { decodeFlacBlock, encodeG711, SampleTrack } from '../../firmware/media/index.ts';
import { decodeCodedNumber, decodeFlacFrame, nativeFlac } from '../support/flac-decoder.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

function ffmpeg(input: Buffer, ...args: string[]): Buffer {
  const { status, stdout, stderr } = spawnSync('ffmpeg', ['-v', 'error', ...args], { input, maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`ffmpeg failed: ${stderr.toString()}`);
  return stdout;
}

/** Deterministic noise in -1..1. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  };
}

const SHAPES: Record<string, (at: number, random: number) => number> = {
  silence: () => 0,
  constant: () => -4242,
  tone: (at) => 20000 * Math.sin(at / 3),
  'quiet noise': (_, random) => 90 * random,
  'loud noise': (_, random) => 32767 * random,
  'tone in noise': (at, random) => 8000 * Math.sin(at / 9) + 600 * random,
  'square at full scale': (at) => (at % 50 < 25 ? 32767 : -32768),
  'full scale in parts': (at, random) => (at % 256 < 128 ? 32767 * random : at % 3),
  'lone peaks': (at) => (at % 331 === 0 ? -32768 : 0),
  'steep ramp': (at) => ((at * 977) % 65536) - 32768,
};

function signal(name: string, length: number): Int16Array {
  const random = noise(7);
  return Int16Array.from({ length }, (_, at) => Math.round(SHAPES[name]!(at, random())));
}

for (const name of Object.keys(SHAPES)) {
  t.test(`${name} comes back exactly, in blocks of any length`, async (t) => {
    const samples = signal(name, 6000);
    const encoder = new FlacEncoder(8000);
    let at = 0;
    for (const count of [1024, 1, 2, 4, 5, 16, 160, 1000, 320, 1023, 1024, 480]) {
      const frame = encoder.encode(samples.subarray(at, at + count), count);
      const decoded = decodeFlacFrame(frame);
      t.strictSame(decoded.samples, [...samples.subarray(at, at + count)], `${count} samples from ${at}`);
      t.strictSame([...decodeFlacBlock(frame)], decoded.samples, 'the same from our own reader');
      t.strictSame([decoded.firstSample, decoded.sampleRate], [at, 8000]);
      t.ok(frame.length <= 16 + count * 2 + 3, 'never much larger than plain samples');
      at += count;
    }
  });
}

t.test('rates get blocks of about an eighth of a second and the right header', async (t) => {
  for (const [rate, block] of [
    [8000, 1024],
    [11025, 1024],
    [16000, 2048],
    [44100, 4096],
    [48000, 4096],
  ] as const) {
    t.equal(flacBlockSamples(rate), block);
    const encoder = new FlacEncoder(rate);
    const samples = signal('tone', block);
    const decoded = decodeFlacFrame(encoder.encode(samples, block));
    t.strictSame([decoded.sampleRate, decoded.samples], [rate, [...samples]]);
    const info = Buffer.from(encoder.streamInfo);
    t.equal(info.length, 34);
    t.strictSame([info.readUInt16BE(0), info.readUInt16BE(2)], [16, block]);
    t.equal(info.readUInt32BE(10) >>> 12, rate);
    t.equal((info.readUInt16BE(12) >> 4) & 31, 15, '16 bits per sample');
  }
});

t.test('two channels, as ffmpeg reads them', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  const samples = Int16Array.from({ length: 9000 }, (_, at) => (at % 2 ? 9000 * Math.sin(at / 40) : (at * 31) % 4096));
  const track = new SampleTrack('l16', 22050, 2);
  const source = Buffer.from(samples.buffer.slice(0)).swap16();
  const frames: Buffer[] = [];
  for (let at = 0; at < source.length;) {
    at = track.add(source, at, source.length);
    if (track.full || at === source.length) frames.push(Buffer.from(track.close()!.bytes));
  }
  const file = nativeFlac(track.format.config, frames);
  const read = ffmpeg(file, '-f', 'flac', '-i', 'pipe:0', '-f', 's16le', 'pipe:1');
  t.ok(read.equals(Buffer.from(samples.buffer)));
});

t.test('sample numbers go on, over all lengths of their code', async (t) => {
  const encoder = new FlacEncoder(8000);
  const samples = signal('silence', 1024);
  const numbers = Array.from({ length: 200 }, () => decodeFlacFrame(encoder.encode(samples, 1024)).firstSample);
  t.strictSame(
    numbers,
    numbers.map((_, block) => block * 1024),
  );
  for (const [value, bytes] of [
    [0, 1],
    [127, 1],
    [128, 2],
    [2047, 2],
    [2048, 3],
    [65536, 4],
    [2 ** 21 - 1, 4],
    [2 ** 21, 5],
    [2 ** 26, 6],
    [2 ** 31 - 1, 6],
    [2 ** 31, 7],
    [2 ** 36 - 1, 7],
  ] as const) {
    const code = Buffer.from(codedNumber(value));
    t.strictSame([code.length, decodeCodedNumber(code)], [bytes, value]);
  }
});

function codes(length: number): Buffer {
  const random = noise(3);
  return Buffer.from(Array.from({ length }, (_, at) => (at < 512 ? at & 255 : Math.floor((random() + 1) * 128))));
}

t.test(
  'G.711 gives the same samples and, through FLAC, the same sound as ffmpeg',
  { skip: !hasFfmpeg && 'no ffmpeg' },
  async (t) => {
    for (const [law, name] of [
      ['a', 'alaw'],
      ['u', 'mulaw'],
    ] as [G711Law, string][]) {
      const source = codes(5000);
      const reference = ffmpeg(source, '-f', name, '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 's16le', 'pipe:1');
      const samples = new Int16Array(source.length);
      decodeG711(law, source, 0, source.length, samples, 0);
      t.ok(Buffer.from(samples.buffer).equals(reference), `${name} table`);

      const track = new SampleTrack(`g711${law}`, 8000);
      const frames: Buffer[] = [];
      let lengths = 0;
      // A lost packet after every 1700 bytes ends a block early.
      for (let from = 0; from < source.length; from += 1700) {
        const end = Math.min(from + 1700, source.length);
        for (let at = from; at < end;) {
          at = track.add(source, at, end);
          if (!track.full && at < end) t.fail('bytes were left though there was room');
          const block = track.full || at === end ? track.close() : undefined;
          if (block) frames.push(Buffer.from(block.bytes));
          lengths += block?.samples ?? 0;
        }
      }
      t.equal(lengths, source.length);
      t.equal(track.close(), undefined);
      const file = nativeFlac(track.format.config, frames);
      t.ok(
        ffmpeg(file, '-f', 'flac', '-i', 'pipe:0', '-f', 's16le', 'pipe:1').equals(reference),
        `${name} through FLAC`,
      );
    }
  },
);

t.test('G.711 that went through FLAC comes out as the very bytes that went in', async (t) => {
  for (const law of ['a', 'u'] as const) {
    const source = codes(4000);
    const track = new SampleTrack(`g711${law}`, 8000);
    const back: Buffer[] = [];
    for (let at = 0; at < source.length;) {
      at = track.add(source, at, source.length);
      back.push(encodeG711(law, decodeFlacBlock(track.close()!.bytes)));
    }
    // The other zero of µ-law sounds the same.
    const wanted = law === 'u' ? source.map((code) => (code === 0x7f ? 0xff : code)) : source;
    t.ok(Buffer.concat(back).equals(wanted), law);
  }
  t.throws(() => decodeFlacBlock(Buffer.from('ffffffffffff', 'hex')), { code: 'mp4.damaged' });
});

t.test('a G.711 track says what it is', async (t) => {
  const { format } = new SampleTrack('g711u', 16000);
  t.match(format, { kind: 'audio', codec: 'flac', timescale: 16000, sampleRate: 16000, channels: 1, rfc6381: 'fLaC' });
  t.equal(format.source, 'G.711 µ-law');
  t.ok(SampleTrack.supports(8000, 1));
  t.ok(SampleTrack.supports(8000, 2), 'stereo');
  t.notOk(SampleTrack.supports(8000, 3), 'more channels');
  t.notOk(SampleTrack.supports(0, 1), 'no rate');
});

t.test('unused low bits of G.711 are not stored', async (t) => {
  const source = codes(1024).map((byte) => byte | 0);
  for (const [law, bits] of [
    ['a', 13],
    ['u', 14],
  ] as [G711Law, number][]) {
    const track = new SampleTrack(`g711${law}`, 8000);
    track.add(source, 0, source.length);
    t.ok(track.close()!.bytes.length <= (1024 * bits) / 8 + 24, `${law}-law noise`);
  }
});
