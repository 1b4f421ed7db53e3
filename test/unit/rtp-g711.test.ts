import t from 'tap';
import { RtpLab, seeded } from '../support/rtp-lab.ts';

const random = seeded(3);
const voice = (bytes: number): Buffer => Buffer.from(Array.from({ length: bytes }, () => random(256)));
const lab = (clockRate = 8000): RtpLab => new RtpLab({ codec: 'g711a', clockRate, payloadType: 96 });
const at = (sample: number, rate = 8000): number => (sample / rate) * 1e6;

t.test('blocks of fixed length follow each other exactly', (t) => {
  const one = lab();
  for (let n = 0; n < 100; n++) one.send(voice(160), n * 160, { arrivalUs: at(n * 160) });
  const { frames } = one;
  const block = frames[0]!.duration;
  t.ok(block >= 256 && block <= 4096);
  t.same(
    frames.map(({ dts }) => dts),
    frames.map((_, n) => n * block),
  );
  t.ok(frames.every(({ duration, key, bytes }) => duration === block && key && bytes.readUInt16BE(0) === 0xfff9));
  t.match(frames[0]!.format, { codec: 'flac', timescale: 8000, source: 'G.711 A-law' });
  one.receiver.flush();
  t.equal(
    one.frames.reduce((sum, { duration }) => sum + duration, 0),
    16_000,
    'flush gives the rest',
  );
  t.equal(one.end(), 0);
  t.end();
});

t.test('after lost packets sound keeps its place in time', (t) => {
  const one = lab();
  for (let n = 0; n < 100; n++) {
    if (n >= 40 && n < 43) continue;
    one.send(voice(160), n * 160, { arrivalUs: at(n * 160), skip: n === 43 ? 3 : 0 });
  }
  one.receiver.flush();
  const ends = one.frames.map(({ dts, duration }) => dts + duration);
  const starts = one.frames.map(({ dts }) => dts);
  const gaps = starts.slice(1).flatMap((start, n) => (start === ends[n]! ? [] : [[ends[n]!, start]]));
  t.same(gaps, [[40 * 160, 43 * 160]]);
  t.same(one.frames.filter(({ lostBefore }) => lostBefore === 3).length, 1);
  t.equal(one.receiver.stats.lost, 3);
  t.equal(one.end(), 0);
  t.end();
});

t.test('sound that pauses for minutes and comes back lands at the right time', (t) => {
  const one = lab();
  for (let n = 0; n < 50; n++) one.send(voice(160), n * 160, { arrivalUs: at(n * 160) });
  const later = 8000 * 300;
  for (let n = 0; n < 50; n++) one.send(voice(160), later + n * 160, { arrivalUs: at(later + n * 160) });
  one.receiver.flush();
  t.ok(one.frames.some(({ dts }) => dts === later));
  t.equal(one.end(), 0);
  t.end();
});

t.test('a rate that the SDP tells wrongly is seen by the byte rate', (t) => {
  const one = lab(8000);
  for (let n = 0; n < 1000; n++) one.send(voice(320), n * 320, { arrivalUs: at(n * 320, 16_000) });
  const rates = [...new Set(one.frames.map(({ format }) => format.timescale))];
  t.same(rates, [8000, 16_000]);
  t.ok(one.notes.includes('rtp.clock-rate-differs'));
  const last = one.frames.at(-1)!;
  t.ok(Math.abs(last.dts / 16_000 - last.arrivalUs / 1e6) < 12, 'on the timeline of the session');
  const same = lab(8000);
  for (let n = 0; n < 1000; n++) same.send(voice(160), n * 160, { arrivalUs: at(n * 160) });
  t.same(same.notes, []);
  t.equal(one.end() + same.end(), 0);
  t.end();
});

t.test('time stamps that stand still do not silence the sound for ever', (t) => {
  const one = lab();
  for (let n = 0; n < 4000; n++) one.send(voice(160), 0, { arrivalUs: at(n * 160) });
  t.ok(one.frames.length > 300);
  one.frames.forEach(({ dts }, n) => {
    if (n > 0 && dts <= one.frames[n - 1]!.dts) t.fail(`time ${n} does not increase`);
  });
  t.equal(one.end(), 0);
  t.end();
});

t.test('what cannot be stored is refused by name', (t) => {
  for (const options of [
    { codec: 'g711u', channels: 3 },
    { codec: 'l16', clockRate: 96_000 },
    { codec: 'g711a', clockRate: 96_000 },
    { codec: 'other' },
  ] as const) {
    t.throws(() => new RtpLab(options), { code: 'rtsp.codec-unsupported' });
  }
  t.end();
});
