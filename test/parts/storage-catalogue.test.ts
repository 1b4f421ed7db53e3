import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import t, { type Test } from 'tap';
import { CatalogueClient } from '../../firmware/storage/catalogue/catalogue-client.ts';
import type { FeedMessage, FeedRequest } from '../../firmware/storage/catalogue/catalogue-messages.ts';
import type { SpacePolicy } from '../../firmware/storage/space/space-policy.ts';
import { JournalFolder, openRecord } from '../support/journal-folder.ts';

const START_US = 1_760_000_000_000_000;

interface Box {
  client: CatalogueClient;
  folder: string;
  database: string;
  port: () => MessagePort;
  crashes: number[];
}

/** A catalogue worker, and the folder of a volume beside its database. */
async function startCatalogue(t: Test, options: { retentionEveryMs?: number; root?: string } = {}): Promise<Box> {
  const root = options.root ?? t.testdir();
  const folder = join(root, 'volume');
  mkdirSync(join(folder, 'journal'), { recursive: true });
  const database = join(root, 'catalogue.db');
  const ports: MessagePort[] = [];
  const crashes: number[] = [];
  const client = new CatalogueClient({
    path: database,
    onFeedPort: (port) => ports.push(port),
    onCrash: (code) => crashes.push(code),
    ...(options.retentionEveryMs !== undefined && { retentionEveryMs: options.retentionEveryMs }),
  });
  await client.start();
  t.teardown(() => client.stop());
  return { client, folder, database, port: () => ports.at(-1)!, crashes };
}

function feed(port: MessagePort, message: FeedMessage): void {
  port.postMessage(message);
}

function sequences(segments: { sequence: number }[]): number[] {
  return segments.map(({ sequence }) => sequence);
}

const everything = { camera: 'cam-1', stream: 'main', fromUs: 0, toUs: 9e15 };

