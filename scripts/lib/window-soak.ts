/** The window under load in a real browser: a wall of live pictures for long, then cameras played in step. Prints what it measures. */
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type CDPSession, type Page } from 'playwright-core';
import { Box } from '../../test/support/box.ts';
import { signInAt } from '../../test/support/box-session.ts';
import { findChromium } from '../../test/support/browser-video.ts';
import { CameraFarm } from '../../test/support/camera/farm.ts';
import {
  circular,
  FPS,
  FRAMES,
  goTo,
  NUMBER,
  numberAt,
  openWindow,
  pictureOn,
} from '../../test/support/picture-page.ts';
import { RecordedNumbers } from '../../test/support/recorded-numbers.ts';
import { buildUi } from './build-ui.ts';

export interface WindowSoak {
  readonly minutes: number;
  readonly tiles: number;
  readonly inStep: number;
  readonly say: (text: string) => void;
}

const SAMPLE_S = 10;
const FRAME_MS = 1000 / FPS;
const SEEKS = 30;
/** Seconds of playback that are looked at, once a second. */
const STEP_SAMPLES = 60;
const MOST_SPREAD_MS = 2 * FRAME_MS;

const name = (camera: number): string => `c${String(camera + 1).padStart(2, '0')}`;

/** True if no tile stood still, pictures did not fall behind, and those in step were so within one picture. */
export async function soakWindow(wanted: WindowSoak): Promise<boolean> {
  const executablePath = await findChromium();
  if (executablePath === undefined) throw new Error('the soak of the window needs Chromium');
  await buildUi();
  const ends: (() => unknown)[] = [];
  const teardown = (end: () => unknown): number => ends.push(end);
  try {
    const names = Array.from({ length: wanted.tiles }, (_, at) => name(at));
    const farm = await CameraFarm.start({
      cameras: names.map((path, at) => ({ path, clip: at % 2 === 0 ? 'shop' : 'warehouse' })),
    });
    teardown(() => farm.stop());
    const cameras = names.map((id) => ({ id, streams: [{ id: 'main', url: farm.url(id) }] }));
    const box = await Box.start({ teardown }, { settings: { cameras, recording: { segmentSeconds: 10 } } });
    await box.untilRecording();
    await signInAt(box);
    const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
    const browser: Browser = await chromium.launch({ executablePath, args });
    teardown(() => browser.close());
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1920, height: 1080 } });
    const faults: string[] = [];
    const page = await openWindow(context, box.url, 'admin', faults);
    wanted.say(
      `${wanted.tiles} cameras 640x360 at ${FPS} pictures a second, ${cpus().length} cores, Chromium ${browser.version()}`,
    );
    const wall = await watchWall(page, farm, names, wanted);
    const step = await playInStep(page, box, names.slice(0, wanted.inStep), wanted);
    for (const fault of faults.slice(0, 5)) wanted.say(`console: ${fault}`);
    return wall && step && faults.length === 0;
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

interface WallSample {
  readonly lagMs: number[];
  readonly stills: number;
  readonly heapMb: number;
}

async function watchWall(page: Page, farm: CameraFarm, names: readonly string[], wanted: WindowSoak): Promise<boolean> {
  const { say } = wanted;
  const beganMs = performance.now();
  await goTo(page, '/live');
  await pictureOn(page, names[0]!);
  say(`first picture ${Math.round(performance.now() - beganMs)} ms after the page was opened`);
  for (const each of names) await pictureOn(page, each);
  say(`all ${names.length} after ${Math.round(performance.now() - beganMs)} ms`);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  const before = { ...(await metrics(cdp)), atMs: performance.now(), pictures: await pictures(page) };
  const samples: WallSample[] = [];
  let last: number[] = [];
  const endMs = performance.now() + wanted.minutes * 60_000;
  while (performance.now() < endMs) {
    await pause(SAMPLE_S * 1000);
    const numbers = await numbersOn(page, names);
    const now = Date.now();
    const lagMs = numbers.map((number, at) => circular(numberAt(farm.camera(names[at]!), now) - number) * FRAME_MS);
    const stills = numbers.filter((number, at) => number < 0 || number === last[at]).length;
    last = numbers;
    samples.push({ lagMs, stills, heapMb: (await metrics(cdp)).heapMb });
    if (samples.length % 6 === 0 || samples.length === 1) {
      say(`wall: lag ${spoken(lagMs)}, standing still ${stills}, heap ${samples.at(-1)!.heapMb.toFixed(0)} MB`);
    }
  }
  const after = await metrics(cdp);
  const spanS = (performance.now() - before.atMs) / 1000;
  const shown = await pictures(page);
  const share = ((after.taskS - before.taskS) / spanS) * 100;
  const total = shown.total - before.pictures.total;
  const dropped = shown.dropped - before.pictures.dropped;
  const third = Math.max(1, Math.floor(samples.length / 3));
  const drift =
    median(samples.slice(-third).flatMap((each) => each.lagMs)) -
    median(samples.slice(0, third).flatMap((each) => each.lagMs));
  const stills = samples.reduce((sum, each) => sum + each.stills, 0);
  say(
    `wall in all: lag ${spoken(samples.flatMap((each) => each.lagMs))}, drift ${drift.toFixed(0)} ms, stood still ${stills} times`,
  );
  say(`wall in all: ${total} pictures, ${dropped} dropped, main thread ${share.toFixed(0)} % of a core`);
  const [first, end] = [samples[0]!.heapMb, samples.at(-1)!.heapMb];
  say(`wall in all: heap ${first.toFixed(0)} to ${end.toFixed(0)} MB`);
  return stills === 0 && Math.abs(drift) < 500;
}

