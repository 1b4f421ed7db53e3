import t from 'tap';
import { BoxError } from '../../firmware/base/index.ts';
import { boxesIn, FieldReader } from '../../firmware/media/mp4/box-reader.ts';
import { box, fullBox, late, measure, serialise, text, u16, u32, u64 } from '../../firmware/media/mp4/boxes.ts';
import { Column } from '../../firmware/media/mp4/column.ts';
import { identityBox, parseIdentity } from '../../firmware/media/mp4/identity.ts';
import { rescale } from '../../firmware/media/mp4/ticks.ts';
import { IDENTITY } from '../support/segment-maker.ts';

t.test('a tree of boxes becomes bytes of the size that was measured', (t) => {
  let size = 0;
  const tree = box(
    'moov',
    fullBox(
      'test',
      1,
      0x20000,
      u16(7),
      late(() => size),
      text('ab'),
    ),
    box('free'),
  );
  size = measure(tree);
  const bytes = serialise(tree, u64(2 ** 40 + 5));
  t.equal(
    bytes.toString('hex'),
    '0000002400000000'.replace('00000000', Buffer.from('moov').toString('hex')) +
      `00000014${Buffer.from('test').toString('hex')}010200000007000000246162` +
      `00000008${Buffer.from('free').toString('hex')}` +
      '0000010000000005',
  );
  t.end();
});

t.test('boxes that do not fit are refused', (t) => {
  const whole = serialise(box('aaaa', u32(1)), box('bbbb'));
  t.same(
    [...boxesIn(whole, 0, whole.length)].map(({ type }) => type),
    ['aaaa', 'bbbb'],
  );
  for (let end = 1; end < whole.length; end++) {
    if (end === 12) continue;
    t.throws(() => [...boxesIn(whole.subarray(0, end), 0, end)], { code: 'mp4.damaged' }, `cut to ${end} bytes`);
  }
  const span = { type: 'test', start: 0, body: 8, end: 12 };
  const fields = new FieldReader(serialise(box('test', u32(3))), span);
  t.throws(() => fields.rows(4), BoxError, 'three rows of four bytes are not there');
  t.end();
});

t.test('a column keeps any mix of numbers and takes little memory', (t) => {
  const values = Array.from({ length: 3000 }, (_, i) => (i < 600 ? 1024 : i < 1300 ? i : i % 7 === 0 ? -i : i * 1000));
  const column = new Column();
  for (const value of values) column.push(value);
  t.same(
    values.map((_, i) => column.at(i)),
    values,
  );
  column.truncate(700);
  for (const value of values.slice(700)) column.push(value);
  t.same(
    values.map((_, i) => column.at(i)),
    values,
    'also after going back',
  );
  const runs: [number, number][] = [];
  column.eachRun((value, count) => runs.push([value, count]));
  t.same(runs[0], [1024, 600]);
  t.same(
    runs.flatMap(([value, count]) => Array<number>(count).fill(value)),
    values,
  );

  const equal = new Column();
  for (let i = 0; i < 15000; i++) equal.push(1024);
  t.ok(equal.memoryBytes < 300, 'equal values are free');
  t.end();
});

t.test('the identity survives, with what a later version adds, and ends at a multiple of 16', (t) => {
  for (const title of ['', 'a', 'Tür 1', 'x'.repeat(200)]) {
    const bytes = identityBox({ ...IDENTITY, title }, 'AAC-LC', 28);
    t.equal((28 + bytes.length) % 16, 0);
    t.same(parseIdentity(bytes), { identity: { ...IDENTITY, title }, audioSource: 'AAC-LC', unknown: {} });
  }
  const later = identityBox({ ...IDENTITY, mood: { of: 'the camera' } } as never, undefined, 0);
  const stored = parseIdentity(later);
  t.same(stored.identity, IDENTITY);
  t.same(stored.unknown, { mood: { of: 'the camera' } });
  const event = { ...IDENTITY, class: 'event' as const };
  t.same(parseIdentity(identityBox(event, undefined, 0)).identity, event);
  const other = parseIdentity(identityBox({ ...IDENTITY, class: 'rehearsal' } as never, undefined, 0));
  t.same(other, { identity: IDENTITY, unknown: { class: 'rehearsal' } }, 'a class of a later version costs no footage');
  t.end();
});

t.test('an identity that cannot be trusted is refused', (t) => {
  const spoilt = (change: object): Buffer => identityBox({ ...IDENTITY, ...change }, undefined, 0);
  for (const change of [{ sequence: 1.5 }, { camera: 7 }, { clock: 'maybe' }, { startsWithKey: 'yes' }, { title: 3 }]) {
    t.throws(() => parseIdentity(spoilt(change)), { code: 'mp4.damaged' }, JSON.stringify(change));
  }
  const bytes = spoilt({});
  const another = Buffer.from(bytes);
  another[10] = another[10]! ^ 1;
  t.throws(() => parseIdentity(another), { code: 'mp4.not-ours' }, 'another uuid');
  const future = Buffer.from(bytes);
  future[24] = 2;
  t.throws(() => parseIdentity(future), { code: 'mp4.not-ours' }, 'a version with other rules');
  bytes.fill(0, 60);
  t.throws(() => parseIdentity(bytes), { code: 'mp4.damaged' }, 'zeros');
  t.end();
});

t.test('ticks are rescaled without loss, also after years', (t) => {
  t.equal(rescale(90000, 90000, 48000), 48000);
  t.equal(rescale(1, 90000, 48000), 1);
  t.equal(rescale(-90000 * 7 - 45000, 90000, 8000), -60000);
  const years = 90000 * 86400 * 365 * 20;
  t.equal(rescale(years + 15, 90000, 48000), (years / 15) * 8 + 8);
  t.end();
});