/** Asks until the answer is as wanted: for what comes through another port than the question. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

t.test('journal first, then what is fed, each record once', async (t) => {
  const { client, folder, port } = await startCatalogue(t);
  const journal = await JournalFolder.start(join(folder, 'journal'), { fileBytes: 1500 });
  for (let sequence = 1; sequence <= 5; sequence++) journal.segment(sequence);
  journal.append({ t: 'gap', camera: 'cam-1', stream: 'main', startUs: 5e15, endUs: 6e15, reason: 'disk' });
  const attaching = client.attach('v', folder);
  // While the worker reads: some of these it reads itself, and gets them from here as well.
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(4) });
  const report = await attaching;
  t.equal(report.how, 'all');
  t.notOk(report.lost);
  const from = journal.entries.length;
  for (let sequence = 6; sequence <= 9; sequence++) journal.segment(sequence);
  journal.append({ t: 'mark', sequence: 1 });
  journal.append({ t: 'delete', sequence: 1 });
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(from) });
  const found = await until(
    () => client.ask('segments', everything),
    (segments) => segments.at(-1)?.sequence === 9 && segments[0]?.sequence === 2,
  );
  t.same(sequences(found), [2, 3, 4, 5, 6, 7, 8, 9]);
  t.equal((await client.ask('gaps', everything)).length, 1);
  t.match(await client.ask('volumes', {}), [{ volume: 'v', segments: 8, bytes: 8000, lastSequence: 9 }]);
});

t.test('entries that were missed are read from the journal', async (t) => {
  const { client, folder, port } = await startCatalogue(t);
  const journal = await JournalFolder.start(join(folder, 'journal'));
  journal.segment(1);
  await client.attach('v', folder);
  for (let sequence = 2; sequence <= 6; sequence++) journal.segment(sequence);
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-1) });
  const found = await until(
    () => client.ask('segments', everything),
    (segments) => segments.length === 6,
  );
  t.same(sequences(found), [1, 2, 3, 4, 5, 6]);
});

t.test('a start with a catalogue reads only the tail; a foreign history is noticed', async (t) => {
  const root = t.testdir();
  const first = await startCatalogue(t, { root });
  const journal = await JournalFolder.start(join(first.folder, 'journal'));
  for (let sequence = 1; sequence <= 20; sequence++) journal.segment(sequence);
  await first.client.attach('v', first.folder);
  await first.client.stop();
  journal.segment(21);

  const second = await startCatalogue(t, { root });
  t.match(await second.client.attach('v', second.folder), { how: 'tail', records: 2 });
  t.equal((await second.client.ask('segments', everything)).length, 21);
  await second.client.stop();

  for (const name of readdirSync(join(root, 'volume/journal'))) unlinkSync(join(root, 'volume/journal', name));
  const other = await JournalFolder.start(join(root, 'volume/journal'));
  for (let sequence = 1; sequence <= 30; sequence++) other.segment(sequence, { seconds: 200 });
  const third = await startCatalogue(t, { root });
  t.match(await third.client.attach('v', third.folder), { how: 'all' });
  const segments = await third.client.ask('segments', everything);
  t.equal(segments.length, 30);
  t.equal(segments[0]!.endUs - segments[0]!.startUs, 200_000_000);
});

t.test('a catalogue that is no database, or is damaged inside, is made anew', async (t) => {
  const root = t.testdir();
  const first = await startCatalogue(t, { root });
  const journal = await JournalFolder.start(join(first.folder, 'journal'));
  for (let sequence = 1; sequence <= 2000; sequence++) journal.segment(sequence);
  await first.client.attach('v', first.folder);
  await first.client.stop();
  const { size } = statSync(first.database);

  writeFileSync(first.database, 'this is no database');
  const second = await startCatalogue(t, { root });
  t.match(await second.client.attach('v', second.folder), { how: 'all' });
  t.equal((await second.client.ask('segments', everything)).length, 2000);
  await second.client.stop();

  // All pages but the first are gone, which shows only once they are read.
  const fd = openSync(first.database, 'r+');
  writeSync(fd, Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
  closeSync(fd);
  const third = await startCatalogue(t, { root });
  await third.client.attach('v', third.folder);
  t.equal((await third.client.ask('segments', everything)).length, 2000);
});

t.test('open segments are seen as they grow', async (t) => {
  const { client, folder, port } = await startCatalogue(t);
  const journal = await JournalFolder.start(join(folder, 'journal'));
  journal.segment(1, { startUs: START_US, seconds: 300 });
  journal.append(openRecord(2, 'cam-1', START_US + 300_000_000));
  await client.attach('v', folder);
  const endUs = START_US + 420_000_000;
  feed(port(), { t: 'progress', volume: 'v', segments: [{ sequence: 2, endUs, bytes: 777 }] });
  const [, open] = await until(
    () => client.ask('segments', everything),
    (segments) => segments[1]?.bytes === 777,
  );
  t.match(open, { open: true, endUs, codec: '' });
  const at = { camera: 'cam-1', stream: 'main' };
  t.equal((await client.ask('locate', { ...at, timeUs: endUs - 1 }))?.sequence, 2);
  t.equal((await client.ask('locate', { ...at, timeUs: START_US + 5 }))?.sequence, 1);
  t.equal((await client.ask('locate', { ...at, timeUs: START_US - 5 }))?.sequence, 1, 'the next one');
  t.equal(await client.ask('locate', { ...at, timeUs: endUs + 5 }), undefined);
  const day = Math.floor(START_US / 86_400_000_000);
  const [coverage] = await client.ask('days', { ...at, fromDay: day, toDay: day });
  t.match(coverage, { day, recordedUs: 420_000_000, segments: 2, bytes: 1777 });
  t.match(await client.ask('totals', { fromDay: day, toDay: day }), [{ camera: 'cam-1', bytes: 1777 }]);
  t.equal(await client.ask('lastEnd', at), START_US + 300_000_000);
});

t.test('gaps, and an anchor that moves what was recorded without knowing the time', async (t) => {
  const { client, folder } = await startCatalogue(t);
  const journal = await JournalFolder.start(join(folder, 'journal'));
  const early = { ...openRecord(1, 'cam-1', 5_000_000), clock: 'untrusted' as const, boot: 'boot-x' };
  journal.append(early);
  journal.append({ t: 'close', sequence: 1, endUs: 65_000_000, bytes: 10, frames: 1, keyFrames: 1, codec: 'x' });
  journal.append({
    t: 'gap',
    camera: 'cam-1',
    stream: 'main',
    startUs: 65_000_000,
    endUs: 70_000_000,
    reason: 'network-loss',
    boot: 'boot-x',
  });
  journal.append({ ...openRecord(2, 'cam-1', 70_000_000), clock: 'untrusted', boot: 'boot-x' });
  journal.append({ t: 'anchor', boot: 'boot-x', offsetUs: START_US });
  journal.append({ t: 'close', sequence: 2, endUs: 90_000_000, bytes: 10, frames: 1, keyFrames: 1, codec: 'x' });
  await client.attach('v', folder);
  const segments = await client.ask('segments', everything);
  t.same(
    segments.map(({ startUs, endUs }) => [startUs - START_US, endUs - START_US]),
    [
      [5_000_000, 65_000_000],
      [70_000_000, 90_000_000],
    ],
  );
  t.equal(segments[0]!.path, early.path, 'the file keeps its name');
  const [gap] = await client.ask('gaps', everything);
  t.match(gap, { startUs: START_US + 65_000_000, endUs: START_US + 70_000_000, reason: 'network-loss' });
  t.same(await client.ask('wrongDays', { camera: 'cam-1', stream: 'main' }), []);
});

const MIB = 1024 ** 2;
const FACTS = { totalBytes: 1e12, freeBytes: 9e11, writtenBytes: 0, trusted: true };

function policyOf(volume: string, budgetBytes: number, camera: object = {}): SpacePolicy {
  const wishes = { days: undefined, eventDays: undefined, maxBytes: undefined, wishDays: undefined };
  return {
    volumes: [{ volume, budgetBytes, readOnly: false }],
    cameras: [{ camera: 'cam-1', group: 'g', whenFull: 'overwrite', ...wishes, ...camera }],
    grants: [],
  };
}

/** Requests of the catalogue's worker, in their order; each can be waited for. */
function requests(port: MessagePort): <T extends FeedRequest['t']>(kind: T) => Promise<FeedRequest & { t: T }> {
  const heard: FeedRequest[] = [];
  port.on('message', (message: FeedRequest) => heard.push(message));
  return async (kind) => {
    const found = await until(
      async () => heard.find(({ t }) => t === kind),
      (request) => request !== undefined,
    );
    heard.splice(heard.indexOf(found!), 1);
    return found as never;
  };
}

