import { spawnSync } from 'node:child_process';
import t from 'tap';
import { aacConfigOf, aacFormat, parseAacConfig, readAdts } from '../../firmware/media/index.ts';
import { BitWriter } from '../support/bit-writer.ts';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;

t.test('plain configurations', async (t) => {
  t.match(parseAacConfig(Buffer.from('1190', 'hex')), {
    objectType: 2,
    coreRate: 48000,
    channels: 2,
    samplesPerFrame: 1024,
  });
  t.match(parseAacConfig(Buffer.from('1408', 'hex')), { coreRate: 16000, effectiveRate: 16000, channels: 1 });
  t.match(parseAacConfig(Buffer.from('1494', 'hex')), { coreRate: 12000, channels: 2, samplesPerFrame: 960 });
  t.match(parseAacConfig(Buffer.from('11b8', 'hex')), { channels: 8 });
  t.match(aacFormat(Buffer.from('1408', 'hex')), {
    kind: 'audio',
    codec: 'aac',
    timescale: 16000,
    sampleRate: 16000,
    channels: 1,
    rfc6381: 'mp4a.40.2',
    source: 'AAC-LC',
  });
});

t.test('rates that are written out, and object types above 31', async (t) => {
  const explicit = new BitWriter().bits(2, 5).bits(15, 4).bits(14400, 24).bits(1, 4).bits(0, 3).bytes();
  t.match(parseAacConfig(explicit), { coreRate: 14400, channels: 1 });
  const enhanced = new BitWriter().bits(31, 5).bits(7, 6).bits(3, 4).bits(1, 4).bits(1, 1).bits(0, 20).bytes();
  t.match(parseAacConfig(enhanced), { objectType: 39, coreRate: 48000, samplesPerFrame: 480 });
  t.equal(aacFormat(enhanced)?.rfc6381, 'mp4a.40.39');
});

t.test('SBR and parametric stereo, told before or behind the core', async (t) => {
  const before = new BitWriter().bits(5, 5).bits(6, 4).bits(1, 4).bits(3, 4).bits(2, 5).bits(0, 3).bytes();
  t.match(parseAacConfig(before), {
    signalledType: 5,
    objectType: 2,
    coreRate: 24000,
    effectiveRate: 48000,
    channels: 1,
  });
  t.match(aacFormat(before), { timescale: 24000, rfc6381: 'mp4a.40.5', source: 'HE-AAC' });
  const stereo = new BitWriter().bits(29, 5).bits(6, 4).bits(1, 4).bits(3, 4).bits(2, 5).bits(0, 3).bytes();
  t.match(parseAacConfig(stereo), { channels: 1, effectiveChannels: 2, effectiveRate: 48000 });
  const core = () => new BitWriter().bits(2, 5).bits(6, 4).bits(1, 4).bits(0, 3);
  const behind = core().bits(0x2b7, 11).bits(5, 5).bits(1, 1).bits(3, 4).bits(0x548, 11).bits(1, 1).bytes();
  t.match(parseAacConfig(behind), { signalledType: 2, coreRate: 24000, effectiveRate: 48000, effectiveChannels: 2 });
  t.match(parseAacConfig(core().bits(0x123, 16).bytes()), { coreRate: 24000, effectiveRate: 24000 }, 'junk behind');
});

t.test('channels that are listed one by one', async (t) => {
  const bits = new BitWriter().bits(2, 5).bits(3, 4).bits(0, 4).bits(0, 3).bits(0, 10);
  bits.bits(2, 4).bits(0, 4).bits(1, 4).bits(1, 2).bits(0, 3).bits(0, 4).bits(0, 3);
  bits.bits(0, 5).bits(1, 1).bits(0, 4).bits(1, 1).bits(0, 4).bits(0, 4);
  t.match(parseAacConfig(Buffer.concat([bits.bytes(), Buffer.alloc(2)])), { channels: 6 });
});

t.test('what is no AAC', async (t) => {
  for (const hex of ['', '11', 'ffff', '0000', '1680', '17fffff8', '12', '1780', 'f8e0']) {
    t.equal(parseAacConfig(Buffer.from(hex, 'hex')), undefined, hex);
    t.equal(aacFormat(Buffer.from(hex, 'hex')), undefined, hex);
  }
});

t.test('ADTS headers', async (t) => {
  const frame = Buffer.concat([Buffer.from('fff1508003fffc', 'hex'), Buffer.alloc(24)]);
  t.match(readAdts(frame, 0, frame.length), {
    headerBytes: 7,
    frameBytes: 31,
    objectType: 2,
    sampleRate: 44100,
    channels: 2,
    blocks: 1,
  });
  t.equal(readAdts(frame, 0, frame.length - 1), undefined, 'longer than what is there');
  t.equal(readAdts(frame, 0, 6), undefined, 'cut off');
  t.equal(readAdts(frame, 1, frame.length), undefined, 'no sync word');
  const checked = Buffer.from(frame);
  checked[1] = 0xf0;
  t.equal(readAdts(checked, 0, checked.length)?.headerBytes, 9, 'with checksum');
  const layered = Buffer.from(frame);
  layered[1] = 0xf3;
  t.equal(readAdts(layered, 0, layered.length), undefined, 'MPEG audio of another layer');
});

t.test('what ffmpeg encodes', { skip: !hasFfmpeg && 'no ffmpeg' }, async (t) => {
  for (const [rate, channels] of [
    [8000, 1],
    [16000, 1],
    [44100, 2],
    [48000, 6],
  ] as const) {
    const source = `sine=sample_rate=${rate}:duration=0.3`;
    const args = [
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      source,
      '-ac',
      `${channels}`,
      '-c:a',
      'aac',
      '-f',
      'adts',
      'pipe:1',
    ];
    const { stdout } = spawnSync('ffmpeg', args);
    let frames = 0;
    for (let at = 0; at < stdout.length; frames++) {
      const header = readAdts(stdout, at, stdout.length);
      t.match(header, { sampleRate: rate, channels, objectType: 2 });
      t.match(parseAacConfig(aacConfigOf(header!)), { coreRate: rate, channels, objectType: 2 });
      at += header!.frameBytes;
    }
    t.ok(frames >= Math.floor((rate * 0.3) / 1024), 'the whole stream was walked through');
  }
});
