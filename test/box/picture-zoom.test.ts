import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, cameraAt } from '../support/box.ts';
import { signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { goTo, openWindow, pictureOn, untilShown } from '../support/picture-page.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { faultsOf } from '../support/window-page.ts';

t.setTimeout(300_000);

const executablePath = await findChromium();
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const SHOP = '.tile[data-camera=shop]';

/** Where the whole picture lies, in widths and heights of its tile. */
interface Drawn {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const drawn = (page: Page): Promise<Drawn> =>
  page.evaluate(`(() => {
    const tile = document.querySelector('${SHOP}').getBoundingClientRect();
    const video = document.querySelector('${SHOP} video').getBoundingClientRect();
    return { scale: video.width / tile.width, x: (video.left - tile.left) / tile.width, y: (video.top - tile.top) / tile.height };
  })()`);

const untilDrawn = (page: Page, what: string, holds: (now: Drawn) => boolean): Promise<Drawn> =>
  untilShown(page, what, async () => {
    const now = await drawn(page);
    return holds(now) ? now : undefined;
  });

await buildUi();

t.test('a part of the picture is made larger', { skip: !executablePath && 'no Chromium' }, async (t) => {
  await mkdir(SHOTS, { recursive: true });
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'shop', clip: 'shop' },
      { path: 'store', clip: 'warehouse' },
      { path: 'light', clip: 'small' },
    ],
  });
  t.teardown(() => farm.stop());
  const stream = (id: string, path: string): object => ({ id, url: farm.url(path), record: id === 'main' });
  const cameras = [
    { id: 'shop', name: 'Cash desk', streams: [stream('main', 'shop'), stream('sub', 'light')] },
    cameraAt('store', farm.url('store'), { name: 'Store' }),
  ];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 10 } } });
  await box.untilRecording();
  await signInAt(box);
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  t.teardown(() => browser.close());
  const desk = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
  const faults: string[] = [];
  const page = await openWindow(desk, box.url, 'admin', faults);
  const tile = page.locator(SHOP);
  /** Three quarters to the right and a quarter down. */
  const spot = async (): Promise<{ x: number; y: number }> => {
    const { x, y, width, height } = (await tile.boundingBox())!;
    return { x: x + width * 0.75, y: y + height * 0.25 };
  };
  const isWhole = ({ scale }: Drawn): boolean => scale === 1;

  await t.test('live: by wheel about the pointer, by hand, and back; what is saved is the whole picture', async (t) => {
    await goTo(page, '/live');
    await pictureOn(page, 'shop');
    let at = await spot();
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -300);
    await tile.click({ position: { x: 60, y: 80 } });
    await page.keyboard.press('+');
    t.ok(isWhole(await drawn(page)), 'a small tile stays as it is');
    await tile.dblclick({ position: { x: 60, y: 80 } });
    await page.locator(`${SHOP}.enlarged`).waitFor();
    at = await spot();
    await page.mouse.move(at.x, at.y);
    await page.mouse.wheel(0, -400);
    const near = await untilDrawn(page, 'a larger picture', ({ scale }) => scale > 2);
    // The point under the pointer is the same of the picture as before.
    t.ok(Math.abs((0.75 - near.x) / near.scale - 0.75) < 0.01, JSON.stringify(near));
    t.ok(Math.abs((0.25 - near.y) / near.scale - 0.25) < 0.01, JSON.stringify(near));
    const main = `document.querySelector('${SHOP} video').videoWidth === 640 || undefined`;
    await untilShown(page, 'the main stream', () => page.evaluate<true | undefined>(main));
    await page.screenshot({ path: join(SHOTS, 'live-zoomed.png') });
    t.strictSame(await faultsOf(page, false), []);
    const download = page.waitForEvent('download');
    await page.keyboard.press('s');
    const file = join(await tempFolder(t, 'shot'), 'shot.png');
    await (await download).saveAs(file);
    t.match((await probe(file)).streams[0], { width: 640, height: 360 });
    await page.mouse.down();
    await page.mouse.move(at.x + 100, at.y + 2000, { steps: 4 });
    await page.mouse.up();
    const moved = await untilDrawn(page, 'the upper edge', ({ y }) => Math.abs(y) < 0.001);
    t.ok(moved.x > near.x, 'it follows the hand, and no farther than its edge');
    t.equal(await tile.getAttribute('data-place'), '0', 'and hangs where it hung');
    await page.mouse.dblclick(at.x, at.y);
    await untilDrawn(page, 'the whole picture', isWhole);
    await page.locator(`${SHOP}.enlarged`).waitFor();
    await page.keyboard.press('+');
    await page.keyboard.press('+');
    await untilDrawn(page, 'larger by key', ({ scale }) => scale > 1.5);
    await page.keyboard.press('-');
    await untilDrawn(page, 'smaller by key', ({ scale }) => scale < 1.3);
    await page.keyboard.press('0');
    await untilDrawn(page, 'whole by key', isWhole);
    await page.mouse.wheel(0, -400);
    await page.getByRole('button', { name: /×$/ }).click();
    await untilDrawn(page, 'whole by button', isWhole);
    await page.keyboard.press('Escape');
  });

  await t.test('playback: the same, and the timeline keeps its keys', async (t) => {
    const [first] = await box.untilSegments('shop', 1);
    const atTime = new Date(first!.startUs / 1000 + 4000).toISOString();
    await goTo(page, `/playback?c=shop.store&t=${atTime}&z=60`);
    await pictureOn(page, 'shop');
    const { x, y } = await spot();
    await page.mouse.move(x, y);
    await page.mouse.wheel(0, -400);
    const near = await untilDrawn(page, 'a larger picture', ({ scale }) => scale > 2);
    await page.screenshot({ path: join(SHOTS, 'playback-zoomed.png') });
    await tile.focus();
    await page.keyboard.press('ArrowRight');
    await untilDrawn(page, 'moved by key', (now) => now.x < near.x);
    await page.keyboard.press('-');
    await untilDrawn(page, 'smaller by key', ({ scale }) => scale < near.scale);
    await page.keyboard.press('0');
    await untilDrawn(page, 'whole by key', isWhole);
    const span = page.locator('.timeline .zoom span');
    const before = await span.textContent();
    await page.locator('.timeline canvas').focus();
    await page.keyboard.press('+');
    await untilShown(page, 'a shorter timeline', async () =>
      (await span.textContent()) === before ? undefined : true,
    );
    t.ok(isWhole(await drawn(page)));
  });

  await t.test('with two fingers on a phone', async (t) => {
    const small = { locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
    const phone = await browser.newContext(small);
    const own = await openWindow(phone, box.url, 'admin', faults);
    await goTo(own, '/live/camera/shop');
    await pictureOn(own, 'shop');
    const place = (await own.locator(SHOP).boundingBox())!;
    const [x, y] = [place.x + place.width / 2, place.y + place.height / 2];
    const line = await phone.newCDPSession(own);
    const touch = (type: string, ...apart: number[]): Promise<unknown> => {
      const touchPoints = apart.flatMap((by) => [
        { x: x - by, y, id: 0 },
        { x: x + by, y, id: 1 },
      ]);
      return line.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints });
    };
    await touch('touchStart', 30);
    for (const by of [40, 50, 60, 75, 90]) await touch('touchMove', by);
    await touch('touchEnd');
    const near = await untilDrawn(own, 'a larger picture', ({ scale }) => scale > 2.5);
    t.ok(Math.abs(near.x + (near.scale - 1) / 2) < 0.05, JSON.stringify(near));
    t.strictSame(await faultsOf(own, true), []);
    await own.screenshot({ path: join(SHOTS, 'live-zoomed-zh-phone.png') });
    await own.getByRole('button', { name: /倍$/ }).click();
    await untilDrawn(own, 'the whole picture', isWhole);
    await phone.close();
  });

  await t.test('lists beside the pictures fold, and stay so for who folded them', async (t) => {
    const list = page.locator('.wall-list');
    await goTo(page, '/live');
    await list.waitFor();
    const width = (await tile.boundingBox())!.width;
    await page.keyboard.press('[');
    await list.waitFor({ state: 'detached' });
    t.ok((await tile.boundingBox())!.width > width, 'the pictures have the room');
    await page.reload();
    await pictureOn(page, 'shop');
    t.equal(await list.count(), 0);
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'live-folded.png') });
    await page.getByRole('button', { name: 'Show the camera list' }).click();
    await list.waitFor();
    await box.call('events.trigger', { camera: 'shop', kind: 'till open' });
    const strip = page.locator('.event-strip');
    await strip.getByText('till open').waitFor();
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'live-events.png') });
    await page.keyboard.press(']');
    await strip.waitFor({ state: 'detached' });
    await page.keyboard.press(']');
    await strip.getByRole('link', { name: /till open/ }).click();
    await page.waitForURL('**/playback?c=shop**');
    await goTo(page, '/playback?c=shop');
    const side = page.locator('.play-side');
    await side.waitFor();
    await page.keyboard.press(']');
    await side.waitFor({ state: 'detached' });
    await goTo(page, '/live');
    await list.waitFor();
    await box.call('users.add', { user: 'mei', password: 'correct horse battery staple', role: 'operator' });
    await page.evaluate(`fetch('/api/session').then((answer) => answer.json()).then(({ csrf }) =>
      fetch('/api/session', { method: 'DELETE', headers: { 'x-csrf-token': csrf } }))`);
    const other = await openWindow(desk, box.url, 'mei', faults);
    await goTo(other, '/playback?c=shop');
    await other.locator('.play-side').waitFor();
    await other.close();
  });

  t.strictSame(
    faults.filter((each) => !/401|403|no valid credentials/.test(each)),
    [],
  );
});