async function playInStep(page: Page, box: Box, names: readonly string[], { say }: WindowSoak): Promise<boolean> {
  const recorded = new Map<string, RecordedNumbers>();
  let from = 0;
  for (const each of names) {
    const segments = await box.untilSegments(each, 7);
    from = Math.max(from, segments[0]!.startUs);
    recorded.set(each, await RecordedNumbers.of(segments));
  }
  const atUs = from + 2e6;
  await goTo(page, `/playback?c=${names.join('.')}&t=${new Date(atUs / 1000).toISOString()}&z=120`);
  for (const each of names) await pictureOn(page, each);
  const seeks = await measureSeeks(page, names[0]!);
  say(`seek to picture: ${spoken(seeks)} of ${SEEKS}, ${names.length} cameras`);
  await goTo(page, '/files');
  await goTo(page, `/playback?c=${names.join('.')}&t=${new Date(atUs / 1000).toISOString()}&z=120&p=1`);
  for (const each of names) await pictureOn(page, each);
  await pause(3000);
  const spreads: number[] = [];
  for (let i = 0; i < STEP_SAMPLES; i++) {
    await pause(1000);
    const { numbers, clock } = await instant(page, names);
    if (Number.isNaN(clock) || numbers.includes(-1)) continue;
    const times = numbers.map((number, at) => recorded.get(names[at]!)!.timeOf(number, clock * 1000, FRAMES / 2));
    if (times.every((time) => time !== undefined)) spreads.push((Math.max(...times) - Math.min(...times)) / 1000);
  }
  const within = spreads.filter((each) => each <= MOST_SPREAD_MS).length;
  say(`in step: ${names.length} cameras apart ${spoken(spreads)}; ${within} of ${spreads.length} within one picture`);
  return spreads.length > STEP_SAMPLES / 2 && within >= spreads.length * 0.95;
}

/** From a press on the timeline to the first new picture; the page stands still. */
async function measureSeeks(page: Page, camera: string): Promise<number[]> {
  const canvas = (await page.locator('.timeline canvas').boundingBox())!;
  const found: number[] = [];
  for (let i = 0; i < SEEKS; i++) {
    const x = canvas.x + canvas.width * (0.52 + ((i * 7) % SEEKS) / SEEKS / 3);
    const shown = page.evaluate<number>(`new Promise((done) => {
      const video = document.querySelector('[data-camera="${camera}"] video');
      addEventListener('pointerdown', () => {
        const from = performance.now();
        const look = () => video.requestVideoFrameCallback((now) => done(now - from));
        look();
      }, { once: true, capture: true });
    })`);
    await page.mouse.click(x, canvas.y + 40);
    found.push(await Promise.race([shown, pause(10_000).then(() => 10_000)]));
    await pause(500);
  }
  return found;
}

async function numbersOn(page: Page, names: readonly string[]): Promise<number[]> {
  return page.evaluate(`${JSON.stringify(names)}.map(${NUMBER})`);
}

/** What all pictures show at one moment, and the instant that the first says it shows (ms since 1970 of that day). */
async function instant(page: Page, names: readonly string[]): Promise<{ numbers: number[]; clock: number }> {
  const told = await page.evaluate<{ numbers: number[]; text: string }>(`({
    numbers: ${JSON.stringify(names)}.map(${NUMBER}),
    text: document.querySelector('[data-camera="${names[0]}"] .figures').textContent.trim(),
  })`);
  const today = new Date().toISOString().slice(0, 10);
  return { numbers: told.numbers, clock: Date.parse(`${today}T${told.text}Z`) };
}

async function pictures(page: Page): Promise<{ total: number; dropped: number }> {
  return page.evaluate(`[...document.querySelectorAll('video')].map((video) => video.getVideoPlaybackQuality())
    .reduce((sum, { totalVideoFrames, droppedVideoFrames }) => ({ total: sum.total + totalVideoFrames, dropped: sum.dropped + droppedVideoFrames }), { total: 0, dropped: 0 })`);
}

async function metrics(cdp: CDPSession): Promise<{ heapMb: number; taskS: number }> {
  const { metrics: all } = await cdp.send('Performance.getMetrics');
  const of = (key: string): number => all.find((each) => each.name === key)?.value ?? 0;
  return { heapMb: of('JSHeapUsedSize') / 1e6, taskS: of('TaskDuration') };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function spoken(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN).toFixed(0);
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
}
