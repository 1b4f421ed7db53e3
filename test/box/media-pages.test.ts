import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, cameraAt, until } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import type { Camera } from '../support/camera/camera.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { faultsOf } from '../support/window-page.ts';

t.setTimeout(240_000);

const executablePath = await findChromium();
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const FRAMES = 300;
const FPS = 15;

/** Which picture of its clip a camera had at an instant (ms since 1970), with fractions. */
function numberAt({ nextOrdinal, nextDueMs }: Camera, atMs: number): number {
  const ordinal = nextOrdinal - ((nextDueMs + performance.timeOrigin - atMs) * FPS) / 1000;
  return ((ordinal % FRAMES) + FRAMES) % FRAMES;
}

function circular(difference: number): number {
  return ((((difference + FRAMES / 2) % FRAMES) + FRAMES) % FRAMES) - FRAMES / 2;
}

// Runs in the page: the number burnt into the picture of a camera (test/support/frame-number.ts), -1 without one.
const NUMBER = `(camera) => {
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

const numberOn = (page: Page, camera: string): Promise<number> => page.evaluate(`(${NUMBER})('${camera}')`);

async function pictureOn(page: Page, camera: string): Promise<number> {
  const look = async (): Promise<number | undefined> => {
    const number = await numberOn(page, camera);
    return number >= 0 ? number : undefined;
  };
  const explain = (): string => `${page.url()} shows none`;
  return until(`a picture of ${camera}`, look, explain, 20_000);
}

/** Where a camera hangs on the wall. */
const placeOf = (page: Page, camera: string): Promise<string | null> =>
  page.locator(`.tile[data-camera="${camera}"]`).getAttribute('data-place');

async function openWindow(context: BrowserContext, url: string, name: string, faults: string[]): Promise<Page> {
  const page = await context.newPage();
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

/** As a click on a link does. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`(() => {
    const link = document.createElement('a');
    link.href = ${JSON.stringify(path)};
    document.body.append(link);
    link.click();
    link.remove();
  })()`);
  await page.waitForSelector('.shell h1');
}

const iso = (us: number): string => new Date(us / 1000).toISOString();

await buildUi();

t.test('live wall, playback and files in a browser', { skip: executablePath ? false : 'no Chromium' }, async (t) => {
  await mkdir(SHOTS, { recursive: true });
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'shop', clip: 'shop', audio: 'pcma' },
      { path: 'light', clip: 'small' },
      { path: 'store', clip: 'warehouse' },
      { path: 'yard', clip: 'yard' },
    ],
  });
  t.teardown(() => farm.stop());
  const stream = (id: string, path: string): object => ({ id, url: farm.url(path), record: id === 'main' });
  const cameras = [
    { id: 'shop', name: 'Cash desk', streams: [stream('main', 'shop'), stream('sub', 'light')] },
    cameraAt('store', farm.url('store'), { name: '仓库 B 区' }),
    { id: 'yard', name: 'Yard', streams: [stream('main', 'yard'), stream('sub', 'light')] },
    cameraAt('gate', 'rtsp://127.0.0.1:9/gate', { name: 'Gate' }),
  ];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 10 } } });
  await box.untilCamera('shop', 'recording', ({ recording }) => recording === 'recording');
  const admin = await signInAt(box);
  const limited = { user: 'guest', role: 'viewer', cameras: [{ camera: 'store', rights: ['live', 'playback'] }] };
  const added = await admin.post('/api/users/add', { ...limited, password: LOCAL_ADMIN_PASSWORD });
  t.equal(added.status, 200, await added.clone().text());
  const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
  const browser = await chromium.launch({ executablePath: executablePath!, args });
  t.teardown(() => browser.close());
  const desk = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
  const faults: string[] = [];
  const page = await openWindow(desk, box.url, 'admin', faults);

  await t.test('the wall shows what the cameras see now, and says why where it cannot', async (t) => {
    const beganMs = performance.now();
    await goTo(page, '/live');
    await pictureOn(page, 'shop');
    t.comment(`first picture ${Math.round(performance.now() - beganMs)} ms after the page was opened`);
    await pictureOn(page, 'store');
    const store = farm.camera('store');
    const ages = await until(
      'pictures that are young',
      async () => {
        const found: number[] = [];
        for (let i = 0; i < 7; i++) {
          const number = await numberOn(page, 'store');
          found.push((circular(numberAt(store, Date.now()) - number) * 1000) / FPS);
        }
        const middle = found.toSorted((a, b) => a - b)[3]!;
        return middle > 0 && middle < 800 ? middle : undefined;
      },
      () => 'older',
      15_000,
    );
    t.comment(`pictures on the screen are ${Math.round(ages)} ms old`);
    // The main stream of this one is H.265, which this browser does not play.
    await pictureOn(page, 'yard');
    await page.locator('.tile[data-camera=yard]').dblclick({ position: { x: 60, y: 80 } });
    t.match(await page.locator('.tile[data-camera=yard] .stale-note').textContent(), /cannot play H\.265/);
    await pictureOn(page, 'yard');
    await page.keyboard.press('Escape');
    const gate = page.locator('.tile[data-camera=gate] .said');
    await gate.waitFor();
    t.match(await gate.textContent(), /./);
    await page.locator('.tile[data-camera=shop]').hover();
    await page
      .locator('.tile[data-camera=store] .figures')
      .getByText(/[Mk]b\/s/)
      .waitFor();
    await page.screenshot({ path: join(SHOTS, 'live-en-desk.png') });
  });

  await t.test('tiles are swapped and set by mouse and by key, and nothing reconnects', async (t) => {
    const [one, other] = [await placeOf(page, 'shop'), await placeOf(page, 'store')];
    const centre = async (camera: string): Promise<{ x: number; y: number }> => {
      const box = (await page.locator(`.tile[data-camera="${camera}"]`).boundingBox())!;
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    await page.evaluate(`document.querySelector('[data-camera=shop] video').same = true`);
    const sessions = farm.camera('store').liveSessions.length;
    const [from, to] = [await centre('shop'), await centre('store')];
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 5 });
    await page.screenshot({ path: join(SHOTS, 'live-drag.png') });
    await page.mouse.up();
    t.equal(await placeOf(page, 'shop'), other);
    t.equal(await placeOf(page, 'store'), one);
    t.equal(await page.evaluate(`document.querySelector('[data-camera=shop] video').same`), true);
    t.equal(await page.evaluate(`document.querySelector('[data-camera=shop] video').paused`), false);
    t.equal(farm.camera('store').liveSessions.length, sessions);
    // Back by key: lift, go, put down.
    await page.locator('.tile[data-camera=shop]').focus();
    await page.locator('.tile[data-camera=shop]').click({ position: { x: 40, y: 60 } });
    await page.keyboard.press('m');
    await page.keyboard.press(Number(other) > Number(one) ? 'ArrowLeft' : 'ArrowRight');
    await page.keyboard.press('Enter');
    t.equal(await placeOf(page, 'shop'), one);
    // From the list onto a place; what hung there goes where it came from.
    const row = (await page.locator('[data-list-camera=gate]').boundingBox())!;
    const before = await placeOf(page, 'gate');
    const target = await centre('shop');
    await page.mouse.move(row.x + 30, row.y + 10);
    await page.mouse.down();
    await page.mouse.move(target.x, target.y, { steps: 5 });
    await page.mouse.up();
    t.equal(await placeOf(page, 'gate'), one);
    t.equal(await placeOf(page, 'shop'), before);
  });

  await t.test('one tile is enlarged with the main stream, and saved in full resolution', async (t) => {
    await page.locator('.tile[data-camera=shop]').dblclick({ position: { x: 60, y: 80 } });
    const wide = `document.querySelector('[data-camera=shop] video').videoWidth === 640 || undefined`;
    await until(
      'the main stream',
      () => page.evaluate(wide),
      () => 'still the other',
      10_000,
    );
    const download = page.waitForEvent('download');
    await page.locator('.tile[data-camera=shop]').hover();
    await page.keyboard.press('s');
    const file = join(await tempFolder(t, 'shot'), 'shot.png');
    await (await download).saveAs(file);
    const { streams } = await probe(file);
    t.match(streams[0], { width: 640, height: 360 });
    await page.keyboard.press('Escape');
  });

  const [first] = await box.segments('shop');
  const startUs = first!.startUs;
  await box.untilSegments('shop', 3);
  const lagAt = async (camera: string, atUs: number): Promise<number> =>
    circular(numberAt(farm.camera(camera), atUs / 1000) - (await numberOn(page, camera)));
  /** The instant that a tile says it shows has come near the wanted one. */
  const shows = async (camera: string, atUs: number): Promise<void> => {
    const wanted = iso(atUs).slice(11, 19);
    const text = page.locator(`.tile[data-camera="${camera}"] .figures`);
    await until(
      `${camera} at ${wanted}`,
      async () => ((await text.textContent())?.startsWith(wanted) === true ? true : undefined),
      () => JSON.stringify(faults),
      15_000,
    ).catch(async (error: unknown) => {
      await page.screenshot({ path: join(SHOTS, 'debug.png') });
      throw error;
    });
  };

  await t.test('playback: each seek shows the picture of its instant, on all cameras', async (t) => {
    await goTo(page, `/playback?c=shop.store&t=${iso(startUs + 4e6)}&z=60`);
    for (const [i, offset] of [4, 12.4, 7.6].entries()) {
      const atUs = startUs + offset * 1e6;
      if (i > 0) await goTo(page, '/files');
      if (i > 0) await goTo(page, `/playback?c=shop.store&t=${iso(atUs)}&z=60`);
      await shows('shop', atUs);
      await shows('store', atUs);
      for (const camera of ['shop', 'store']) {
        const lag = await lagAt(camera, atUs);
        t.ok(Math.abs(lag) < 5, `${camera} at ${offset} s: ${lag.toFixed(1)} pictures off`);
      }
    }
    const before = await numberOn(page, 'shop');
    await page.keyboard.press('ArrowRight');
    const moved = async (wanted: number): Promise<true | undefined> =>
      circular((await numberOn(page, 'shop')) - before) === wanted ? true : undefined;
    await until(
      'one picture on',
      () => moved(1),
      () => 'it stands',
      10_000,
    );
    await page.keyboard.press('ArrowLeft');
    await until(
      'and back',
      () => moved(0),
      () => 'it stands',
      10_000,
    );
    await page.keyboard.press('ArrowLeft');
    await until(
      'and one before',
      () => moved(-1),
      () => 'it stands',
      10_000,
    );
    // On the timeline: the middle of it is the playhead.
    const canvas = (await page.locator('.timeline canvas').boundingBox())!;
    await page.mouse.click(canvas.x + canvas.width * 0.5 + canvas.width / 60, canvas.y + 40);
    await shows('shop', startUs + 8.6e6);
  });

  await t.test('playback runs at its speeds, and goes on into live', async (t) => {
    const instant = async (): Promise<number> => {
      const text = (await page.locator('.tile[data-camera=shop] .figures').textContent()) ?? '';
      return Date.parse(`1970-01-01T${text.trim()}Z`);
    };
    const began = await instant();
    await page.keyboard.press('k');
    const on = async (ms: number): Promise<true | undefined> => ((await instant()) > began + ms ? true : undefined);
    await until(
      'a second later',
      () => on(1000),
      () => 'it stands',
      10_000,
    );
    for (let i = 0; i < 3; i++) await page.keyboard.press('l');
    t.match(await page.locator('.controls').textContent(), /key frames/);
    await page.screenshot({ path: join(SHOTS, 'playback-en-desk.png') });
    await page.locator('.controls').getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    const store = farm.camera('store');
    await until(
      'pictures of now',
      async () => {
        const lag = circular(numberAt(store, Date.now()) - (await numberOn(page, 'store')));
        return lag > 0 && lag < 20 ? true : undefined;
      },
      () => 'older ones',
      10_000,
    );
  });

  await t.test('a range is prepared, downloaded and played; and locked', async (t) => {
    await goTo(page, `/files?c=shop&i=${iso(startUs + 2e6)}&o=${iso(startUs + 12e6)}`);
    await page.getByRole('button', { name: 'Prepare' }).click();
    const link = page.locator('.ready a.button');
    await link.waitFor();
    const download = page.waitForEvent('download');
    await link.click();
    const file = join(await tempFolder(t, 'export'), 'film.mp4');
    await (await download).saveAs(file);
    const { streams, durationS } = await probe(file);
    t.match(streams[0], { width: 640, height: 360 });
    t.ok(durationS! > 9 && durationS! < 13, `${durationS} s`);
    await page.getByRole('button', { name: 'Lock recordings' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('Reason').fill('accident');
    await dialog.getByRole('button', { name: 'Lock recordings' }).click();
    await page.getByRole('cell', { name: 'accident', exact: true }).waitFor();
    await page.screenshot({ path: join(SHOTS, 'files-en-desk.png') });
    await page
      .getByRole('row', { name: /accident/ })
      .getByRole('button', { name: 'Unlock' })
      .click();
    await dialog.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('cell', { name: 'accident', exact: true }).waitFor({ state: 'detached' });
  });

  await t.test('on a phone, in Chinese and in light', async (t) => {
    const phone = await browser.newContext({
      locale: 'zh-CN',
      viewport: { width: 390, height: 844 },
      hasTouch: true,
      isMobile: true,
    });
    const small = await openWindow(phone, box.url, 'admin', faults);
    for (const path of ['live', 'playback', 'files']) {
      await goTo(small, `/${path}${path === 'live' ? '' : `?c=shop&t=${iso(startUs + 5e6)}&z=120`}`);
      if (path !== 'files') await pictureOn(small, 'shop');
      const wide = await small.evaluate('document.documentElement.scrollWidth > innerWidth');
      t.equal(wide, false, `${path} fits`);
      t.strictSame(await faultsOf(small, true), [], path);
      const english = (await small.locator('main').innerText()).match(
        /\b(?:wall|play|files|media)\.\w+|Select|Camera\b/,
      );
      t.equal(english, null, `${path} is Chinese`);
      await small.screenshot({ path: join(SHOTS, `${path}-zh-phone.png`) });
    }
    await phone.close();
    await page.evaluate(`localStorage.setItem('ipvs.theme', 'light'); localStorage.setItem('ipvs.language', 'zh-CN')`);
    await page.reload();
    for (const path of ['live', 'playback', 'files']) {
      await goTo(page, `/${path}${path === 'live' ? '' : `?c=shop.store.yard&t=${iso(startUs + 5e6)}&z=120`}`);
      if (path !== 'files') await pictureOn(page, 'store');
      t.strictSame(await faultsOf(page, false), [], path);
      await page.screenshot({ path: join(SHOTS, `${path}-zh-light.png`) });
    }
  });

  await t.test('who may not see a camera sees nothing of it', async (t) => {
    const own = await browser.newContext({ locale: 'en', viewport: { width: 1280, height: 800 } });
    const guest = await openWindow(own, box.url, 'guest', faults);
    await goTo(guest, '/live');
    await pictureOn(guest, 'store');
    t.equal(await guest.locator('[data-list-camera]').count(), 1);
    t.equal(await guest.locator('.tile[data-camera]').count(), 1);
    await goTo(guest, `/playback?c=shop.store&t=${iso(startUs + 5e6)}`);
    await pictureOn(guest, 'store');
    t.notMatch(await guest.content(), /Cash desk|"shop"/);
    t.equal(await guest.locator('.rail a[href="/files"]').count(), 0);
    await own.close();
  });

  await t.test('pictures come back when the box has started again', async (t) => {
    await goTo(page, '/live');
    await pictureOn(page, 'store');
    t.strictSame(faults, [], 'until here the console had nothing to say');
    const port = Number(new URL(box.url).port);
    await box.stop();
    await page.locator('.wall.lost').waitFor();
    await box.run(port);
    await page.locator('.wall.lost').waitFor({ state: 'detached', timeout: 30_000 });
    const store = farm.camera('store');
    await until(
      'pictures of now',
      async () => {
        const lag = circular(numberAt(store, Date.now()) - (await numberOn(page, 'store')));
        return lag > 0 && lag < 20 ? true : undefined;
      },
      () => 'old ones',
      30_000,
    );
  });
});