t.test('deletion is asked for oldest first, spares what is locked, and interrupted ones are carried on', async (t) => {
  const { client, folder, port } = await startCatalogue(t, { retentionEveryMs: 5 });
  const journal = await JournalFolder.start(join(folder, 'journal'));
  for (let sequence = 1; sequence <= 10; sequence++) journal.segment(sequence, { bytes: 100 * MIB });
  const startUs = 1_760_000_000_000_000 + 2 * 300_000_000;
  const lock = { lock: 'lock-1', camera: 'cam-1', fromUs: startUs + 1, toUs: startUs + 2, reason: 'theft', atUs: 1 };
  journal.append({ t: 'lock', ...lock });
  journal.append({ t: 'mark', sequence: 7 });
  journal.append(openRecord(11));
  const next = requests(port());
  await client.attach('v', folder);
  t.same(sequences((await next('delete')).segments), [7]);

  feed(port(), { t: 'facts', volume: 'v', facts: FACTS });
  await client.ask('spacePolicy', policyOf('v', 800 * MIB));
  const first = await next('delete');
  t.same(
    first.segments.map(({ sequence, bytes }) => [sequence, bytes]),
    [
      [1, 100 * MIB],
      [3, 100 * MIB],
    ],
    '2 is locked, 7 goes already',
  );
  t.match(await client.ask('space', {}), { volumes: [{ volume: 'v', state: 'short', closed: false }] });
  for (const sequence of [1, 3, 7]) journal.append({ t: 'delete', sequence });
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-3) });
  await until(
    () => client.ask('space', {}),
    ({ volumes }) => volumes[0]?.state === 'comfortable',
  );

  await client.ask('spacePolicy', policyOf('v', 50 * MIB));
  t.same(sequences((await next('delete')).segments), [4, 5, 6, 8, 9, 10]);
  for (const sequence of [4, 5, 6, 8, 9, 10]) journal.append({ t: 'delete', sequence });
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-6) });
  await until(
    () => client.ask('space', {}),
    ({ volumes }) => volumes[0]?.state === 'stuck' && volumes[0].closed && volumes[0].heldBytes === 100 * MIB,
  );
  const closed = await until(
    () => next('admission'),
    (admission) => admission.closed,
  );
  t.same(closed, { t: 'admission', volume: 'v', closed: true, stopped: [] });
});

