import t, { type Test } from 'tap';
import { join } from 'node:path';
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import { DAY_US } from '../../firmware/storage/catalogue/coverage.ts';
import { encodeRecord } from '../../firmware/storage/journal/journal.ts';
import type { JournalEntry, JournalEvent, OpenRecord } from '../../firmware/storage/journal/journal.ts';
import { JournalWriter } from '../../firmware/storage/journal/journal-writer.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';

/** Small numbers in a fixed order for a seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) % below;
  };
}

interface ModelSegment {
  open: OpenRecord;
  close?: Extract<JournalEvent, { t: 'close' }>;
}

/** The same facts held as plainly as possible, for one volume. */
class Model {
  readonly segments = new Map<number, ModelSegment>();
  readonly anchors = new Map<string, number>();

  apply(event: JournalEvent): void {
    if (event.t === 'open') this.segments.set(event.sequence, { open: event });
    if (event.t === 'close') this.segments.get(event.sequence)!.close = event;
    if (event.t === 'delete') this.segments.delete(event.sequence);
    if (event.t === 'anchor') this.anchors.set(event.boot, event.offsetUs);
  }

  closed(camera: string) {
    const spans = [];
    for (const { open, close } of this.segments.values()) {
      if (!close || open.camera !== camera) continue;
      const shift = open.clock === 'untrusted' ? (this.anchors.get(open.boot) ?? 0) : 0;
      const startUs = open.startUs + shift;
      const endUs = Math.max(startUs, close.endUs + shift);
      spans.push({ sequence: open.sequence, startUs, endUs, bytes: close.bytes, path: open.path });
    }
    return spans.sort((a, b) => a.startUs - b.startUs || a.sequence - b.sequence);
  }

  /** Counts covered milliseconds one by one over an hour grid's boundaries: no cleverness shared with the product. */
  recordedUs(camera: string, day: number): number {
    const edges = new Set<number>([day * DAY_US, (day + 1) * DAY_US]);
    const spans = this.closed(camera);
    for (const { startUs, endUs } of spans) for (const edge of [startUs, endUs]) edges.add(edge);
    const inside = [...edges]
      .filter((edge) => edge >= day * DAY_US && edge <= (day + 1) * DAY_US)
      .sort((a, b) => a - b);
    let sum = 0;
    for (let index = 1; index < inside.length; index++) {
      const [from, to] = [inside[index - 1]!, inside[index]!];
      if (spans.some(({ startUs, endUs }) => startUs <= from && endUs >= to)) sum += to - from;
    }
    return sum;
  }
}

const CAMERAS = ['a', 'b'];
const DAYS = 4;
const BASE_US = 19_700 * DAY_US;

function* randomEvents(random: (below: number) => number, count: number, model: Model): Generator<JournalEvent> {
  let sequence = 0;
  for (let step = 0; step < count; step++) {
    const choice = random(100);
    const known = [...model.segments.values()];
    if (choice < 45 || known.length === 0) {
      sequence++;
      const untrusted = random(4) === 0;
      const camera = CAMERAS[random(CAMERAS.length)]!;
      const startUs = (untrusted ? 0 : BASE_US) + random(DAYS * 24 * 60) * 60_000_000;
      const boot = untrusted ? `boot-${random(3)}` : 'boot-0';
      const path = segmentPath({ camera, stream: 'main', startUs }, sequence)!;
      const clock = untrusted ? 'untrusted' : 'trusted';
      yield {
        t: 'open',
        sequence,
        camera,
        stream: 'main',
        startUs,
        monoUs: 0,
        boot,
        run: `run-${boot}`,
        clock,
        path,
        key: true,
      };
    } else if (choice < 80) {
      const open = known.filter(({ close }) => !close);
      const { open: record } = open[random(open.length)] ?? {};
      if (!record) continue;
      const endUs = record.startUs + (random(240) - 3) * 60_000_000;
      const bytes = random(1_000_000);
      yield {
        t: 'close',
        sequence: record.sequence,
        endUs,
        bytes,
        frames: 1,
        keyFrames: 1,
        codec: `codec-${random(3)}`,
      };
    } else if (choice < 95) {
      const victim = known[random(known.length)]!.open.sequence;
      yield { t: 'mark', sequence: victim };
      yield random(5) === 0 ? { t: 'unmark', sequence: victim } : { t: 'delete', sequence: victim };
    } else {
      yield { t: 'anchor', boot: `boot-${random(3)}`, offsetUs: BASE_US + random(10_000) * 1_000_000 };
    }
  }
}

