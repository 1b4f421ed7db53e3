/**
 * What the catalogue costs: node test/support/measure-catalogue.ts [segments]. Writes a synthetic journal of 32 cameras into the temporary
 * folder, and prints one line per figure. Not a test: the machine decides the numbers.
 */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatalogueClient } from '../../firmware/storage/index.ts';
import { CatalogueFollower } from '../../firmware/storage/catalogue/catalogue-follower.ts';
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import { DAY_US } from '../../firmware/storage/catalogue/coverage.ts';
import { quickStart } from '../../firmware/storage/recovery/quick-start.ts';
import { JournalFolder } from './journal-folder.ts';
import { writeSyntheticJournal } from './synthetic-journal.ts';

const segments = Number(process.argv[2] ?? 1_000_000);
const options = { segments, cameras: 32, startUs: 1_700_000_000_000_000, segmentUs: 300_000_000 };
const spanUs = (segments / options.cameras) * options.segmentUs;
const root = await mkdtemp(join(tmpdir(), 'measure-'));
const path = join(root, 'catalogue.db');
const { signal } = new AbortController();

try {
  const bytes = await writeSyntheticJournal(join(root, 'journal'), options);
  say('journal', `${(bytes / 1e6).toFixed(0)} MB, ${(bytes / segments).toFixed(0)} bytes per segment`);
  let catalogue = new Catalogue(path);
  const report = await new CatalogueFollower('v', root, catalogue, signal).attach();
  say('rebuild from the journal', `${report.durationMs.toFixed(0)} ms for ${report.records} records`);
  catalogue.close();
  say('database', `${((await stat(path)).size / 1e6).toFixed(0)} MB`);

  const more = await JournalFolder.start(join(root, 'journal'));
  for (let i = 1; i <= 1000; i++)
    more.segment(segments + i, { camera: 'cam-01', startUs: options.startUs + spanUs + i * 3e8 });
  let fromMs = performance.now();
  await quickStart(root);
  say('quick start (newest journal file)', since(fromMs));
  fromMs = performance.now();
  catalogue = new Catalogue(path);
  await new CatalogueFollower('v', root, catalogue, signal).attach();
  say('open and read a tail of 2000 records', since(fromMs));
  queries(catalogue);
  commits(catalogue);
  catalogue.close();

  const client = new CatalogueClient({ path, onFeedPort: () => {} });
  fromMs = performance.now();
  await client.start();
  await client.attach('v', root);
  say('worker: start and attach', since(fromMs));
  const times: number[] = [];
  for (let i = 0; i < 500; i++) {
    const fromUs = options.startUs + Math.floor(Math.random() * spanUs);
    fromMs = performance.now();
    await client.ask('segments', { camera: 'cam-07', stream: 'main', fromUs, toUs: fromUs + 3_600_000_000 });
    times.push(performance.now() - fromMs);
  }
  say('an hour of a camera, through the worker', quantiles(times));
  await client.stop();
} finally {
  await rm(root, { recursive: true });
}

function queries(catalogue: Catalogue): void {
  const { queries: q } = catalogue;
  const instant = (): number => options.startUs + Math.floor(Math.random() * spanUs);
  const camera = (): string => `cam-${String(1 + Math.floor(Math.random() * 32)).padStart(2, '0')}`;
  const of = () => ({ camera: camera(), stream: 'main' });
  const range = (lengthUs: number) => {
    const fromUs = instant();
    return { ...of(), fromUs, toUs: fromUs + lengthUs };
  };
  measure('an hour of a camera', () => q.segments(range(3_600_000_000)));
  measure('a day of a camera', () => q.segments(range(DAY_US)));
  measure('the days of a month of a camera', () => {
    const day = Math.floor(instant() / DAY_US);
    q.days(camera(), 'main', day, day + 30);
  });
  measure('where an instant is', () => q.locate(camera(), 'main', instant()));
  measure('gaps of a day', () => q.gaps(range(DAY_US)));
  measure('today of all cameras', () => {
    const day = Math.floor(instant() / DAY_US);
    q.totals(day, day);
  });
  measure('the next 64 to delete', () => q.bySequence('v', Math.floor(Math.random() * segments), 64));
}

function commits(catalogue: Catalogue): void {
  const entry = (record: object, offset: number) => ({
    record: record as never,
    at: { file: 1e6, offset },
    endOffset: offset + 1,
  });
  const count = 5000;
  const fromMs = performance.now();
  for (let i = 0; i < count; i++) {
    catalogue.apply(
      'another',
      entry({ t: 'gap', camera: 'cam-01', stream: 'main', startUs: i, endUs: i + 1, reason: 'disk' }, i),
    );
    catalogue.commit();
  }
  say('commits of one row', `${((count / (performance.now() - fromMs)) * 1000).toFixed(0)}/s`);
}

function measure(name: string, work: () => unknown): void {
  const times: number[] = [];
  for (let i = 0; i < 2000; i++) {
    const fromMs = performance.now();
    work();
    times.push(performance.now() - fromMs);
  }
  say(name, quantiles(times));
}

function quantiles(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): string => sorted[Math.floor(part * (sorted.length - 1))]!.toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

function since(fromMs: number): string {
  return `${(performance.now() - fromMs).toFixed(0)} ms`;
}

function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(48)} ${figure}\n`);
}
