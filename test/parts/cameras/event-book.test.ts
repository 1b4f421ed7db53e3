import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../../firmware/base/index.ts';
import { EventBook } from '../../../firmware/cameras/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const START_US = Date.parse('2026-05-31T08:00:00Z') * 1000;
const ALL = { fromUs: 0, toUs: START_US * 2 };
const MANY = { limit: 5000 };

type Line = [event: string, detail: Record<string, unknown>];

async function bookIn(folder: string, keepDays = 400, now = { us: START_US }, lines: Line[] = []): Promise<EventBook> {
  const clock = { ...systemClock, wallUs: () => now.us };
  const trouble = (error: Error | undefined): void => {
    if (error) throw error;
  };
  return new EventBook({ folder, clock, keepDays: () => keepDays, trouble, log: (...line) => lines.push(line) });
}

t.test('events are there after a restart, and a torn line costs only itself', async (t) => {
  const folder = await tempFolder(t);
  const book = await bookIn(folder);
  book.begin({ camera: 'a', kind: 'motion', source: 'v1', atUs: START_US });
  book.end({ camera: 'a', kind: 'motion', source: 'v1', atUs: START_US + 4e6 });
  book.moment({ camera: 'a', kind: 'analytics', detail: 'line-crossing', atUs: START_US + 60e6 });
  book.moment({ camera: 'b', kind: 'motion', atUs: START_US });
  await book.stop();
  await appendFile(join(folder, 'a/2026-05-31.jsonl'), '\n{"i":"torn","k":"mo');
  const again = await bookIn(folder);
  again.moment({ camera: 'a', kind: 'tamper', atUs: START_US + 90e6 });
  await again.flush();
  const last = await bookIn(folder);
  const { events, counts, more } = await last.read('a', ALL, MANY);
  t.match(events, [
    { kind: 'motion', source: 'v1', fromUs: START_US, toUs: START_US + 4e6, active: false, count: 1 },
    { kind: 'analytics', detail: 'line-crossing' },
    { kind: 'tamper' },
  ]);
  t.strictSame(Object.keys(counts).sort(), ['analytics', 'motion', 'tamper']);
  t.equal(more, false);
  const late = await last.read('a', { fromUs: START_US + 3e6, toUs: START_US + 5e6 }, MANY);
  t.equal(late.events.length, 1, 'one that reaches into the range is in it');
  t.equal((await last.read('a', ALL, { kinds: ['tamper'], limit: 10 })).events.length, 1);
  t.match(await last.read('a', ALL, { limit: 1 }), { events: [{ kind: 'tamper' }], more: true });
});

t.test('a storm is folded: in memory, on the disk and in the answer', async (t) => {
  const folder = await tempFolder(t);
  const book = await bookIn(folder);
  for (let n = 0; n < 10_000; n++) {
    const word = { camera: 'a', kind: 'motion', source: 'v1' };
    book.begin({ ...word, atUs: START_US + n * 2e6 });
    book.end({ ...word, atUs: START_US + n * 2e6 + 1e6 });
    if (n % 1000 === 0) await book.flush();
  }
  await book.stop();
  const { events, counts } = await book.read('a', ALL, MANY);
  t.equal(events.length, 1);
  t.strictSame(counts, { motion: { events: 1, count: 10_000 } });
  const text = await readFile(join(folder, 'a/2026-05-31.jsonl'), 'utf8');
  t.ok(text.length < 10_000, `${text.length} bytes`);
});

t.test('a flood of events far apart stays bounded for each camera and day', async (t) => {
  const book = await bookIn(await tempFolder(t));
  for (let n = 0; n < 4000; n++) book.moment({ camera: 'a', kind: 'motion', atUs: START_US + n * 12e6 });
  const { events, counts } = await book.read('a', ALL, MANY);
  t.ok(events.length <= 2000, `${events.length} events`);
  t.equal(counts['motion']!.count, 4000, 'and each is counted');
});

t.test('42. a camera that makes up sources and days is bounded, too', async (t) => {
  const folder = await tempFolder(t);
  const book = await bookIn(folder);
  const days = [START_US - 86_400e6, START_US];
  for (let n = 0; n < 12_000; n++) {
    const word = { camera: 'a', kind: 'motion', source: `v${n}`, atUs: days[n % 2]! + n };
    book.begin(word);
    if (n % 1000 === 0) await book.flush();
  }
  book.begin({ camera: 'b', kind: 'motion', source: 'v1', atUs: START_US });
  t.ok(book.active().length <= 4002, `${book.active().length} go on`);
  const { events, counts } = await book.read('a', ALL, { limit: 50_000 });
  t.ok(events.length <= 4004, `${events.length} events of two days`);
  t.equal(counts['motion']!.count, 12_000, 'and each is counted');
  t.match(await book.read('b', ALL, MANY), { events: [{ source: 'v1', active: true }] }, 'another camera has its own');
  await book.stop();
});

t.test('old days go, by the setting', async (t) => {
  const folder = await tempFolder(t);
  const first = await bookIn(folder);
  first.moment({ camera: 'a', kind: 'motion', atUs: START_US - 10 * 86_400e6 });
  first.moment({ camera: 'a', kind: 'motion', atUs: START_US });
  await first.stop();
  const later = await bookIn(folder, 5);
  await later.flush();
  t.strictSame(await readdir(join(folder, 'a')), ['2026-05-31.jsonl']);
});

t.test('a day that cannot be removed is told, keeps no other one, and goes with a later sweep', async (t) => {
  const folder = await tempFolder(t);
  const first = await bookIn(folder);
  for (const camera of ['a', 'b']) first.moment({ camera, kind: 'motion', atUs: START_US - 10 * 86_400e6 });
  await first.stop();
  // A folder in the place of a file: removing it as a file fails, whoever tries.
  const stuck = join(folder, 'a/2026-05-01.jsonl');
  await mkdir(stuck);
  const lines: Line[] = [];
  const now = { us: START_US };
  const book = await bookIn(folder, 5, now, lines);
  await book.flush();
  t.match(lines, [['events.not-swept', { path: 'a/2026-05-01.jsonl', reason: /./ }]]);
  t.strictSame(await readdir(join(folder, 'a')), ['2026-05-01.jsonl']);
  t.strictSame(await readdir(join(folder, 'b')), []);
  await rm(stuck, { recursive: true });
  now.us += 2 * 3600e6;
  await book.flush();
  t.equal(lines.length, 1);
});

t.test('a folder that is not there yet is nothing to tell', async (t) => {
  const lines: Line[] = [];
  const book = await bookIn(join(await tempFolder(t), 'events'), 5, { us: START_US }, lines);
  await book.flush();
  t.strictSame(lines, []);
});
