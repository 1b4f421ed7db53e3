import t from 'tap';
import { RtpLab, setsOf, spropOf } from '../support/rtp-lab.ts';

const SETS = setsOf('small.h264');
const [SPS, PPS] = SETS.map((set) => set.toString('hex'));
const text = (word: string) => Buffer.from(word).toString('hex');
const idr = (word = 'idr') => `6588${text(word)}`;
const slice = (word = 'slice') => `6188${text(word)}`;
const laterSlice = (word = 'more') => `6142${text(word)}`;
const SEI = '0605012a80';
const AUD = '09f0';

const lab = (): RtpLab => new RtpLab({ codec: 'h264', fmtp: spropOf('h264', SETS) });

t.test('markers on parameter sets, SEI and AUD end nothing', (t) => {
  const one = lab();
  for (const unit of [AUD, SPS!, PPS!, SEI]) one.send(unit, 0, { marker: true });
  one.send(idr(), 0, { marker: true });
  for (const unit of [AUD, SEI]) one.send(unit, 3600, { marker: true });
  one.send(slice(), 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [
    [SEI, idr()],
    [SEI, slice()],
  ]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('sets with the time stamp of the picture before belong to the next picture', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  one.send(slice(), 3600, { marker: true });
  one.send(SPS!, 3600, { marker: true });
  one.send(PPS!, 3600, { marker: true });
  one.send(SEI, 3600, { marker: true });
  one.send(idr('b'), 7200, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], [slice()], [SEI, idr('b')]]);
  t.same(
    one.frames.map(({ pts }) => pts),
    [0, 3600, 7200],
  );
  t.equal(one.end(), 0);
  t.end();
});

