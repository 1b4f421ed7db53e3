/** Sound besides AAC in RFC 3640 and mono G.711: LATM, Opus, uncompressed and stereo. */
import t from 'tap';
import { BitWriter } from '../support/bit-writer.ts';
import { decodeFlacChannels } from '../support/flac-decoder.ts';
import { RtpLab, type CaughtFrame } from '../support/rtp-lab.ts';

const unit = (length: number, from = 1): Buffer =>
  Buffer.from(Array.from({ length }, (_, at) => (from + at * 7) & 255));

/** StreamMuxConfig of AAC-LC at 16 kHz, one channel, `units` in an element. */
function mux(bits: BitWriter, units = 1): BitWriter {
  bits
    .bits(0, 1)
    .bits(1, 1)
    .bits(units - 1, 6)
    .bits(0, 7);
  return bits.bits(2, 5).bits(8, 4).bits(1, 4).bits(0, 3).bits(0, 3).bits(0xff, 8).bits(0, 2);
}

function body(bits: BitWriter, ...units: Buffer[]): Buffer {
  for (const one of units) {
    for (let left = one.length; left >= 0; left -= 255) bits.bits(Math.min(left, 255), 8);
    for (const byte of one) bits.bits(byte, 8);
  }
  return bits.bytes();
}

const inSdp = (units = 1): Record<string, string> => ({
  cpresent: '0',
  config: mux(new BitWriter(), units).bytes().toString('hex'),
});
const latm = (fmtp: Record<string, string>, clockRate = 16_000): RtpLab =>
  new RtpLab({ codec: 'aac-latm', clockRate, fmtp });
const us = (samples: number, rate: number): number => (samples / rate) * 1e6;
const bytesOf = (frames: readonly CaughtFrame[]): Buffer[] => frames.map(({ bytes }) => bytes);

t.test('LATM with the configuration in the SDP', (t) => {
  const one = latm(inSdp());
  t.match(one.receiver.format, { codec: 'aac', sampleRate: 16_000, channels: 1 }, 'known before the first packet');
  for (let n = 0; n < 5; n++) {
    one.send(body(new BitWriter(), unit(300, n)), n * 1024, { marker: true, arrivalUs: us(n * 1024, 16_000) });
  }
  t.strictSame(
    bytesOf(one.frames),
    [0, 1, 2, 3, 4].map((n) => unit(300, n)),
  );
  t.strictSame(
    one.frames.map(({ dts }) => dts),
    [0, 1, 2, 3, 4].map((n) => n * 1024),
  );
  t.equal(one.end(), 0);
  t.end();
});

t.test('LATM with the configuration in band, 90 kHz, several units in an element', (t) => {
  const one = latm({}, 90_000);
  const ticks = (2 * 1024 * 90_000) / 16_000;
  one.send(body(new BitWriter().bits(1, 1), unit(20), unit(21)), 0, { marker: true, arrivalUs: 0 });
  t.equal(one.frames.length, 0, 'nothing is known yet');
  for (let n = 1; n < 4; n++) {
    const bits = n === 1 ? mux(new BitWriter().bits(0, 1), 2) : new BitWriter().bits(1, 1);
    one.send(body(bits, unit(20, n), unit(21, n)), n * ticks, { marker: true, arrivalUs: us(n * 2048, 16_000) });
  }
  t.strictSame(
    bytesOf(one.frames),
    [1, 2, 3].flatMap((n) => [unit(20, n), unit(21, n)]),
  );
  const first = one.frames[0]!.dts;
  t.strictSame(
    one.frames.map(({ dts }) => dts - first),
    [0, 1, 2, 3, 4, 5].map((n) => n * 1024),
  );
  t.equal(one.end(), 0);
  t.end();
});

t.test('cpresent that is missing or wrong is found out', (t) => {
  const { config } = inSdp();
  for (const fmtp of [{ config: config! }, { config: config!, cpresent: '1' }]) {
    const one = latm(fmtp);
    for (let n = 0; n < 3; n++) one.send(body(new BitWriter(), unit(90, n)), n * 1024, { marker: true });
    t.strictSame(
      bytesOf(one.frames),
      [0, 1, 2].map((n) => unit(90, n)),
    );
    t.equal(one.end(), 0);
  }
  const banded = latm(inSdp());
  banded.send(body(mux(new BitWriter().bits(0, 1)), unit(33)), 0, { marker: true });
  t.strictSame(bytesOf(banded.frames), [unit(33)], 'said to be in the SDP, and in band all the same');
  t.equal(banded.end(), 0);
  t.end();
});