t.test('what was marked and is locked is kept, now and after a start', async (t) => {
  const root = t.testdir();
  const first = await startCatalogue(t, { retentionEveryMs: 5, root });
  const journal = await JournalFolder.start(join(first.folder, 'journal'));
  for (let sequence = 1; sequence <= 4; sequence++) journal.segment(sequence, { bytes: 100 * MIB });
  const startUs = START_US + 2 * 300_000_000;
  const lock = { lock: 'lock-1', camera: 'cam-1', fromUs: startUs, toUs: startUs + 1, reason: 'theft', atUs: 1 };
  const next = requests(first.port());
  await first.client.attach('v', first.folder);
  journal.append({ t: 'mark', sequence: 2 });
  feed(first.port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-1) });
  t.same(sequences((await next('delete')).segments), [2], 'somebody decided it');
  const locked = first.client.ask('lock', lock);
  t.same(sequences((await next('keep')).segments), [2], 'and it is taken back at once');
  journal.append({ t: 'lock', ...lock });
  feed(first.port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-1) });
  t.match(await locked, { holds: true, segments: 0 });
  await first.client.stop();

  const second = await startCatalogue(t, { retentionEveryMs: 5, root });
  const then = requests(second.port());
  journal.append({ t: 'mark', sequence: 3 });
  await second.client.attach('v', second.folder);
  t.same(sequences((await then('keep')).segments), [2]);
  t.same(sequences((await then('delete')).segments), [3], 'the other one goes');
  journal.append({ t: 'unmark', sequence: 2 });
  journal.append({ t: 'delete', sequence: 3 });
  feed(second.port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-2) });
  await until(
    () => second.client.ask('segments', everything),
    (segments) => segments.length === 3,
  );
  t.match(await second.client.ask('marked', { volume: 'v' }), []);
  t.match(await second.client.ask('locks', {}), [{ lock: 'lock-1', segments: 1 }]);
});

t.test('copies are deleted by their times, whenever they came', async (t) => {
  const { client, folder, port } = await startCatalogue(t, { retentionEveryMs: 5 });
  const journal = await JournalFolder.start(join(folder, 'journal'));
  const dayUs = 86_400_000_000;
  const record = (sequence: number, day: number, of: object = {}): void => {
    const startUs = START_US + day * dayUs;
    journal.append({ ...openRecord(sequence, 'cam-1', startUs), ...of });
    const close = { bytes: 100 * MIB, frames: 1, keyFrames: 1, codec: 'avc1.640028' };
    journal.append({ t: 'close', sequence, endUs: startUs + 60_000_000, ...close });
  };
  const origin = { volume: 'w', sequence: 1 };
  for (const sequence of [1, 2, 3]) record(sequence, sequence * 10);
  record(4, 35, { origin });
  record(5, 15, { origin });
  record(6, 50, { origin, clock: 'untrusted' });
  const next = requests(port());
  await client.attach('v', folder);
  feed(port(), { t: 'facts', volume: 'v', facts: FACTS });
  await client.ask('spacePolicy', policyOf('v', 400 * MIB));
  t.same(sequences((await next('delete')).segments), [1, 5, 2]);
  const before = journal.entries.length;
  for (const sequence of [1, 5, 2]) journal.append({ t: 'delete', sequence });
  record(7, 25, { origin });
  record(8, 22, { origin });
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(before) });
  await client.ask('spacePolicy', policyOf('v', 50 * MIB));
  // What was fed may be looked at before the policy comes.
  const asked: number[] = [];
  while (asked.length < 5) asked.push(...sequences((await next('delete')).segments));
  t.same(asked, [8, 7, 3, 4, 6], 'the one that does not know its time comes last');
});