t.test('without any markers units end with the time stamp; several slices stay together', (t) => {
  const one = lab();
  for (let n = 0; n < 6; n++) {
    one.send(n === 0 ? idr() : slice(`${n}`), n * 3600);
    one.send(laterSlice(`${n}`), n * 3600);
  }
  t.equal(one.frames.length, 5, 'the last one waits for its end');
  one.receiver.poll(6 * 40_000);
  t.equal(one.frames.length, 5);
  one.receiver.poll(5 * 40_000 + 1_100_000);
  t.equal(one.frames.length, 6, 'but not for ever');
  t.same(one.units[3], [slice('3'), laterSlice('3')]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('without markers and with equal time stamps a first slice begins the next picture', (t) => {
  const one = lab();
  for (let n = 0; n < 3; n++) one.send(n === 0 ? idr() : slice(`${n}`), n * 3600);
  for (const word of ['x', 'y', 'z']) {
    one.send(slice(word), 10_800);
    one.send(laterSlice(word), 10_800);
  }
  one.receiver.flush();
  t.same(one.units.slice(3), [
    [slice('x'), laterSlice('x')],
    [slice('y'), laterSlice('y')],
    [slice('z'), laterSlice('z')],
  ]);
  const times = one.frames.map(({ dts }) => dts);
  t.same(times, [0, 3600, 7200, 10_800, 10_801, 10_802], 'decode times increase by at least one tick');
  t.equal(one.end(), 0);
  t.end();
});

t.test('a camera that marks every slice is found out with its first picture', (t) => {
  const one = lab();
  for (let n = 0; n < 4; n++) {
    one.send(n === 0 ? idr() : slice(`${n}`), n * 3600, { marker: true });
    one.send(laterSlice('a'), n * 3600, { marker: true });
    one.send(laterSlice('b'), n * 3600, { marker: true });
  }
  one.receiver.flush();
  t.same(
    one.units.map((unit) => unit.length),
    [3, 3, 3, 3],
  );
  t.same(one.notes, ['rtp.marker-on-every-slice']);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a picture goes out with its marked packet, without waiting for the next one', (t) => {
  const one = lab();
  for (let n = 0; n < 5; n++) {
    one.send(n === 0 ? idr() : slice(), n * 3600, { marker: true });
    t.equal(one.frames.length, n < 2 ? n : n + 1, 'only the first two wait');
  }
  t.equal(one.end(), 0);
  t.end();
});

t.test('bursts with one time stamp for all pictures', (t) => {
  const one = lab();
  for (let n = 0; n < 5; n++) one.send(n === 0 ? idr() : slice(`${n}`), 90_000, { marker: true });
  one.send(slice('then'), 93_600, { marker: true });
  one.receiver.flush();
  t.same(one.units.length, 6);
  t.same(
    one.frames.map(({ dts }) => dts),
    [0, 1, 2, 3, 4, 3600],
  );
  t.ok(one.frames.every(({ dts, pts }) => pts >= dts));
  t.equal(one.end(), 0);
  t.end();
});

t.test('AUD and filler are left out, SEI is kept, a unit without slice is never given out', (t) => {
  const one = lab();
  one.send(`18 0002${AUD} 0005${SEI} 00070c${'ff'.repeat(6)} 0005${idr().slice(0, 10)}`, 0, { marker: true });
  one.send(SEI, 3600, { marker: true });
  one.send('0cffff80', 7200, { marker: true });
  one.send('', 7300, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[SEI, idr().slice(0, 10)]]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('recovery points are key frames only where IDR pictures do not come', (t) => {
  const recovery = '0606018480';
  const open = lab();
  for (let n = 0; n < 40; n++) {
    if (n % 10 === 0) open.send(recovery, n * 36_000);
    open.send(slice(`${n}`), n * 36_000, { marker: true });
  }
  open.receiver.flush();
  const keys = open.frames.flatMap(({ key }, n) => (key ? [n] : []));
  t.same(keys, [30], 'after ten seconds');
  t.equal(open.end(), 0);
  const usual = lab();
  for (let n = 0; n < 40; n++) {
    if (n % 10 === 0) usual.send(recovery, n * 36_000);
    usual.send(n === 0 ? idr() : slice(`${n}`), n * 36_000, { marker: true });
  }
  usual.receiver.flush();
  t.equal(usual.frames.filter(({ key }) => key).length, 1);
  t.equal(usual.end(), 0);
  t.end();
});

t.test('foreign payload types, another source and repeated packets', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  one.send(slice('a'), 3600, { marker: true });
  t.equal(one.receiver.stats.foreign, 0);
  const header = (hex: string, payload: string) => Buffer.from((hex + payload).replaceAll(' ', ''), 'hex');
  one.packet(header('80b2 ffdf 00001c20 00001234', slice('foreign')), 80_000);
  one.packet(header('80e0 0001 00001c20 0000ffff', slice('b')), 80_000);
  one.packet(header('80e0 0001 00001c20 0000ffff', slice('b')), 80_000);
  one.packet(header('80e0 0002 00002a30 0000ffff', slice('c')), 120_000);
  one.receiver.flush();
  t.same(one.units, [[idr()], [slice('a')], [slice('b')], [slice('c')]]);
  t.match(one.receiver.stats, { foreign: 1, duplicates: 1, lost: 0, sourceChanges: 1 });
  t.equal(one.end(), 0);
  t.end();
});

t.test('a stream under another payload type than announced is taken if the announced one never comes', (t) => {
  const one = new RtpLab({ codec: 'h264', fmtp: spropOf('h264', SETS), payloadType: 105 });
  for (let n = 0; n < 60; n++) one.send(idr(`${n}`), n * 3600, { marker: true });
  one.receiver.flush();
  t.equal(one.frames.length, 11);
  t.ok(one.notes.includes('rtp.payload-type-differs'));
  t.equal(one.end(), 0);
  t.end();
});

t.test('RTCP on the RTP channel is RTCP, and BYE ends nothing', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  one.packet(Buffer.from('81cb000100001234', 'hex'), 1);
  one.send(slice(), 3600, { marker: true });
  one.receiver.flush();
  t.equal(one.frames.length, 2);
  t.same(one.notes, ['rtp.bye']);
  t.equal(one.receiver.stats.foreign, 0);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a picture that never ends is given up, with all its slices', (t) => {
  const one = new RtpLab({ codec: 'h264', fmtp: spropOf('h264', SETS), blockBytes: 256 * 1024 });
  one.send(idr(), 0, { marker: true });
  one.send(slice(), 3600, { marker: true });
  const endless = Buffer.concat([Buffer.from('6142', 'hex'), Buffer.alloc(60_000, 0x61)]);
  let most = 0;
  for (let n = 0; n < 1300; n++) {
    one.send(endless, 7200);
    most = Math.max(most, one.pool.usage.inUseBytes);
  }
  t.ok(most < 40 << 20, `memory is bounded: ${most}`);
  t.ok(one.receiver.stats.lostFrames >= 2);
  one.send(idr(), 10_800, { marker: true });
  t.same(one.units.at(-1), [idr()]);
  t.same(one.notes, ['rtp.picture-too-large']);
  t.equal(one.frames.length, 4, 'the rest of the endless one was ended by the next time stamp');
  t.equal(one.end(), 0);
  t.end();
});

t.test('an IDR picture of 1500 fragments, a NAL unit beyond all bounds, and statistics', (t) => {
  const one = new RtpLab({ codec: 'h264', fmtp: spropOf('h264', SETS), blockBytes: 256 * 1024 });
  const piece = Buffer.concat([Buffer.from('7c05', 'hex'), Buffer.alloc(1398, 0x61)]);
  const start = Buffer.from(piece);
  start[1] = 0x85;
  start[2] = 0x88;
  const end = Buffer.from(piece);
  end[1] = 0x45;
  for (let gop = 0; gop < 2; gop++) {
    const time = gop * 180_000;
    one.send(start, time);
    for (let n = 0; n < 1498; n++) one.send(piece, time);
    one.send(end, time, { marker: true });
  }
  one.receiver.flush();
  t.same(
    one.frames.map(({ bytes }) => bytes.length),
    [5 + 1398 * 1500, 5 + 1398 * 1500],
  );
  t.match(one.receiver.stats, { packets: 3000, bytes: 3000 * 1412, frames: 2, keyFrames: 2, gopMs: 2000 });
  one.send(start, 360_000);
  for (let n = 0; n < 12_500; n++) one.send(piece, 360_000);
  one.send(end, 360_000, { marker: true });
  one.receiver.flush();
  t.equal(one.frames.length, 2);
  t.same(one.notes, ['rtp.nal-too-large']);
  t.equal(one.end(), 0);
  t.end();
});
