import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { localMonth, type TimeSpan } from '../../firmware/base/index.ts';
import { checkSettings } from '../../firmware/config/index.ts';
import { Accountant, Ledger, monthReport, PromiseLog, reportCsv, reportPage } from '../../firmware/assurance/index.ts';
import type { DayAccount } from '../../firmware/assurance/day-account.ts';
import { tempFolder } from '../support/temp-folder.ts';
import type { FootageSource, MissingSpan } from '../../firmware/assurance/index.ts';

const S = 1_000_000;
const DAY_US = 86_400 * S;
const us = (text: string): number => Date.parse(text) * 1000;
const ZONE = 'Europe/Berlin';
const settings = (more: object = {}) =>
  checkSettings({
    site: { timeZone: ZONE },
    cameras: [{ id: 'yard', name: '=Yard, "rear"', streams: [{ id: 'main', url: 'rtsp://127.0.0.1/x' }], ...more }],
  });

/** Footage in memory: all of time but the holes. */
function sourceWith(holes: { spans: TimeSpan[]; gaps: MissingSpan[] }, fromUs = 0): FootageSource {
  return {
    covered: async (_camera, _stream, within) => {
      const covered: TimeSpan[] = [];
      let atUs = Math.max(within.startUs, fromUs);
      for (const { startUs, endUs } of holes.spans) {
        if (startUs > atUs) covered.push({ startUs: atUs, endUs: Math.min(startUs, within.endUs) });
        atUs = Math.max(atUs, endUs);
      }
      if (atUs < within.endUs) covered.push({ startUs: atUs, endUs: within.endUs });
      return covered;
    },
    gaps: async () => holes.gaps,
    observed: () => [],
  };
}

t.test('a month with a day of 25 hours, in numbers, as a table and as a page', async (t) => {
  const folder = t.testdir();
  const log = await PromiseLog.open(join(folder, 'promises.jsonl'));
  await log.note(settings(), us('2026-09-01T00:00:00Z'));
  const hole = { startUs: us('2026-10-25T00:30:00Z'), endUs: us('2026-10-25T01:30:00Z') };
  const holes = { spans: [hole], gaps: [{ ...hole, reason: 'network-loss' as const }] };
  const nowUs = us('2026-11-02T00:00:00Z');
  const accountant = new Accountant(log, new Ledger(folder), sourceWith(holes));
  const accounts = await accountant.accounts(localMonth(ZONE, '2026-10'), nowUs);
  const report = monthReport({
    box: 'Box <1>',
    month: '2026-10',
    timeZone: ZONE,
    madeUs: nowUs,
    accounts,
    nameOf: (camera) => log.current.get(camera)!.name,
  });
  t.equal(report.total.expectedS, 31 * 86_400 + 3600);
  t.equal(report.total.missingS, 3600);
  t.match(report.cameras[0]!.days[24], {
    day: '2026-10-25',
    expectedS: 90_000,
    recordedS: 86_400,
    missingByReason: { 'network-loss': 3600 },
  });
  const rows = reportCsv(report, 'en').trimEnd().split('\r\n');
  t.equal(rows.length, 32);
  t.ok(rows[0]!.startsWith('\uFEFFDay,Camera,id,Expected (s)'));
  t.ok(rows[25]!.startsWith(`2026-10-25,"'=Yard, ""rear""",yard,90000.000,86400.000,3600.000,`), rows[25]!);
  const page = reportPage(report, 'en');
  t.match(page, /Box &lt;1&gt;[\s\S]*=Yard, &quot;rear&quot;[\s\S]*745:00:00[\s\S]*744:00:00[\s\S]*99\.86 %/);
  t.match(page, /@page \{\n {2}size: A4/);
  t.match(page, /2026-10-25 02:30:00 GMT\+2<\/td><td>2026-10-25 02:30:00 GMT\+1/, 'the hour that comes twice');
});

t.test('accounts outlive the footage, another start, and a change of settings', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'promises.jsonl');
  const log = await PromiseLog.open(path);
  await log.note(settings(), us('2026-05-01T00:00:00Z'));
  await log.note(settings(), us('2026-05-02T00:00:00Z'));
  const holes = { spans: [] as TimeSpan[], gaps: [] as MissingSpan[] };
  const nowUs = us('2026-05-04T12:00:00Z');
  await new Accountant(log, new Ledger(folder), sourceWith(holes)).bringUpToDate(ZONE, nowUs);
  await log.note(settings({ mode: 'event' }), nowUs);
  t.equal((await readFile(path, 'utf8')).trimEnd().split('\n').length, 2, 'only changes are written');

  // Half a line, as a power cut leaves it; and everything that was recorded until the 4th is deleted.
  await appendFile(path, '{"sinceUs":17');
  const torn = await PromiseLog.open(path);
  await torn.note(settings({ mode: 'manual', name: 'Rear' }), nowUs + 3600 * S);
  const again = await PromiseLog.open(path);
  t.equal(again.historyOf('yard').length, 3, 'nothing is written behind half a line');
  const later = nowUs + 2 * DAY_US;
  const accountant = new Accountant(again, new Ledger(folder), sourceWith(holes, nowUs - 3600 * S));
  const accounts = await accountant.accounts(localMonth(ZONE, '2026-05'), later);
  const byDay = new Map(accounts.map((each) => [each.day, each]));
  const recorded = (day: string): number =>
    byDay.get(day)!.recorded.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0) / S;
  t.equal(recorded('2026-05-02'), 86_400, 'deleted since, recorded all the same');
  t.equal(recorded('2026-05-04'), 14 * 3600, 'until the mode was changed');
  t.strictSame(byDay.get('2026-05-05')!.expected, []);
  t.equal(byDay.get('2026-05-05')!.besidesUs, DAY_US, 'and footage beside what is expected');

  await writeFile(join(folder, '2026-05.json'), '{"days":[{}');
  const anew = await new Accountant(again, new Ledger(folder), sourceWith(holes)).accounts(
    localMonth(ZONE, '2026-05'),
    later,
  );
  t.equal(anew.find(({ day }) => day === '2026-05-02')!.recorded.length, 1, 'a damaged book is made anew');
});