t.test('a lock takes back what is being deleted', async (t) => {
  const { client, folder, port } = await startCatalogue(t, { retentionEveryMs: 5 });
  const journal = await JournalFolder.start(join(folder, 'journal'));
  for (let sequence = 1; sequence <= 4; sequence++) journal.segment(sequence, { bytes: 100 * MIB });
  const next = requests(port());
  await client.attach('v', folder);
  feed(port(), { t: 'facts', volume: 'v', facts: FACTS });
  await client.ask('spacePolicy', policyOf('v', 250 * MIB));
  t.same(sequences((await next('delete')).segments), [1, 2]);
  const startUs = START_US + 300_000_000;
  const lock = { lock: 'lock-1', camera: 'cam-1', fromUs: startUs, toUs: startUs + 1, reason: 'theft', atUs: 1 };
  const locked = client.ask('lock', lock);
  await next('withdraw');
  t.same(sequences((await next('delete')).segments), [2, 3]);
  journal.append({ t: 'lock', ...lock });
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-1) });
  t.match(await locked, { holds: true, segments: 1 });
});

t.test('of a stream that was recorded on two disks, the one that has more is listed', async (t) => {
  const { client, folder } = await startCatalogue(t);
  const other = join(folder, '..', 'other');
  const startUs = START_US;
  const [long, short] = [
    await JournalFolder.start(join(folder, 'journal')),
    await JournalFolder.start(join(other, 'journal')),
  ];
  long.segment(1, { startUs, seconds: 300 });
  short.segment(1, { startUs, seconds: 60 });
  // Names decide where nothing else does, in either order.
  for (const [v, w] of [
    ['a', 'b'],
    ['d', 'c'],
  ] as const) {
    await client.attach(v, folder);
    await client.attach(w, other);
    t.match(await client.ask('segments', everything), [{ volume: v, endUs: startUs + 300_000_000 }]);
    for (const volume of [v, w]) {
      await client.detach(volume);
      await client.ask('forget', { volume });
    }
  }
});

t.test('a file that grows on two disks is listed once, and so while one of them is closed', async (t) => {
  const { client, folder, port } = await startCatalogue(t);
  const other = join(folder, '..', 'other');
  const journals = [
    await JournalFolder.start(join(folder, 'journal')),
    await JournalFolder.start(join(other, 'journal')),
  ] as const;
  for (const journal of journals) journal.append(openRecord(1, 'cam-1', START_US));
  await client.attach('v', folder);
  await client.attach('w', other);
  const grow = async (
    v: number,
    w: number,
    listed: { volume: string; bytes: number; open: boolean },
  ): Promise<void> => {
    const reach = (seconds: number): { sequence: number; endUs: number; bytes: number }[] => [
      { sequence: 1, endUs: START_US + seconds * 1e6, bytes: seconds },
    ];
    feed(port(), { t: 'progress', volume: 'v', segments: reach(v) });
    feed(port(), { t: 'progress', volume: 'w', segments: reach(w) });
    const found = await until(
      () => client.ask('segments', everything),
      (segments) => segments.some(({ bytes }) => bytes === listed.bytes),
    );
    t.match(found, [listed], `${v} s and ${w} s`);
    t.equal(found.length, 1);
  };
  await grow(20, 21, { volume: 'v', bytes: 20, open: true });
  await grow(20, 60, { volume: 'w', bytes: 60, open: true });
  t.match(await client.ask('covered', everything), [{ startUs: START_US, endUs: START_US + 60e6 }]);
  const close = { endUs: START_US + 61e6, bytes: 61, frames: 1, keyFrames: 1, codec: 'avc1.640028' };
  journals[1].append({ t: 'close', sequence: 1, ...close });
  feed(port(), { t: 'entries', volume: 'w', entries: journals[1].entries.slice(-1) });
  const found = await until(
    () => client.ask('segments', everything),
    (segments) => segments.some(({ open }) => !open),
  );
  t.match(found, [{ volume: 'w', open: false }]);
  t.equal(found.length, 1);
});

