import { join } from 'node:path';
import t from 'tap';
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import type { JournalEvent, OpenRecord } from '../../firmware/storage/journal/journal.ts';
import { segmentPath } from '../../firmware/storage/volume/volume-paths.ts';

const HOUR_US = 3_600_000_000;
const BASE_US = 490_000 * HOUR_US;

/** Tells the catalogue of events of volumes as their journals would. */
function feeder(catalogue: Catalogue): (volume: string, ...events: JournalEvent[]) => void {
  let offset = 0;
  return (volume, ...events) => {
    for (const record of events) {
      catalogue.apply(volume, { record, at: { file: 1, offset }, endOffset: offset + 1 });
      offset++;
    }
  };
}

function segment(sequence: number, startUs: number, lengthUs: number, bytes: number, more: Partial<OpenRecord> = {}) {
  const open: OpenRecord = {
    t: 'open',
    sequence,
    camera: 'yard',
    stream: 'main',
    startUs,
    monoUs: 0,
    boot: 'boot',
    run: 'run',
    clock: 'trusted',
    path: segmentPath({ camera: 'yard', stream: 'main', startUs }, sequence)!,
    key: true,
    ...more,
  };
  const endUs = startUs + lengthUs;
  return [open, { t: 'close' as const, sequence, endUs, bytes, frames: 1, keyFrames: 1, codec: 'avc1' }];
}

t.test('bytes and time fall into the hours in which they were recorded, and none gets lost', async (t) => {
  const path = join(t.testdir(), 'catalogue.db');
  let catalogue = new Catalogue(path);
  const tell = feeder(catalogue);
  tell('a', ...segment(1, BASE_US + HOUR_US / 2, HOUR_US, 1001));
  tell('a', ...segment(2, BASE_US + HOUR_US, HOUR_US / 4, 100));
  tell('b', ...segment(1, BASE_US, 0, 7));
  const plain = (rows: ReturnType<Catalogue['hours']>) =>
    rows.map(({ volume, hour, recordedUs, bytes, keptBytes }) => [
      volume,
      hour - BASE_US / HOUR_US,
      recordedUs / HOUR_US,
      bytes,
      keptBytes,
    ]);
  const before = [
    ['a', 0, 0.5, 501, 501],
    ['b', 0, 0, 7, 7],
    ['a', 1, 0.75, 600, 600],
  ];
  t.strictSame(plain(catalogue.hours(0)), before);
  tell('a', { t: 'mark', sequence: 1 }, { t: 'delete', sequence: 1 });
  const after = [
    ['a', 0, 0.5, 501, 0],
    ['b', 0, 0, 7, 7],
    ['a', 1, 0.75, 600, 100],
  ];
  t.strictSame(plain(catalogue.hours(0)), after, 'what was deleted was measured all the same');
  t.strictSame(plain(catalogue.hours(BASE_US / HOUR_US + 1)), after.slice(2));
  t.match(
    catalogue.keptDays().map(({ volume, keptBytes }) => [volume, keptBytes]),
    [
      ['a', 100],
      ['b', 7],
    ],
  );
  catalogue.close();
  catalogue = new Catalogue(path);
  t.strictSame(plain(catalogue.hours(0)), after, 'after another start');
  catalogue.forgetVolume('a');
  t.strictSame(plain(catalogue.hours(0)), [before[1]]);
  catalogue.close();
});

t.test(
  'an anchor moves what was recorded before the time was known; a copy takes room and tells no rate',
  async (t) => {
    const catalogue = new Catalogue(join(t.testdir(), 'catalogue.db'));
    t.teardown(() => catalogue.close());
    const tell = feeder(catalogue);
    tell('a', ...segment(1, 5 * HOUR_US, HOUR_US, 100, { clock: 'untrusted' }));
    tell('a', { t: 'anchor', boot: 'boot', offsetUs: BASE_US });
    tell('b', ...segment(1, BASE_US + 5 * HOUR_US, HOUR_US, 100, { origin: { volume: 'a', sequence: 1 } }));
    const rows = catalogue.hours(0).filter(({ bytes, keptBytes }) => bytes !== 0 || keptBytes !== 0);
    const hour = BASE_US / HOUR_US + 5;
    t.match(rows, [
      { volume: 'a', hour, bytes: 100, keptBytes: 100 },
      { volume: 'b', hour, bytes: 0, keptBytes: 100 },
    ]);
    t.equal(rows.length, 2);
  },
);

t.test('covered spans: two volumes and touching files count once', async (t) => {
  const catalogue = new Catalogue(join(t.testdir(), 'catalogue.db'));
  t.teardown(() => catalogue.close());
  const tell = feeder(catalogue);
  for (const volume of ['a', 'b']) {
    tell(volume, ...segment(1, BASE_US, HOUR_US, 100), ...segment(2, BASE_US + HOUR_US, HOUR_US, 100));
  }
  tell('b', ...segment(3, BASE_US + 1.5 * HOUR_US, HOUR_US, 100));
  tell('b', segment(4, BASE_US + 4 * HOUR_US, HOUR_US, 100)[0]!);
  catalogue.progress('b', 4, BASE_US + 4.5 * HOUR_US, 50);
  const covered = catalogue.queries.covered({
    camera: 'yard',
    stream: 'main',
    fromUs: BASE_US + HOUR_US / 4,
    toUs: BASE_US + 10 * HOUR_US,
  });
  t.strictSame(covered, [
    { startUs: BASE_US + HOUR_US / 4, endUs: BASE_US + 2.5 * HOUR_US },
    { startUs: BASE_US + 4 * HOUR_US, endUs: BASE_US + 4.5 * HOUR_US },
  ]);
});