t.test('a damaged line or account costs itself, not the report of all cameras', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'promises.jsonl');
  const log = await PromiseLog.open(path);
  await log.note(settings(), us('2026-05-01T00:00:00Z'));
  const nowUs = us('2026-05-04T12:00:00Z');
  const holes = { spans: [] as TimeSpan[], gaps: [] as MissingSpan[] };
  await new Accountant(log, new Ledger(folder), sourceWith(holes)).bringUpToDate(ZONE, nowUs);

  const sound = JSON.parse((await readFile(path, 'utf8')).trimEnd()) as Record<string, unknown>;
  const damaged = [
    'null',
    JSON.stringify({ ...sound, timeZone: 'Atlantis/Capital' }),
    JSON.stringify({ ...sound, when: 'weekly', times: [null] }),
    JSON.stringify({ ...sound, when: 'weekly', times: [{ day: 1, from: '08:00' }] }),
  ];
  await appendFile(path, `${damaged.join('\n')}\n`);
  const again = await PromiseLog.open(path, (error) => t.fail(String(error)));
  t.equal(again.historyOf('yard').length, 1);

  const book = join(folder, '2026-05.json');
  const { days } = JSON.parse(await readFile(book, 'utf8')) as { days: Record<string, unknown>[] };
  const [first, second, ...rest] = days;
  const odd = [{ ...first, recorded: [['a', 5]] }, { ...second, expected: [[9, 8]] }, {}, 7, ...rest];
  await writeFile(book, JSON.stringify({ days: odd }));
  const ledger = new Ledger(folder);
  t.equal(await ledger.of('yard', String(first!['day'])), undefined);
  t.equal(await ledger.of('yard', String(second!['day'])), undefined);
  t.ok(await ledger.of('yard', String(rest[0]!['day'])), 'the others are there');
  const accounts = await new Accountant(again, ledger, sourceWith(holes)).accounts(localMonth(ZONE, '2026-05'), nowUs);
  t.equal(accounts.find(({ day }) => day === first!['day'])?.recorded.length, 1, 'and those are made anew');
});

t.test('the ledger remembers the months that are used, and writes all of them', async (t) => {
  const folder = await tempFolder(t, 'ledger');
  const ledger = new Ledger(folder);
  const account = (day: string): DayAccount => ({
    camera: 'gate',
    day,
    expected: [{ startUs: 0, endUs: 1 }],
    recorded: [],
    missing: [],
    filledIn: [],
    besidesUs: 0,
  });
  const months = Array.from({ length: 9 }, (_, index) => `2026-0${index + 1}`);
  // All at once: more than are remembered.
  await ledger.put(months.map((month) => account(`${month}-01`)));
  for (const month of months) {
    await ledger.put([account(`${month}-02`)]);
    t.ok(await ledger.of('gate', `${month}-01`));
  }
  for (const month of months) t.equal((await readFile(join(folder, `${month}.json`), 'utf8')).split('"day"').length, 3);
  await writeFile(join(folder, `${months[0]}.json`), '');
  t.equal(await ledger.of('gate', `${months[0]}-01`), undefined, 'a month of long ago is read again');
  await writeFile(join(folder, `${months.at(-1)}.json`), '');
  t.ok(await ledger.of('gate', `${months.at(-1)}-01`), 'and this one is remembered');
});
