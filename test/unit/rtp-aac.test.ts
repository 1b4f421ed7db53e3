import t from 'tap';
import { RtpLab } from '../support/rtp-lab.ts';

/** AAC-LC, 16 kHz, mono. */
const CONFIG = '1408';
const HBR = { mode: 'AAC-hbr', sizelength: '13', indexlength: '3', indexdeltalength: '3', config: CONFIG };

const lab = (fmtp: Record<string, string> = HBR, clockRate = 16_000): RtpLab =>
  new RtpLab({ codec: 'aac', fmtp, clockRate });

/** A packet of access units with AU headers of 13 + 3 bits. */
function packed(...units: Buffer[]): Buffer {
  const head = Buffer.alloc(2 + units.length * 2);
  head.writeUInt16BE(units.length * 16, 0);
  units.forEach((unit, n) => head.writeUInt16BE(unit.length << 3, 2 + n * 2));
  return Buffer.concat([head, ...units]);
}

const unit = (n: number, size = 20): Buffer => Buffer.alloc(size, n + 1);

/** ADTS frame of AAC-LC, 16 kHz, mono. */
function adts(raw: Buffer): Buffer {
  const size = raw.length + 7;
  return Buffer.concat([
    Buffer.from([0xff, 0xf1, 0x60, 0x40 | (size >> 11), (size >> 3) & 0xff, ((size & 7) << 5) | 0x1f, 0xfc]),
    raw,
  ]);
}

const at = (sample: number): number => (sample / 16_000) * 1e6;

t.test('several units in a packet follow each other exactly', (t) => {
  const one = lab();
  for (let n = 0; n < 6; n += 3)
    one.send(packed(unit(n), unit(n + 1, 300), unit(n + 2)), n * 1024, { marker: true, arrivalUs: at(n * 1024) });
  t.same(
    one.frames.map(({ dts }) => dts),
    [0, 1024, 2048, 3072, 4096, 5120],
  );
  t.ok(one.frames.every(({ duration, pts, dts, key }) => duration === 1024 && pts === dts && key));
  t.same(
    one.frames.map(({ bytes }) => bytes),
    [unit(0), unit(1, 300), unit(2), unit(3), unit(4, 300), unit(5)],
  );
  t.match(one.frames[0]!.format, { codec: 'aac', timescale: 16_000, channels: 1, rfc6381: 'mp4a.40.2' });
  t.equal(one.end(), 0);
  t.end();
});

t.test('defaults where the SDP names nothing but the configuration, and AAC-lbr', (t) => {
  const bare = lab({ config: CONFIG });
  bare.send(packed(unit(0)), 0, { marker: true });
  t.same(
    bare.frames.map(({ bytes }) => bytes),
    [unit(0)],
  );
  t.equal(bare.end(), 0);
  const low = lab({ mode: 'AAC-lbr', config: CONFIG });
  low.send(Buffer.concat([Buffer.from([0, 16, 5 << 2, 6 << 2]), unit(0, 5), unit(1, 6)]), 0, { marker: true });
  t.same(
    low.frames.map(({ bytes }) => bytes),
    [unit(0, 5), unit(1, 6)],
  );
  t.equal(low.end(), 0);
  t.end();
});

t.test('a unit in several packets; wrong indexes; a lost piece drops the unit', (t) => {
  const one = lab();
  const whole = Buffer.from(Array.from({ length: 100 }, (_, n) => n));
  const head = Buffer.from([0, 16, 100 >> 5, ((100 << 3) & 0xff) | 5]);
  const piece = (from: number, to: number) => Buffer.concat([head, whole.subarray(from, to)]);
  one.send(piece(0, 40), 0);
  one.send(piece(40, 80), 0);
  one.send(piece(80, 100), 0, { marker: true });
  one.send(piece(0, 40), 1024, { arrivalUs: at(1024) });
  one.send(piece(80, 100), 1024, { arrivalUs: at(1024), marker: true, skip: 1 });
  one.send(piece(0, 40), 2048, { arrivalUs: at(2048) });
  one.send(packed(unit(7)), 3072, { arrivalUs: at(3072), marker: true });
  t.same(
    one.frames.map(({ bytes }) => bytes),
    [whole, unit(7)],
  );
  t.same(
    one.frames.map(({ dts, lostBefore }) => [dts, lostBefore]),
    [
      [0, 0],
      [3072, 1],
    ],
    'what follows keeps its place',
  );
  t.ok(one.notes.includes('rtp.aac-cut-off'));
  t.equal(one.end(), 0);
  t.end();
});

