import t from 'tap';
import { RtpLab, setsOf, spropOf } from '../support/rtp-lab.ts';

const SETS = setsOf('small.h264');
const [SPS, PPS] = SETS.map((set) => set.toString('hex'));
const OTHER = setsOf('shop.h264').map((set) => set.toString('hex'));
const KNOWN = spropOf('h264', SETS);

/** A slice: header, first_mb_in_slice = 0, then text that cannot look like a start code. */
const text = (word: string) => Buffer.from(word).toString('hex');
const idr = (word = 'idr') => `6588${text(word)}`;
const slice = (word = 'slice') => `6188${text(word)}`;
const laterSlice = (word = 'more') => `6142${text(word)}`;
const SEI = '0605012a80';

function lab(fmtp: Record<string, string> = KNOWN): RtpLab {
  return new RtpLab({ codec: 'h264', fmtp });
}

t.test('single NAL units, aggregates and fragments make one unit', (t) => {
  const one = lab();
  one.send(SEI, 0);
  one.send(`18 0005${SEI} 0005${idr()}`, 0);
  one.send(`7c81 42 ${text('first ')}`, 0);
  one.send(`7c01 ${text('middle ')}`, 0);
  one.send(`7c41 ${text('end')}`, 0, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[SEI, SEI, idr(), laterSlice('first middle end')]]);
  t.match(one.frames, [{ key: true, pts: 0, dts: 0, duration: 0, lostBefore: 0, arrivalUs: 0 }]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('STAP-B and FU-B are read without regard to their order numbers', (t) => {
  const one = lab();
  one.send(`19 0001 0005${idr().slice(0, 10)}`, 0, { marker: true });
  one.send(`7d81 0002 88616263`, 3600);
  one.send(`7c41 646566`, 3600, { marker: true });
  one.send(`1a 0000 0005 00 000000 6588616263`, 7200, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr().slice(0, 10)], ['6188616263646566']]);
  t.same(one.notes, ['rtp.interleaved-mode']);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a zero length ends an aggregate, one that is too large is bounded by the packet', (t) => {
  const one = lab();
  one.send(`18 0004 65886162 0000 0003 616263`, 0, { marker: true });
  one.send(`18 0004 61886162 00ff 61426364`, 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [['65886162'], ['61886162', '61426364']]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('odd fragments: reserved bit, start and end in one, no payload, another type in the chain', (t) => {
  const one = lab();
  one.send('7ca5 886161', 0);
  one.send('7c25', 0);
  one.send('7c61 6262', 0);
  one.send('7c65', 0, { marker: true });
  one.send('7cc1 886363', 3600, { marker: true });
  one.send('7c01 dead', 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [['658861616262'], ['61886363']]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a fragmented unit that never ends is dropped at a new start, another unit or a new time stamp', (t) => {
  const one = lab();
  one.send('7c85 88616161', 0);
  one.send('7c85 886262', 0);
  one.send('7c45 6363', 0, { marker: true });
  one.send('7c81 88dead', 3600);
  one.send(slice(), 3600, { marker: true });
  one.send('7c81 88dead', 7200);
  one.send(slice('next'), 10_800, { marker: true });
  one.receiver.flush();
  t.same(one.units, [['658862626363'], [slice()], [slice('next')]]);
  t.equal(one.receiver.stats.lostFrames, 1);
  t.equal(one.receiver.stats.damagedFrames, 2);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a camera that never sets the end bit is understood after a while', (t) => {
  const one = lab();
  for (let n = 0; n < 12; n++) {
    one.send(`7c81 8861${n.toString(16).padStart(2, '0')}61`, n * 3600);
    one.send('7c01 6262', n * 3600, { marker: true });
  }
  one.receiver.flush();
  t.same(one.units.at(-1), ['6188610b616262']);
  t.ok(one.frames.length >= 4);
  t.equal(one.end(), 0);
  t.end();
});

t.test('start codes inside payloads: in one packet, over fragment borders, at either end', (t) => {
  const body = `${SPS}000000 01${PPS}00000001${idr()}00`.replaceAll(' ', '');
  const whole = lab({});
  whole.send(body, 0, { marker: true });
  whole.receiver.flush();
  t.same(whole.units, [[idr()]]);
  t.same(whole.notes, ['rtp.annexb']);
  t.equal(whole.end(), 0);
  // Cut the same bytes into two fragments at every place.
  const bytes = Buffer.from(body, 'hex');
  for (let cut = 1; cut < bytes.length; cut++) {
    const one = lab({});
    one.send(`7c87${bytes.toString('hex', 1, cut)}`, 0);
    one.send(`7c47${bytes.toString('hex', cut)}`, 0, { marker: true });
    one.receiver.flush();
    t.strictSame(one.units, [[idr()]], `cut at ${cut}`);
    t.equal(one.end(), 0);
  }
  t.end();
});

t.test('a start code in front of a unit and at its end', (t) => {
  const one = lab();
  one.send(`00000001${idr()}00000001`, 0, { marker: true });
  one.send(`1c80 0001${slice()}`, 3600);
  one.send(`1c40 78000001`, 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], [`${slice()}78`]]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('slices of an old connection are scanned at their start only, until a start code is seen', (t) => {
  const one = lab();
  for (let n = 0; n < 4; n++) one.send(idr(), n * 3600, { marker: true });
  const long = `6188${'61'.repeat(600)}`;
  const late = `${long}000001${laterSlice()}`;
  one.send(late, 5 * 3600, { marker: true });
  t.same(one.units.at(-1), [late], 'not looked for so far inside');
  one.send(`${SEI}000001${slice()}`, 6 * 3600, { marker: true });
  t.same(one.units.at(-1), [SEI, slice()], 'found in front');
  one.send(late, 7 * 3600, { marker: true });
  t.same(one.units.at(-1), [long, laterSlice()], 'from then on everywhere');
  t.equal(one.end(), 0);
  t.end();
});

t.test('trailing zeros are not stored', (t) => {
  const one = lab();
  one.send(`${idr()}0000`, 0, { marker: true });
  one.send(`7c81 8861`, 3600);
  one.send('7c01 620000', 3600);
  one.send('7c41 0000', 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], ['61886162']]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('after a loss the damaged unit is dropped and the loss is told', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  one.send('7c81 886161', 3600);
  one.send('7c01 6262', 3600, { skip: 2 });
  one.send('7c41 6363', 3600, { marker: true });
  one.send(slice('after'), 7200, { marker: true });
  one.send(slice('fine'), 10_800, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], [slice('after')], [slice('fine')]]);
  t.same(
    one.frames.map(({ lostBefore }) => lostBefore),
    [0, 2, 0],
  );
  t.match(one.receiver.stats, { lost: 2, lostFrames: 1, damagedFrames: 0, frames: 3 });
  t.same(one.notes, ['rtp.loss']);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a lost start of a unit takes its rest along', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  one.send('7c01 6262', 3600, { skip: 1 });
  one.send('7c41 6363', 3600, { marker: true });
  one.send(slice(), 7200, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], [slice()]]);
  t.equal(one.receiver.stats.lostFrames, 1);
  t.equal(one.end(), 0);
  t.end();
});

t.test('of a picture of several slices the whole ones remain', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  one.send(slice('a'), 3600);
  one.send('7c81 426161', 3600);
  one.send('7c41 6363', 3600, { skip: 1 });
  one.send(laterSlice('c'), 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], [slice('a'), laterSlice('c')]]);
  t.match(one.receiver.stats, { damagedFrames: 1, lostFrames: 0 });
  t.equal(one.end(), 0);
  t.end();
});