function compare(t: Test, catalogue: Catalogue, model: Model, when: string): void {
  const day0 = BASE_US / DAY_US;
  for (const camera of CAMERAS) {
    const expected = model.closed(camera);
    const query = { camera, stream: 'main', fromUs: -1e15, toUs: 9e15 };
    const found = catalogue.queries.segments(query).filter(({ open }) => !open);
    const plain = found.map(({ sequence, startUs, endUs, bytes, path }) => ({ sequence, startUs, endUs, bytes, path }));
    t.same(plain, expected, `${when}: segments of ${camera}`);
    t.same(catalogue.queries.wrongDays(camera, 'main'), [], `${when}: coverage of ${camera}`);
    const days = catalogue.queries.days(camera, 'main', day0 - 1, day0 + DAYS + 2);
    const open = [...model.segments.values()].some(({ open, close }) => !close && open.camera === camera);
    if (open) continue;
    for (const { day, recordedUs } of days)
      t.equal(recordedUs, model.recordedUs(camera, day), `${when}: ${camera} day ${day}`);
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  t.test(
    `random history ${seed}: the catalogue says what a plain model says, at once and after a rebuild`,
    async (t) => {
      const folder = t.testdir();
      const random = randomFrom(seed);
      const model = new Model();
      const lines: Buffer[] = [];
      const entries: JournalEntry[] = [];
      const sink = { begin: () => {}, append: (line: Buffer) => void lines.push(line) };
      const writer = new JournalWriter({ lastFile: 0, lastSequence: 0, open: [] }, sink, {
        wallUs: () => 5,
        fileBytes: 5000,
      });
      let catalogue = new Catalogue(join(folder, 'live.db'));
      let step = 0;
      for (const event of randomEvents(random, 400, model)) {
        model.apply(event);
        const added = writer.append(event);
        entries.push(...added);
        for (const entry of added) t.ok(catalogue.apply('v', entry), 'nothing is lost');
        if (step++ % 37 === 0) catalogue.commit();
        if (step % 100 === 0) {
          compare(t, catalogue, model, `after ${step}`);
          catalogue.close();
          catalogue = new Catalogue(join(folder, 'live.db'));
          t.notOk(catalogue.fresh);
        }
      }
      for (const { open, close } of model.segments.values()) {
        if (close) continue;
        const event: JournalEvent = {
          t: 'close',
          sequence: open.sequence,
          endUs: open.startUs + 1000,
          bytes: 5,
          frames: 1,
          keyFrames: 1,
          codec: 'x',
        };
        model.apply(event);
        const added = writer.append(event);
        entries.push(...added);
        for (const entry of added) catalogue.apply('v', entry);
      }
      compare(t, catalogue, model, 'at the end');
      const totals = catalogue.volumeTotals('v');
      t.equal(totals.segments, model.segments.size);
      let bytes = 0;
      for (const { close } of model.segments.values()) bytes += close!.bytes;
      t.equal(totals.bytes, bytes);

      const rebuilt = new Catalogue(join(folder, 'rebuilt.db'));
      for (const entry of entries) rebuilt.apply('v', entry);
      rebuilt.commit();
      compare(t, rebuilt, model, 'rebuilt');
      t.same(rebuilt.volumeTotals('v'), totals);
      t.same(rebuilt.queries.bySequence('v', 0, 1e6), catalogue.queries.bySequence('v', 0, 1e6));
      rebuilt.forgetVolume('v');
      t.same(rebuilt.queries.totals(0, 1e6), []);
      t.same(rebuilt.volumeTotals('v'), { segments: 0, bytes: 0, lastSequence: 0 });
      rebuilt.close();
      catalogue.close();
      t.equal(Buffer.concat(lines).length, entriesBytes(entries), 'the entries are the lines');
    },
  );
}

function entriesBytes(entries: JournalEntry[]): number {
  return entries.reduce((sum, { record }) => sum + encodeRecord(record).length, 0);
}