t.test('an element in several packets; without its marker; with a part lost', (t) => {
  const one = latm(inSdp());
  const send = (n: number, options: { marks?: boolean; lose?: boolean } = {}): void => {
    const whole = body(new BitWriter(), unit(700, n));
    one.send(whole.subarray(0, 300), n * 1024);
    if (!options.lose) one.send(whole.subarray(300, 600), n * 1024);
    one.send(whole.subarray(600), n * 1024, { marker: options.marks ?? true, skip: options.lose ? 1 : 0 });
  };
  send(0);
  send(1, { marks: false });
  send(2, { lose: true });
  send(3);
  t.strictSame(
    bytesOf(one.frames),
    [0, 1, 3].map((n) => unit(700, n)),
  );
  t.equal(one.frames[2]!.lostBefore, 1);
  one.send(Buffer.alloc(70_000, 1), 9 * 1024);
  send(10);
  t.strictSame(one.frames.at(-1)!.bytes, unit(700, 10), 'what never ends is dropped');
  t.equal(one.end(), 0);
  t.end();
});

t.test('LATM that makes no sense is noted once and costs nothing', (t) => {
  const one = latm(inSdp());
  for (let n = 0; n < 20; n++) one.send(unit(40, 100 + n), n * 1024, { marker: true });
  t.strictSame(one.notes, ['rtp.aac-unreadable']);
  t.equal(latm({ config: '00' }).receiver.format, undefined);
  t.equal(one.end(), 0);
  t.end();
});

t.test('Opus: each packet tells its length', (t) => {
  const one = new RtpLab({ codec: 'opus', clockRate: 48_000, channels: 2 });
  t.match(one.receiver.format, { codec: 'opus', rfc6381: 'opus', timescale: 48_000, channels: 2 });
  // 20 ms of CELT; two frames of 2.5 ms; three of 20 ms SILK; 60 ms SILK.
  const packets = [
    unit(50, 0xf8),
    Buffer.from('811234', 'hex'),
    Buffer.from('0b030000', 'hex'),
    Buffer.from('18ff', 'hex'),
  ];
  const lengths = [960, 240, 2880, 2880];
  let at = 0;
  packets.forEach((packet, n) => {
    one.send(packet, at, { arrivalUs: us(at, 48_000) });
    at += lengths[n]!;
  });
  t.strictSame(
    one.frames.map(({ duration }) => duration),
    lengths,
  );
  t.strictSame(bytesOf(one.frames), packets, 'stored as they came');
  one.send(Buffer.from('0b', 'hex'), at);
  one.send(Buffer.from('0b3f', 'hex'), at + 960);
  t.equal(one.frames.length, 4, 'a count that is missing, and one of more than 120 ms');
  t.strictSame(one.notes, ['rtp.opus-unreadable']);
  t.equal(one.end(), 0);
  t.end();
});

t.test('silence that is not sent leaves its place', (t) => {
  const one = new RtpLab({ codec: 'opus', clockRate: 48_000 });
  for (const at of [0, 960, 48_000, 48_960]) one.send(unit(9, 0xf8), at, { arrivalUs: us(at, 48_000) });
  t.strictSame(
    one.frames.map(({ dts }) => dts),
    [0, 960, 48_000, 48_960],
  );
  t.equal(one.end(), 0);
  t.end();
});

t.test('16-bit samples come back exactly, in two channels', (t) => {
  const one = new RtpLab({ codec: 'l16', clockRate: 44_100, channels: 2 });
  const samples = Array.from({ length: 8192 }, (_, at) => ((at * 7919) % 65_536) - 32_768);
  const bytes = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, at) => bytes.writeInt16BE(sample, at * 2));
  for (let at = 0; at < bytes.length; at += 1024) {
    one.send(bytes.subarray(at, at + 1024), at / 4, { arrivalUs: us(at / 4, 44_100) });
  }
  one.receiver.flush();
  const channels = one.frames.map(({ bytes: frame }) => decodeFlacChannels(frame).channels);
  t.strictSame(
    channels.flatMap(([left]) => left),
    samples.filter((_, at) => at % 2 === 0),
  );
  t.strictSame(
    channels.flatMap(([, right]) => right),
    samples.filter((_, at) => at % 2 === 1),
  );
  t.match(one.frames[0]!.format, { codec: 'flac', channels: 2, sampleRate: 44_100, source: 'PCM, 16 bit' });
  t.strictSame(
    one.frames.reduce((sum, { duration }) => sum + duration, 0),
    4096,
  );
  t.equal(one.end(), 0);
  t.end();
});

t.test('G.711 in stereo: the channels do not mix, and half a sample at the end is dropped', (t) => {
  const one = new RtpLab({ codec: 'g711u', clockRate: 8_000, channels: 2 });
  const left = 0x80;
  for (let n = 0; n < 20; n++) {
    const packet = Buffer.concat([
      Buffer.from(Array.from({ length: 320 }, (_, at) => (at % 2 ? at & 0x7f : left))),
      Buffer.from([9]),
    ]);
    one.send(packet, n * 160, { arrivalUs: us(n * 160, 8_000) });
  }
  one.receiver.flush();
  const channels = one.frames.map(({ bytes }) => decodeFlacChannels(bytes).channels);
  t.ok(channels.flatMap(([first]) => first!).every((sample) => sample === 32_124));
  t.equal(channels.flatMap(([, second]) => second).length, 3200);
  t.equal(one.end(), 0);
  t.end();
});
