/** What the box has written itself, as a failing disk or a stranger may give it back: accounts, promises, ledger, log, identity, locks. */
import assert from 'node:assert/strict';
import { parseAccounts } from '../../firmware/accounts/account-book.ts';
import { accountDay, type DayAccount } from '../../firmware/assurance/day-account.ts';
import { parseMonth } from '../../firmware/assurance/ledger.ts';
import { expectedSpans, type RecordingPromise } from '../../firmware/assurance/promise.ts';
import { parsePromise } from '../../firmware/assurance/promise-log.ts';
import { canonical, chained, GENESIS, readLine } from '../../firmware/audit/line.ts';
import { csvRow } from '../../firmware/audit/log-csv.ts';
import { filterOf, mayPass } from '../../firmware/audit/log-filter.ts';
import { parseViews } from '../../firmware/live/index.ts';
import { openRecord } from '../support/journal-folder.ts';
import { jsonFrom } from '../support/json-shape.ts';
import { encodeRecord, parseLine, type JournalRecord } from '../../firmware/storage/journal/journal.ts';
import { LockBook } from '../../firmware/storage/space/lock-book.ts';
import { judgeIdentity } from '../../firmware/storage/volume/identity-file.ts';
import type { FuzzTarget } from './target.ts';

const DAY_US = 86_400_000_000;
const START_US = 20_600 * DAY_US;
const UUID = '8a4f2b52-6d0a-4c59-9d5e-8e0b7c1f0001';
const CHOICES = Array.from({ length: 16 }, (_, n) => Buffer.from([n, n, 0, n, n * 3, 2, n, n * 7, 3, n]));
const CANARY = 'canary-5e07';

const VIEWS = {
  version: 1,
  views: [{ id: 'a', owner: '', name: 'Gates', places: 4, cameras: ['gate', '', 'yard', ''] }],
};

const ACCOUNTS = {
  version: 1,
  users: [
    {
      id: 'u1',
      name: 'Ada',
      role: 'administrator',
      disabled: false,
      password: `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$${'A'.repeat(43)}`,
      passwordAtUs: 1,
      passwordBy: 'Ada',
      networks: ['10.0.0.0/24'],
      secondFactor: { secret: CANARY, lastStep: 1, recovery: [CANARY] },
      createdUs: 1,
    },
  ],
  sessions: [{ id: 's1', digest: CANARY, user: 'u1', createdUs: 1, lastUs: 2, address: '10.0.0.9', agent: 'x' }],
  tokens: [{ id: 't1', digest: CANARY, name: 'vms', owner: 'u1', rights: ['state'], createdUs: 1, expiresUs: 2 }],
  setUp: { name: 'Box', timeZone: 'Asia/Shanghai', language: 'zh-CN' },
};

const PROMISE: RecordingPromise = {
  sinceUs: START_US - DAY_US,
  camera: 'gate',
  name: 'Gate',
  when: 'weekly',
  stream: 'main',
  times: [
    { day: 0, from: '08:00', to: '18:00' },
    { day: 1, from: '22:00', to: '06:00' },
  ],
  timeZone: 'Europe/Berlin',
};
const PROMISES = [PROMISE, { ...PROMISE, when: 'always', times: [] }, { ...PROMISE, when: 'never' }];

const ACCOUNT = {
  camera: 'gate',
  day: '2026-05-27',
  expected: [[START_US, START_US + DAY_US]],
  recorded: [
    [START_US, START_US + 1e9],
    [START_US + 2e9, START_US + DAY_US],
  ],
  missing: [[START_US + 1e9, START_US + 2e9, 'disk']],
  filledIn: [[START_US, START_US + 5e8]],
  besidesUs: 7,
};

const LINES = [
  { n: 1, at: START_US, kind: 'file', severity: 'info', what: 'log.begun' },
  {
    n: 2,
    at: START_US,
    kind: 'operation',
    severity: 'warning',
    who: '=cmd',
    via: 'session',
    from: '10.0.0.9',
    what: 'cameras.add',
    subject: 'gate yard',
    result: 'ok',
    detail: { camera: 'gate', name: 'Gate' },
  },
] as const;

const LOCKS: readonly JournalRecord[] = [
  { t: 'lock', lock: 'l1', camera: 'gate', fromUs: START_US, toUs: START_US + 1e9, reason: 'theft', atUs: START_US },
  { t: 'lock', lock: 'l2', camera: 'gate', stream: 'main', fromUs: 0, toUs: 5, reason: '', untilUs: 9, atUs: 1 },
  { t: 'unlock', lock: 'l1', atUs: START_US + 5 },
];

/** One bad promise must not cost the report of all cameras. */
function keepPromise(line: string): void {
  const promise = parsePromise(line);
  if (!promise) return;
  assert.ok(typeof promise.camera === 'string' && Number.isFinite(promise.sinceUs));
  const text = JSON.stringify(promise);
  assert.equal(JSON.stringify(parsePromise(text)), text, 'what was read can be written');
  let last = START_US;
  for (const { startUs, endUs } of expectedSpans([promise], { startUs: START_US, endUs: START_US + 8 * DAY_US })) {
    assert.ok(startUs >= last && endUs > startUs, 'spans follow each other');
    last = endUs;
  }
}

