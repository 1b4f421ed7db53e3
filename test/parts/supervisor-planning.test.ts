import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import { SettingsStore } from '../../firmware/config/index.ts';
import type { RecorderReport } from '../../firmware/recording/index.ts';
import { CatalogueClient } from '../../firmware/storage/index.ts';
import { PlanningPart } from '../../firmware/supervisor/planning-part.ts';
import { Problems } from '../../firmware/telemetry/index.ts';
import { writeSyntheticJournal } from '../support/synthetic-journal.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const DAYS = 14;
const CAMERAS = 2;
const SEGMENT_BYTES = 150_500_000;
const VOLUME = 'a-volume';

/** Two cameras, each of which wrote 150 MB an hour for two weeks to a disk that holds `days` of both. */
async function planned(t: Teardown, { days }: { days: number }) {
  const root = await tempFolder(t, 'planning');
  const startUs = (Math.floor(systemClock.wallUs() / DAY_US) - DAYS) * DAY_US;
  const segments = CAMERAS * DAYS * 24;
  const journal = { segments, cameras: CAMERAS, startUs, segmentUs: HOUR_US };
  await writeSyntheticJournal(join(root, 'disk', 'journal'), journal);
  const client = new CatalogueClient({ path: join(root, 'catalogue.db'), onFeedPort: () => undefined });
  t.teardown(() => client.stop());
  await client.start();
  await client.attach(VOLUME, join(root, 'disk'));
  const store = await SettingsStore.open(join(root, 'data'));
  await store.update((draft) => {
    const camera = (id: string) => ({ id, streams: [{ id: 'main', url: 'rtsp://192.0.2.1/a' }] });
    draft.cameras = ['cam-01', 'cam-02'].map(camera) as unknown as typeof draft.cameras;
  });
  const { id } = store.settings.volumes[0]!;
  const totalBytes = CAMERAS * 24 * days * SEGMENT_BYTES;
  const usedBytes = segments * SEGMENT_BYTES;
  const problems = new Problems(systemClock);
  const part = new PlanningPart({
    store,
    catalogue: {
      // There are no files, so nobody knows how full the disk is.
      ask: async (operation, args) =>
        operation === 'space'
          ? ({ volumes: [{ volume: VOLUME, usedBytes, peakBytesPerS: 0 }] } as never)
          : client.ask(operation, args),
    },
    problems,
    clock: systemClock,
    report: async () => {
      const space = { totalBytes, freeBytes: totalBytes - usedBytes };
      return { streams: [], volumes: [{ id, uuid: VOLUME, space }] } as unknown as RecorderReport;
    },
    promisedSinceUs: () => 0,
    log: () => undefined,
  });
  t.teardown(() => part.stop());
  const wish = (wishDays: number) =>
    store.update((draft) => {
      draft.cameras[0]!.wishDays = wishDays;
    });
  return { part, problems, wish };
}

t.test('a wish that the disks will break is a problem before it is broken, and none once it is mended', async (t) => {
  const { part, problems, wish } = await planned(t, { days: 20 });
  const [seen] = (await part.look()).cameras;
  t.ok(seen!.measured && seen!.days > 15 && seen!.days < 21, `${seen!.days} days`);
  t.same(problems.list(), [], 'nobody has wished for anything');
  await wish(10);
  await part.look();
  t.same(problems.list(), [], 'ten days are kept');
  await wish(60);
  await part.look();
  t.match(problems.list(), [
    { code: 'planning.wish-at-risk', subject: 'camera/cam-01', severity: 'warning', context: { wishDays: 60 } },
  ]);
  const { context } = problems.list()[0]!;
  const inDays = (Date.parse(String(context['from'])) - Date.now()) / 86_400_000;
  t.ok(inDays > 1 && inDays < 10, `the disk is full, and begins to delete, in ${inDays.toFixed(1)} days`);
  const plan = await part.port.propose(new Map());
  t.equal(plan.fits, false);
  t.ok(plan.recommended.length + plan.alternatives.length > 0, 'and what would help is said');
  await wish(10);
  await part.look();
  t.same(problems.list(), []);
});

t.test('a wish that will be broken later than in a month is no problem yet', async (t) => {
  const { part, problems, wish } = await planned(t, { days: 80 });
  await wish(120);
  await part.look();
  t.same(problems.list(), []);
});