t.test('ADTS headers are taken off, with and without AU headers', (t) => {
  const one = lab();
  one.send(packed(adts(unit(0)), adts(unit(1))), 0, { marker: true });
  one.send(Buffer.concat([adts(unit(2)), adts(unit(3, 55))]), 2048, { marker: true, arrivalUs: at(2048) });
  t.same(
    one.frames.map(({ bytes }) => bytes),
    [unit(0), unit(1), unit(2), unit(3, 55)],
  );
  t.same(
    one.frames.map(({ dts }) => dts),
    [0, 1024, 2048, 3072],
  );
  t.same(one.notes, ['rtp.adts']);
  t.equal(one.end(), 0);
  t.end();
});

t.test('without a configuration the ADTS header gives it; without either nothing is stored', (t) => {
  const one = lab({});
  one.send(packed(unit(0)), 0, { marker: true });
  t.equal(one.receiver.waitingFor, 'parameters');
  one.send(packed(adts(unit(1))), 1024, { marker: true, arrivalUs: at(1024) });
  one.send(packed(unit(2)), 2048, { marker: true, arrivalUs: at(2048) });
  t.same(
    one.frames.map(({ bytes }) => bytes),
    [unit(1), unit(2)],
  );
  t.match(one.frames[0]!.format, { sampleRate: 16_000, channels: 1 });
  t.equal(one.receiver.stats.uselessFrames, 1);
  t.equal(one.end(), 0);
  t.end();
});

t.test('time stamps follow the rtpmap, unless they prove to count samples', (t) => {
  const announced = lab(HBR, 32_000);
  for (let n = 0; n < 20; n++) announced.send(packed(unit(n)), n * 2048, { marker: true, arrivalUs: at(n * 1024) });
  t.same(
    announced.frames.map(({ dts }) => dts),
    Array.from({ length: 20 }, (_, n) => n * 1024),
    'ticks of the rtpmap',
  );
  t.equal(announced.end(), 0);
  const wrong = lab(HBR, 32_000);
  for (let n = 0; n < 100; n++) wrong.send(packed(unit(n)), n * 1024, { marker: true, arrivalUs: at(n * 1024) });
  const steps = wrong.frames.slice(60).map(({ dts }, n) => dts - wrong.frames[59 + n]!.dts);
  t.ok(
    steps.every((step) => Math.abs(step - 1024) <= 5),
    'ticks of the samples',
  );
  t.ok(wrong.notes.includes('rtp.clock-rate-differs'));
  t.equal(wrong.end(), 0);
  t.end();
});

t.test('jitter of time stamps does not show, a gap does', (t) => {
  const one = lab();
  for (let n = 0; n < 50; n++) {
    const late = n >= 30 ? 16_000 : 0;
    one.send(packed(unit(n)), n * 1024 + late + (n % 3) * 10, { marker: true, arrivalUs: at(n * 1024 + late) });
  }
  const times = one.frames.map(({ dts }) => dts);
  times.forEach((time, n) => {
    const step = n === 0 ? 1024 : time - times[n - 1]!;
    const wanted = n === 30 ? 17_024 : 1024;
    if (Math.abs(step - wanted) > 30) t.fail(`step ${step} at ${n}`);
  });
  t.equal(times.length, 50);
  t.equal(one.end(), 0);
  t.end();
});

t.test('packets that are no AAC are noted and dropped', (t) => {
  const one = lab();
  for (const hex of ['', '00', '0000aabb', 'ffffffff', '0010fff8aa', '0010ffff']) one.send(hex, 0, { marker: true });
  t.equal(one.frames.length, 0);
  t.ok(one.notes.includes('rtp.aac-unreadable'));
  t.equal(one.end(), 0);
  t.end();
});
