/** Pages of the window with moving pictures, and the numbers burnt into them, looked at from within the browser. */
import { setTimeout as pause } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { LOCAL_ADMIN_PASSWORD } from './box-session.ts';
import type { Camera } from './camera/camera.ts';

/** Of the clips that carry numbers (scripts/make-fixtures.ts). */
export const FRAMES = 300;
export const FPS = 15;
/** A machine may be very busy; whoever waits is told what stands there instead. */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;

/** Which picture of its clip a camera had at an instant (ms since 1970), with fractions. */
export function numberAt({ nextOrdinal, nextDueMs }: Camera, atMs: number): number {
  const ordinal = nextOrdinal - ((nextDueMs + performance.timeOrigin - atMs) * FPS) / 1000;
  return ((ordinal % FRAMES) + FRAMES) % FRAMES;
}

/** The shorter way round the clip: -150 to 150 pictures. */
export function circular(difference: number): number {
  return ((((difference + FRAMES / 2) % FRAMES) + FRAMES) % FRAMES) - FRAMES / 2;
}

// Runs in the page: the number burnt into the picture of a camera (test/support/frame-number.ts), -1 without one.
export const NUMBER = `(camera) => {
  const video = document.querySelector('[data-camera="' + camera + '"] video');
  if (!video || video.videoWidth === 0) return -1;
  const canvas = document.createElement('canvas');
  canvas.width = 320; canvas.height = Math.round(320 * video.videoHeight / video.videoWidth);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, 320, 8);
  const level = (cell) => { let sum = 0; for (let y = 2; y < 6; y++) for (let x = 4; x < 12; x++) sum += data[(y * 320 + cell * 16 + x) * 4 + 1]; return sum / 32; };
  const levels = Array.from({ length: 20 }, (_, cell) => level(cell));
  if (levels[0] - levels[1] < 60) return -1;
  return levels.slice(2, 18).reduce((sum, each) => sum * 2 + (each > (levels[0] + levels[1]) / 2 ? 1 : 0), 0) & 0xfff;
}`;

// Runs in the page: all that a picture can tell of itself, for whoever waited in vain.
const SITUATION = `(number) => [...document.querySelectorAll('[data-camera]')].flatMap((tile) => {
  const video = tile.querySelector('video');
  if (!video) return [];
  const { buffered } = video;
  const ranges = Array.from({ length: buffered.length }, (_, i) => buffered.start(i).toFixed(3) + '-' + buffered.end(i).toFixed(3));
  return [[tile.dataset.camera, tile.className, 'number ' + number(tile.dataset.camera), 'at ' + video.currentTime.toFixed(4),
    video.paused ? 'paused' : 'plays', video.seeking ? 'seeks' : '', 'ready ' + video.readyState, ranges.join(' '), tile.innerText].join(' | ').replaceAll('\\n', ' ')];
})`;

/** The number of the picture on the screen; -1 while there is none. */
export const numberOn = (page: Page, camera: string): Promise<number> => page.evaluate(`(${NUMBER})('${camera}')`);

/** Waits for something that the page comes to show. It fails with what every picture said of itself then. */
export async function untilShown<T>(page: Page, what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > end) {
      const situation = await page.evaluate<string[]>(`(${SITUATION})(${NUMBER})`);
      throw new Error(`${PATIENCE_MS} ms have not brought: ${what}\n${page.url()}\n${situation.join('\n')}`);
    }
    await pause(POLL_MS);
  }
}

/** Waits for a picture with a number, and tells it. */
export async function pictureOn(page: Page, camera: string): Promise<number> {
  return untilShown(page, `a picture of ${camera}`, async () => {
    const number = await numberOn(page, camera);
    return number >= 0 ? number : undefined;
  });
}

/** Waits until the picture on the screen is the one that the camera had then, give or take some pictures; tells how many. */
export async function untilLag(
  page: Page,
  camera: Camera,
  name: string,
  atMs: () => number,
  within: { readonly from: number; readonly to: number },
): Promise<number> {
  let last = 0;
  return untilShown(page, `${name} between ${within.from} and ${within.to} pictures late`, async () => {
    const number = await numberOn(page, name);
    if (number < 0) return undefined;
    last = circular(numberAt(camera, atMs()) - number);
    return last > within.from && last < within.to ? last : undefined;
  });
}

/** A page of somebody who has signed in; what its console complains of goes into `faults`. */
export async function openWindow(context: BrowserContext, url: string, name: string, faults: string[]): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  await page.goto(url);
  const form = page.locator('.sign-in form');
  await form.locator('input[autocomplete=username]').fill(name);
  await form.locator('input[type=password]').fill(LOCAL_ADMIN_PASSWORD);
  await form.locator('button[type=submit]').click();
  await page.waitForSelector('.shell h1');
  return page;
}

/** As a click on a link does: without loading the window again. */
export async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`(() => {
    const link = document.createElement('a');
    link.href = ${JSON.stringify(path)};
    document.body.append(link);
    link.click();
    link.remove();
  })()`);
  await page.waitForSelector('.shell h1');
}
