import t from 'tap';
import { RtpLab, setsOf, spropOf } from '../support/rtp-lab.ts';

const SETS = setsOf('small-h265.h265');
const HEX = SETS.map((set) => set.toString('hex'));
const KNOWN = spropOf('h265', SETS);
const idr = (text = 'idr') => `2601a0${Buffer.from(text).toString('hex')}`;
const cra = (text = 'cra') => `2a01a0${Buffer.from(text).toString('hex')}`;
const slice = (text = 'slice') => `0201d0${Buffer.from(text).toString('hex')}`;
const SEI = '4e01050141';
const SUFFIX_SEI = '5001840141';

function lab(fmtp: Record<string, string> = KNOWN): RtpLab {
  return new RtpLab({ codec: 'h265', fmtp });
}

t.test('single units, aggregates and fragments; sets in band', (t) => {
  const one = lab({});
  for (const set of HEX) one.send(set, 0);
  one.send(`6001 0005${SEI} 0006${idr()}`, 0, { marker: true });
  one.send('6201 81 d06161', 3600);
  one.send('6201 01', 3600);
  one.send('6201 01 6262', 3600);
  one.send('6201 41 6363', 3600, { marker: true });
  one.send(cra(), 7200, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[SEI, idr()], ['0201d0616162626363'], [cra()]]);
  t.same(
    one.frames.map(({ key }) => key),
    [true, false, true],
  );
  t.match(one.frames[0]!.format, { codec: 'h265', timescale: 90_000 });
  t.equal(one.end(), 0);
  t.end();
});

t.test('decoding order numbers are skipped where the SDP announces them', (t) => {
  const one = lab({ ...KNOWN, 'sprop-max-don-diff': '2' });
  one.send('2601 0001 a0616263', 0, { marker: true });
  one.send(`6001 0002 0005${SEI} 01 0006${slice('abc')}`, 3600, { marker: true });
  one.send('6201 81 0003 d06161', 7200);
  one.send('6201 41 6262', 7200, { marker: true });
  one.receiver.flush();
  t.same(one.units, [['2601a0616263'], [SEI, slice('abc')], ['0201d061616262']]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('start codes inside fragments, padding of aggregates, AUD and filler', (t) => {
  const one = lab({});
  one.send(`6201 a0${HEX[0]!.slice(4)}00000001${HEX[1]!.slice(0, 20)}`, 0);
  one.send(`6201 20${HEX[1]!.slice(20)}000001${HEX[2]!.slice(0, 2)}`, 0);
  one.send(`6201 60${HEX[2]!.slice(2)}`, 0);
  one.send(`6001 0003460150 0006${idr()} 0003260150 0000 ffff`, 0, { marker: true });
  one.send(`00000001${slice()}`, 3600);
  one.send('2601a0', 3600, { marker: true });
  one.receiver.flush();
  t.ok(one.notes.includes('rtp.annexb'));
  t.same(one.units[0], [idr(), '260150']);
  t.same(one.units[1], [slice(), '2601a0']);
  t.equal(one.end(), 0);
  t.end();
});

t.test('a suffix SEI stays with its picture, one without picture is dropped', (t) => {
  const one = lab();
  one.send(idr(), 0);
  one.send(SUFFIX_SEI, 0, { marker: true });
  one.send(slice(), 3600, { marker: true });
  one.send(slice('b'), 7200, { marker: true });
  one.send(SUFFIX_SEI, 7200, { marker: true });
  one.send(slice('c'), 10_800, { marker: true });
  one.receiver.flush();
  t.same(one.units, [[idr(), SUFFIX_SEI], [slice()], [slice('b')], [slice('c')]]);
  t.equal(one.end(), 0);
  t.end();
});

t.test('S and E in one fragment is a whole unit; an unfinished one leaves nothing behind', (t) => {
  const one = lab();
  one.send('6201 d3 a06161', 0, { marker: true });
  one.send('6201 81 d0dead', 3600);
  one.send(SEI, 7200, { marker: true });
  one.send(slice(), 10_800, { marker: true });
  one.receiver.flush();
  t.same(one.units, [['2601a06161'], [SEI, slice()]]);
  t.equal(one.end(), 0);
  t.end();
});
