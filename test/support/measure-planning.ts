/**
 * What a forecast costs those that the main thread serves: node test/support/measure-planning.ts [cameras]. Six weeks of hours of every
 * camera in a real catalogue; prints how long forecasts take, and the delay of the main loop meanwhile. Not a test: the machine
 * decides the numbers.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../firmware/base/index.ts';
import { checkSettings, type SettingsStore } from '../../firmware/config/index.ts';
import { forecast, planInputOf } from '../../firmware/planning/index.ts';
import type { RecorderReport } from '../../firmware/recording/index.ts';
import { CatalogueClient } from '../../firmware/storage/index.ts';
import { PlanningPart } from '../../firmware/supervisor/planning-part.ts';
import { Problems } from '../../firmware/telemetry/index.ts';
import { writeSyntheticJournal } from './synthetic-journal.ts';

const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const DAYS = 42;
const RUNS = 10;
const cameras = Number(process.argv[2] ?? 64);
const nowUs = systemClock.wallUs();
const startUs = (Math.floor(nowUs / DAY_US) - DAYS) * DAY_US;
const root = await mkdtemp(join(tmpdir(), 'measure-'));
const client = new CatalogueClient({ path: join(root, 'catalogue.db'), onFeedPort: () => undefined });

try {
  const segments = cameras * DAYS * 24;
  await writeSyntheticJournal(join(root, 'journal'), { segments, cameras, startUs, segmentUs: HOUR_US });
  await client.start();
  await client.attach('uuid', root);
  const ids = Array.from({ length: cameras }, (_, index) => `cam-${String(index + 1).padStart(2, '0')}`);
  const settings = checkSettings({
    cameras: ids.map((id) => ({ id, streams: [{ id: 'main', url: 'rtsp://192.0.2.1/a' }] })),
    volumes: [{ id: 'disk', folder: 'disk' }],
  });
  const usedBytes = segments * 150_500_000;
  const space = { totalBytes: usedBytes * 1.5, freeBytes: usedBytes / 2 };
  const part = new PlanningPart({
    store: { settings } as unknown as SettingsStore,
    catalogue: {
      // The disk itself is not there, so nobody keeps its space.
      ask: async (operation, args) =>
        operation === 'space'
          ? ({ volumes: [{ volume: 'uuid', usedBytes, peakBytesPerS: 0 }] } as never)
          : client.ask(operation, args),
    },
    problems: new Problems(systemClock),
    clock: systemClock,
    report: async () => ({ streams: [], volumes: [{ id: 'disk', uuid: 'uuid', space }] }) as unknown as RecorderReport,
    promisedSinceUs: () => 0,
    log: () => undefined,
  });
  await part.look();
  await measured(`${cameras} cameras, in a thread of its own`, () => part.look());
  const hours = await client.ask('hours', { fromHour: startUs / HOUR_US });
  const volumes = [{ id: 'disk', ...space, segmentBytes: usedBytes, peakBytesPerS: undefined }];
  const named = hours.map((row) => ({ ...row, volume: 'disk' }));
  await measured('the same in the main thread, without fetching', async () => {
    const rest = { keptDays: [], sameSinceUs: () => 0, bitsPerS: () => undefined };
    return forecast(planInputOf(settings, { nowUs, volumes, hours: named, ...rest }));
  });
  await part.stop();
} finally {
  await client.stop();
  await rm(root, { recursive: true, force: true });
}

async function measured(what: string, work: () => Promise<{ cameras: readonly unknown[] }>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const fromMs = performance.now();
  for (let run = 0; run < RUNS; run++) {
    const { cameras: seen } = await work();
    // The loop gets its turn, so that its delay is seen.
    await sleep(20);
    if (seen.length !== cameras) throw new Error(`${seen.length} cameras in the forecast`);
  }
  const eachMs = (performance.now() - fromMs) / RUNS;
  delay.disable();
  const ms = (ns: number): string => `${(ns / 1e6).toFixed(1)} ms`;
  console.log(
    `${what}: ${eachMs.toFixed(0)} ms each; loop delay p99 ${ms(delay.percentile(99))}, longest ${ms(delay.max)}`,
  );
}