t.test('cameras that stop are told so, and go on when their owner allows it', async (t) => {
  const { client, folder, port } = await startCatalogue(t, { retentionEveryMs: 5 });
  const journal = await JournalFolder.start(join(folder, 'journal'));
  for (let sequence = 1; sequence <= 4; sequence++) journal.segment(sequence, { bytes: 100 * MIB });
  const next = requests(port());
  await client.attach('v', folder);
  feed(port(), { t: 'facts', volume: 'v', facts: FACTS });
  const stop = policyOf('v', 400 * MIB, { whenFull: 'stop' });
  await client.ask('spacePolicy', stop);
  const stopped = await until(
    () => next('admission'),
    (admission) => admission.stopped.length > 0,
  );
  t.same(stopped.stopped, ['cam-1']);
  t.match(await client.ask('space', {}), { groups: [{ group: 'g', asks: true, overwrites: false }] });

  await client.ask('spacePolicy', { ...stop, grants: [{ group: 'g', sequences: { v: 2 } }] });
  t.same((await next('admission')).stopped, []);
  t.same(sequences((await next('delete')).segments), [1]);
  t.match(await client.ask('space', {}), { groups: [{ asks: false, overwrites: true }] });
});

t.test(
  'a lock is written to every volume, those that come late too, and survives a catalogue that is lost',
  async (t) => {
    const root = t.testdir();
    const first = await startCatalogue(t, { root, retentionEveryMs: 5 });
    const journal = await JournalFolder.start(join(first.folder, 'journal'));
    journal.segment(1, { bytes: 700 });
    const next = requests(first.port());
    await first.client.attach('v', first.folder);
    const lock = { lock: 'lock-1', camera: 'cam-1', fromUs: 0, toUs: 9e15, reason: 'theft', atUs: 1 };
    const locking = first.client.ask('lock', lock);
    const request = await next('append');
    t.same(request, { t: 'append', volume: 'v', records: [{ t: 'lock', ...lock }] });
    t.match(await first.client.ask('locks', {}), [{ lock: 'lock-1', volumes: 0 }], 'in force at once');
    for (const record of request.records) journal.append(record);
    feed(first.port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-1) });
    t.match(await locking, { lock: 'lock-1', holds: true, volumes: 1, segments: 1, bytes: 700 });
    await first.client.stop();

    for (const name of readdirSync(root)) if (name.startsWith('catalogue')) unlinkSync(join(root, name));
    const second = await startCatalogue(t, { root, retentionEveryMs: 5 });
    const again = requests(second.port());
    await second.client.attach('v', second.folder);
    t.match(await second.client.ask('locks', {}), [{ lock: 'lock-1', reason: 'theft', volumes: 1 }]);

    const late = join(root, 'late');
    const other = await JournalFolder.start(join(late, 'journal'));
    other.segment(1);
    await second.client.attach('late', late);
    const missing = await again('append');
    t.same([missing.volume, missing.records], ['late', [{ t: 'lock', ...lock }]]);

    const lifting = second.client.ask('unlock', { lock: 'lock-1', atUs: 5 });
    const lifted = await again('append');
    t.same([lifted.volume, lifted.records], ['v', [{ t: 'unlock', lock: 'lock-1', atUs: 5 }]]);
    journal.append({ t: 'unlock', lock: 'lock-1', atUs: 5 });
    feed(second.port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-1) });
    t.match(await lifting, { lock: 'lock-1', holds: false });
    t.same(await second.client.ask('locks', {}), []);
    await t.rejects(second.client.ask('unlock', { lock: 'lock-1', atUs: 6 }), { code: 'locks.no-such-lock' });
    other.append({ t: 'lock', ...lock });
    feed(second.port(), { t: 'entries', volume: 'late', entries: other.entries.slice(-1) });
    t.same((await again('append')).records, [{ t: 'unlock', lock: 'lock-1', atUs: 5 }], 'a disk cannot bring it back');
  },
);