t.test('frames wait for parameter sets: bad or missing ones in the SDP are no error', (t) => {
  const one = lab({ 'sprop-parameter-sets': 'AAAA,,!!!!', 'profile-level-id': 'TeAo' });
  t.equal(one.receiver.waitingFor, 'packets');
  one.send(slice(), 0, { marker: true });
  t.equal(one.receiver.waitingFor, 'parameters');
  one.send(SPS!, 3600);
  one.send(PPS!, 3600);
  one.send(slice(), 3600, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[slice()]]);
  t.equal(one.receiver.waitingFor, 'key-frame');
  one.send(idr(), 7200, { marker: true });
  one.receiver.flush();
  t.equal(one.receiver.waitingFor, undefined);
  t.equal(one.receiver.stats.uselessFrames, 1);
  t.same(one.notes, ['rtp.sdp-parameters-unreadable']);
  t.match(one.frames[0]?.format, { width: 320, height: 240, codec: 'h264' });
  t.equal(one.end(), 0);
  t.end();
});

t.test('sets that stand only in the SDP serve, also with junk around their letters', (t) => {
  const sprop = KNOWN['sprop-parameter-sets']!.replace(',', '", "');
  const one = lab({ 'sprop-parameter-sets': `"${sprop}"` });
  one.send(idr(), 0, { marker: true });
  one.receiver.flush();
  t.match(one.frames, [{ key: true, format: { width: 320 } }]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('repeated sets are not stored, other ones bring a new format with the next key picture', (t) => {
  const one = lab();
  const gop = (time: number, sets: readonly (string | undefined)[]) => {
    for (const set of sets) one.send(set!, time);
    one.send(idr(), time, { marker: true });
    one.send(slice(), time + 3600, { marker: true });
  };
  gop(0, [SPS, PPS]);
  gop(7200, [SPS, PPS]);
  gop(14_400, OTHER);
  gop(21_600, OTHER);
  one.receiver.flush();
  t.ok(
    one.units.every((unit) => unit.length === 1),
    'no sets in samples',
  );
  const widths = one.frames.map(({ format }) => format.kind === 'video' && format.width);
  t.same(widths, [320, 320, 320, 320, 640, 640, 640, 640]);
  t.equal(new Set(one.frames.map(({ format }) => format)).size, 2, 'one object for each format');
  t.equal(one.end(), 0);
  t.end();
});

t.test('sets that change in the middle of a group travel in the sample', (t) => {
  const one = lab();
  one.send(idr(), 0, { marker: true });
  for (const set of OTHER) one.send(set, 3600);
  one.send(slice(), 3600, { marker: true });
  one.send(slice('b'), 7200, { marker: true });
  one.send(idr(), 10_800, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr()], [...OTHER, slice()], [slice('b')], [idr()]]);
  t.equal(one.frames[2]!.format, one.frames[0]!.format);
  t.match(one.frames[3]!.format, { width: 640 });
  t.equal(one.end(), 0);
  t.end();
});

t.test('parameters that flap do not cut the recording to pieces', (t) => {
  const one = lab();
  for (let n = 0; n < 40; n++) {
    for (const set of n % 2 === 0 ? OTHER : [SPS!, PPS!]) one.send(set, n * 9000);
    one.send(idr(), n * 9000, { marker: true });
  }
  one.receiver.flush();
  let changes = 0;
  one.frames.forEach((frame, at) => (changes += at > 0 && frame.format !== one.frames[at - 1]!.format ? 1 : 0));
  t.ok(changes <= 4, `${changes} changes in 4 s`);
  t.same(one.units.at(-1), [SPS, PPS, idr()], 'the sets then travel with the pictures');
  for (const n of [40, 41, 42]) {
    for (const set of n < 42 ? OTHER : []) one.send(set, n * 9000);
    one.send(idr(), n * 9000, { marker: true });
  }
  one.receiver.flush();
  const wanted = [...OTHER, idr()];
  t.same(one.units.slice(-3), [wanted, wanted, wanted], 'with each key frame: a file may begin with it');
  t.ok(one.notes.includes('rtp.parameters-flapping'));
  t.equal(one.end(), 0);
  t.end();
});
