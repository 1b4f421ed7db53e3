import t from 'tap';
import { typedTime } from '../../firmware/ui/media/typed-time.ts';

const NOW = Date.parse('2026-10-26T12:00:00Z');
const NEAR = Date.parse('2026-10-25T09:00:00Z');
const ZONE = 'Europe/Stockholm';

const at = (text: string, near = NEAR): string | undefined => {
  const found = typedTime(ZONE, text, near, NOW);
  return found && new Date(found.at).toISOString().slice(0, 19);
};

t.test('times are understood as people type them, in the zone of the site', async (t) => {
  for (const [text, wanted] of [
    ['12:45', '2026-10-25T11:45:00'],
    ['1245', '2026-10-25T11:45:00'],
    ['12：45：30', '2026-10-25T11:45:30'],
    ['124530', '2026-10-25T11:45:30'],
    ['-10m', '2026-10-26T11:50:00'],
    ['- 1.5 h', '2026-10-26T10:30:00'],
    ['yesterday 8:00', '2026-10-25T07:00:00'],
    ['昨天 8:00', '2026-10-25T07:00:00'],
    ['today', '2026-10-25T23:00:00'],
    ['2026-10-20', '2026-10-19T22:00:00'],
    ['2026-1-5 7:05', '2026-01-05T06:05:00'],
    ['2026-10-20T07:05:09', '2026-10-20T05:05:09'],
  ] as const) {
    t.equal(at(text), wanted, text);
  }
  for (const text of ['', 'x', '25:00', '12:60', '2026-02-31', '2026-13-01 10:00', '12', '-5', '12:45 pm']) {
    t.equal(typedTime(ZONE, text, NEAR, NOW), undefined, text);
  }
});

t.test('an hour that comes twice is told apart by its offset, one that is left out is said to be', async (t) => {
  t.equal(at('02:30'), '2026-10-25T00:30:00', 'the first');
  t.equal(at('02:30 +02:00'), '2026-10-25T00:30:00');
  t.equal(at('02:30 +01:00'), '2026-10-25T01:30:00');
  const spring = Date.parse('2026-03-29T09:00:00Z');
  t.match(typedTime(ZONE, '02:30', spring, NOW), { at: Date.parse('2026-03-29T01:30:00Z'), skipped: true });
  t.match(typedTime(ZONE, '03:30', spring, NOW), { at: Date.parse('2026-03-29T01:30:00Z'), skipped: false });
});