t.test('a worker that dies is replaced and knows everything again', async (t) => {
  const { client, folder, port, crashes } = await startCatalogue(t);
  const journal = await JournalFolder.start(join(folder, 'journal'));
  for (let sequence = 1; sequence <= 5; sequence++) journal.segment(sequence);
  await client.attach('v', folder);
  const before = port();
  // A message that no record worker sends ends the worker like any fault of its own.
  before.postMessage({
    t: 'entries',
    volume: 'v',
    entries: [{ at: { file: 1, offset: 1e9 }, endOffset: 1, record: null }],
  });
  before.postMessage(null);
  await until(
    async () => crashes.length,
    (count) => count > 0,
  );
  const pending = client.ask('segments', everything);
  await t.rejects(pending, { code: 'catalogue.restarting' });
  const late = join(folder, '..', 'late');
  (await JournalFolder.start(join(late, 'journal'))).segment(1, { camera: 'late' });
  await t.rejects(client.attach('late', late), { code: 'catalogue.restarting' });
  await until(
    async () => port(),
    (now) => now !== before,
  );
  const found = await until(
    () => client.ask('segments', everything).catch(() => []),
    (segments) => segments.length === 5,
  );
  t.equal(found.length, 5);
  await until(
    () => client.ask('segments', { ...everything, camera: 'late' }),
    (segments) => segments.length === 1,
  );
  journal.segment(6);
  feed(port(), { t: 'entries', volume: 'v', entries: journal.entries.slice(-2) });
  await until(
    () => client.ask('segments', everything),
    (segments) => segments.length === 6,
  );
});

t.test('a disk that hangs delays its own attaching and nothing else', async (t) => {
  const { client, folder } = await startCatalogue(t);
  const journal = await JournalFolder.start(join(folder, 'journal'));
  journal.segment(1);
  await client.attach('v', folder);
  const hung = join(t.testdir({ journal: {} }), 'journal', '00000001.log');
  // Opening a pipe that nobody writes to waits like a disk that does not answer.
  execFileSync('mkfifo', [hung]);
  const attaching = client.ask('attach', { volume: 'w', folder: join(hung, '../..') }, 50);
  t.equal((await client.ask('segments', everything)).length, 1);
  await t.rejects(attaching, { code: 'catalogue.timeout' });
  t.equal((await client.ask('segments', everything)).length, 1);
  closeSync(openSync(hung, 'w'));
});

t.test('no question outlives the stop', async (t) => {
  const { client, folder } = await startCatalogue(t);
  await t.rejects(client.ask('compact', { volume: 'nobody' }), { code: 'catalogue.no-such-volume' });
  await client.attach('v', folder);
  const late = client.ask('streams', {});
  const stopping = client.stop();
  t.equal(client.stop(), stopping);
  await Promise.allSettled([late]);
  await stopping;
  await t.rejects(client.ask('streams', {}), { code: 'catalogue.stopped' });
});

t.test('compaction of a followed journal', async (t) => {
  const { client, folder } = await startCatalogue(t);
  const path = join(folder, 'journal');
  const journal = await JournalFolder.start(path, { fileBytes: 2000 });
  for (let sequence = 1; sequence <= 40; sequence++) journal.segment(sequence);
  for (let sequence = 1; sequence <= 30; sequence++) journal.append({ t: 'delete', sequence });
  await client.attach('v', folder);
  const files = readdirSync(path).length;
  const report = await client.ask('compact', { volume: 'v' });
  t.ok(report.removed.length > 3);
  t.equal(readdirSync(path).length, files - report.removed.length);
  await client.detach('v');
  await client.ask('forget', { volume: 'v' });
  t.match(await client.attach('v', folder), { how: 'all', lost: false });
  t.same(sequences(await client.ask('segments', everything)), [31, 32, 33, 34, 35, 36, 37, 38, 39, 40]);
});