function keepAccounts(text: string): void {
  for (const account of parseMonth(text)) {
    assert.ok(typeof account.camera === 'string' && typeof account.day === 'string');
    const whole = { startUs: START_US, endUs: START_US + DAY_US };
    const { expected, recorded, missing } = accountDay({
      camera: account.camera,
      day: account.day,
      expected: [whole],
      recorded: [],
      besidesUs: 0,
      gaps: [],
      former: account,
    });
    const sum = (spans: DayAccount['expected']): number =>
      spans.reduce((all, each) => all + each.endUs - each.startUs, 0);
    assert.equal(sum(recorded) + sum(missing), sum(expected), 'recorded and missing are what was expected');
  }
}

/** Whatever somebody has written into the log: it can be looked for, shown and exported. */
function readLog(text: string): void {
  const found = readLine(text);
  if (!found) return;
  const { line, json } = found;
  const filters = [
    { camera: 'gate' },
    { hidden: ['gate'] },
    { severity: 'warning' as const, text: 'A' },
    { what: 'c.' },
  ];
  for (const filter of filters) if (mayPass(filter)(json)) filterOf(filter)(line, json);
  assert.match(csvRow(found), /^[^\r\n]*\r\n$/, 'one row');
  assert.match(chained(GENESIS, json), /^[0-9a-f]{64}$/);
}

function keepLocks(input: Buffer): void {
  const book = new LockBook();
  for (const line of input.toString('utf8').split('\n')) {
    const value = jsonOf(line);
    if (value === undefined) continue;
    const record = parseLine(encodeRecord(value as JournalRecord).subarray(0, -1));
    if (typeof record === 'string') continue;
    if (record.t === 'lock') book.add(record);
    if (record.t === 'unlock') book.lift(record.lock, record.atUs);
  }
  for (const nowUs of [undefined, START_US]) {
    const holding = book.holding(nowUs);
    assert.ok(holding.every(({ lock }) => book.has(lock) && !book.isLifted(lock)));
    for (const { camera, stream = 'main', fromUs, toUs } of holding.slice(0, 8)) {
      const span = { camera, stream, startUs: fromUs, endUs: toUs };
      if (toUs > fromUs) assert.ok(book.isLocked(span, nowUs), 'what a lock names is locked');
    }
    assert.ok(book.released(nowUs) >= 0);
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'accounts: file',
    seeds: () => CHOICES,
    run: (input) => {
      try {
        const state = parseAccounts(JSON.stringify(jsonFrom(input, [ACCOUNTS])) ?? '', 'accounts.json');
        assert.deepEqual(parseAccounts(JSON.stringify(state), 'accounts.json'), state);
      } catch (error) {
        assert.ok(!JSON.stringify(error).includes(CANARY), 'a refusal names no secret');
        throw error;
      }
    },
  },
  {
    name: 'live: views of the wall',
    seeds: () => CHOICES,
    run: (input) => {
      const views = parseViews(JSON.stringify(jsonFrom(input, [VIEWS])) ?? '', 'views.json');
      assert.deepEqual(parseViews(JSON.stringify({ version: 1, views }), 'views.json'), views);
    },
  },
  {
    name: 'assurance: promise',
    seeds: () => PROMISES.map((promise) => Buffer.from(JSON.stringify(promise))),
    run: (input) => keepPromise(input.toString('utf8')),
  },
  {
    name: 'assurance: promise of odd shape',
    seeds: () => CHOICES,
    run: (input) => keepPromise(JSON.stringify(jsonFrom(input, PROMISES)) ?? ''),
  },
  {
    name: 'assurance: ledger of a month',
    seeds: () => CHOICES,
    run: (input) => keepAccounts(JSON.stringify(jsonFrom(input, [{ days: [ACCOUNT, ACCOUNT] }])) ?? ''),
  },
  {
    name: 'audit: line',
    seeds: () => LINES.map((line) => Buffer.from(`${GENESIS} ${canonical(line.n, line)}`)),
    run: (input) => readLog(input.toString('utf8')),
  },
  {
    name: 'audit: line of odd shape',
    seeds: () => CHOICES,
    run: (input) => readLog(`${GENESIS} ${JSON.stringify(jsonFrom(input, LINES))}`),
  },
  {
    name: 'storage: locks',
    seeds: () => [Buffer.from([...LOCKS, openRecord(7)].map((record) => JSON.stringify(record)).join('\n'))],
    run: keepLocks,
  },
  {
    name: 'storage: identity of a volume',
    seeds: () => [Buffer.from(JSON.stringify({ version: 1, volume: UUID, box: UUID, createdUs: START_US }))],
    run: (input) => {
      const judged = judgeIdentity(input.toString('utf8'));
      if (judged.kind === 'newer') assert.ok(judged.version > 1);
      if (judged.kind === 'sound') assert.match(judged.identity.volume, /^[0-9a-f-]{36}$/);
    },
  },
];
