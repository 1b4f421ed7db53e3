import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, cameraAt } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import { burntNumber } from '../support/burnt-number.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import {
  circular,
  FPS,
  goTo,
  numberAt,
  numberOn,
  openWindow,
  pictureOn,
  untilLag,
  untilShown,
} from '../support/picture-page.ts';
import { RecordedNumbers } from '../support/recorded-numbers.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';
import { faultsOf } from '../support/window-page.ts';

t.setTimeout(840_000);

const executablePath = await findChromium();
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
/** Where a camera hangs on the wall. */
const placeOf = (page: Page, camera: string): Promise<string | null> =>
  page.locator(`.tile[data-camera="${camera}"]`).getAttribute('data-place');

const iso = (us: number): string => new Date(us / 1000).toISOString();

// Runs in the page: a chooser that nobody has to be asked by; the file is one that only the page has.
const PICKED = `showSaveFilePicker = async ({ suggestedName }) => {
  globalThis.picked = suggestedName;
  return (await navigator.storage.getDirectory()).getFileHandle('film.mp4', { create: true });
}`;

/** The file that was chosen, for other programs. */
async function pickedFile(t: Teardown, page: Page): Promise<string> {
  const text = await page.evaluate<string>(`(async () => {
    const file = await (await (await navigator.storage.getDirectory()).getFileHandle('film.mp4')).getFile();
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = '';
    for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return btoa(text);
  })()`);
  const path = join(await tempFolder(t, 'picked'), 'film.mp4');
  await writeFile(path, Buffer.from(text, 'base64'));
  return path;
}

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
    const ages = await untilShown(page, 'pictures that are young', async () => {
      const found: number[] = [];
      for (let i = 0; i < 7; i++) {
        const number = await numberOn(page, 'store');
        found.push((circular(numberAt(store, Date.now()) - number) * 1000) / FPS);
      }
      const middle = found.toSorted((a, b) => a - b)[3]!;
      return middle > 0 && middle < 800 ? middle : undefined;
    });
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
    await untilShown(page, 'the main stream', () => page.evaluate<true | undefined>(wide));
    const download = page.waitForEvent('download');
    await page.locator('.tile[data-camera=shop]').hover();
    await page.keyboard.press('s');
    const file = join(await tempFolder(t, 'shot'), 'shot.png');
    await (await download).saveAs(file);
    const { streams } = await probe(file);
    t.match(streams[0], { width: 640, height: 360 });
    await page.keyboard.press('Escape');
  });

  await t.test('what a camera sends now is written into a file that was chosen, while it comes', async (t) => {
    const tile = page.locator('.tile[data-camera=shop]');
    await tile.click({ position: { x: 60, y: 60 } });
    await page.evaluate(`showSaveFilePicker = async () => { throw new DOMException('no', 'AbortError'); }`);
    await page.keyboard.press('r');
    await page.evaluate(PICKED);
    t.equal(await page.locator('.recording-chip').count(), 0, 'nothing was chosen, nothing is recorded');
    await page.keyboard.press('r');
    await tile.locator('.recording-chip').waitFor();
    const began = Date.now();
    await untilShown(page, 'some seconds', async () => (Date.now() - began > 6000 ? true : undefined));
    await page.screenshot({ path: join(SHOTS, 'recording-en-desk.png') });
    await page.keyboard.press('r');
    await page.getByText(/^Recorded film\.mp4/).waitFor();
    t.match(await page.evaluate('picked'), /^Cash desk .*\.mp4$/);
    const { streams, packets, durationS, warnings } = await probe(await pickedFile(t, page));
    t.strictSame(warnings, []);
    t.match(streams, [{ codec: 'h264', width: 640, height: 360 }, { codec: 'flac' }]);
    t.ok(durationS! > 5 && durationS! < 20, `${durationS} s`);
    for (const { index, kind } of streams) {
      const own = packets.filter(({ stream: of }) => of === index);
      t.equal(own[0]!.key, true, 'begins with a whole picture');
      const steps = own.slice(1).map(({ dts }, i) => dts! - own[i]!.dts!);
      const usual = steps.toSorted((one, other) => one - other)[steps.length >> 1]!;
      t.strictSame(
        steps.filter((step) => step < usual * 0.5 || step > usual * 1.5),
        [],
        `${kind} without a hole`,
      );
    }
    await page.evaluate('delete globalThis.showSaveFilePicker');
  });

  await t.test('a wall is laid out with a large tile and small ones, and kept so', async (t) => {
    await page.getByRole('button', { name: 'Custom', exact: true }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('Columns').selectOption('4');
    await dialog.getByLabel('Rows').selectOption('3');
    await dialog.getByRole('button', { name: '2 × 2' }).click();
    await page.screenshot({ path: join(SHOTS, 'lay-out-en-desk.png') });
    t.equal(await dialog.locator('.wall-plan i').count(), 9);
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await dialog.waitFor({ state: 'detached' });
    const laidOut = async (): Promise<void> => {
      t.equal(await page.locator('.wall [data-place]').count(), 9);
      const [large, small] = await Promise.all(
        [0, 1].map(async (at) => (await page.locator(`.wall [data-place="${at}"]`).boundingBox())!),
      );
      t.ok(Math.abs(large!.width / small!.width - 2) < 0.1, `${large!.width} beside ${small!.width} pixels`);
      t.ok(Math.abs(large!.height / small!.height - 2) < 0.1);
    };
    await laidOut();
    await pictureOn(page, 'shop');
    await page.screenshot({ path: join(SHOTS, 'live-custom-en-desk.png') });
    await page.getByRole('button', { name: 'Save as a view' }).click();
    await dialog.getByLabel('Name of the view').fill('Desk');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '4', exact: true }).click();
    await page.getByLabel('Views').selectOption('Desk');
    await page.reload();
    await page.locator('.wall.of-custom').waitFor();
    await laidOut();
    await page.getByRole('button', { name: 'Save as a view' }).click();
    await dialog.getByRole('button', { name: 'Delete this view' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.screenshot({ path: join(SHOTS, 'live-custom-en-narrow.png') });
    t.equal(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), false, 'fits a phone');
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.getByRole('button', { name: '4', exact: true }).click();
  });

  await t.test('a view is kept by the box, and a screen on a wall shows it and nothing else', async (t) => {
    await page.getByRole('button', { name: '1+5', exact: true }).click();
    await page.getByRole('button', { name: 'Save as a view' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('Name of the view').fill('Gates');
    await dialog.getByRole('button', { name: 'Everybody' }).click();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const [kept] = await box.call<{ id: string; name: string; shared: boolean }[]>('views.list');
    t.match(kept, { name: 'Gates', places: 6, shared: true });
    t.match(page.url(), new RegExp(`/live/view/${kept!.id}$`), 'it stands in the address');
    await pictureOn(page, 'shop');
    await page.screenshot({ path: join(SHOTS, 'live-view-en-desk.png') });
    await goTo(page, '/system/tokens');
    await page.getByRole('button', { name: 'Add token' }).click();
    await dialog.getByRole('button', { name: 'A wall screen' }).click();
    await dialog.getByLabel('Name').fill('Hall');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    const link = await dialog.locator('code').textContent();
    t.match(link, /#token=ipvs_/);
    const own = await browser.newContext({ locale: 'en', viewport: { width: 1920, height: 1080 } });
    const screen = await own.newPage();
    await screen.goto(link!);
    await pictureOn(screen, 'shop');
    await pictureOn(screen, 'store');
    t.notMatch(screen.url(), /token/, 'the address keeps no secret');
    t.equal(await screen.locator('.rail, .top').count(), 0);
    t.equal(await screen.locator('.wall-list:visible, .wall-head:visible').count(), 0);
    await screen.screenshot({ path: join(SHOTS, 'live-screen.png') });
    await screen.reload();
    await pictureOn(screen, 'shop');
    await box.call('tokens.revoke', { id: (await box.call<{ id: string }[]>('tokens.list'))[0]!.id });
    await screen.getByText('This screen may not watch any more').waitFor();
    await own.close();
    await page.keyboard.press('Escape');
    await goTo(page, '/live');
    await page.getByRole('button', { name: '4', exact: true }).click();
  });

  const [first] = await box.segments('shop');
  const startUs = first!.startUs;
  const recorded = {
    shop: await RecordedNumbers.of(await box.untilSegments('shop', 2)),
    store: await RecordedNumbers.of(await box.untilSegments('store', 2)),
  };
  type Recorded = keyof typeof recorded;
  /** Pictures between what is on the screen and what the file has there. Where two meet, either is right. */
  const offBy = async (camera: Recorded, atUs: number): Promise<number> =>
    circular((await numberOn(page, camera)) - recorded[camera].at(atUs));
  /** The picture is the wanted one, and the tile says so. */
  const shows = async (camera: Recorded, atUs: number): Promise<void> => {
    const text = page.locator(`.tile[data-camera="${camera}"] .figures`);
    await untilShown(page, `${camera} at ${iso(atUs)}`, async () => {
      const said = Date.parse(`${iso(atUs).slice(0, 10)}T${((await text.textContent()) ?? '').trim()}Z`);
      if (Number.isNaN(said) || Math.abs(said - atUs / 1000) > 150) return undefined;
      return Math.abs(await offBy(camera, atUs)) <= 1 ? true : undefined;
    });
  };
  /** Nothing comes after the right picture: it is still there when the page has had time to draw again and again. */
  const stays = async (camera: Recorded, atUs: number): Promise<number> => {
    for (let beat = 0; beat < 20; beat++) await page.evaluate('new Promise((drawn) => requestAnimationFrame(drawn))');
    return offBy(camera, atUs);
  };

  await t.test('playback: each seek shows the picture of its instant, on all cameras', async (t) => {
    await goTo(page, `/playback?c=shop.store&t=${iso(startUs + 4e6)}&z=60`);
    for (const [i, offset] of [4, 12.4, 7.6].entries()) {
      const atUs = startUs + offset * 1e6;
      if (i > 0) await goTo(page, '/files');
      if (i > 0) await goTo(page, `/playback?c=shop.store&t=${iso(atUs)}&z=60`);
      for (const camera of ['shop', 'store'] as const) await shows(camera, atUs);
      for (const camera of ['shop', 'store'] as const) {
        const off = await stays(camera, atUs);
        t.ok(Math.abs(off) <= 1, `${camera} at ${offset} s: ${off} pictures off`);
      }
    }
    const before = await numberOn(page, 'shop');
    for (const [key, wanted] of [
      ['ArrowRight', 1],
      ['ArrowLeft', 0],
      ['ArrowLeft', -1],
    ] as const) {
      await page.keyboard.press(key);
      await untilShown(page, `${key} leads to picture ${before + wanted}`, async () =>
        circular((await numberOn(page, 'shop')) - before) === wanted ? true : undefined,
      );
    }
    // On the timeline: the middle of it is the playhead.
    const canvas = (await page.locator('.timeline canvas').boundingBox())!;
    await page.mouse.click(canvas.x + canvas.width * 0.5 + canvas.width / 60, canvas.y + 40);
    await shows('shop', startUs + 8.6e6);
  });

  const instant = async (): Promise<number> => {
    const text = (await page.locator('.tile[data-camera=shop] .figures').textContent()) ?? '';
    return Date.parse(`1970-01-01T${text.trim()}Z`);
  };
  await t.test('playback runs at its speeds, and goes on into live', async (t) => {
    const began = await instant();
    await page.keyboard.press('k');
    await untilShown(page, 'a second later', async () => ((await instant()) > began + 1000 ? true : undefined));
    for (let i = 0; i < 3; i++) await page.keyboard.press('l');
    t.match(await page.locator('.controls').textContent(), /key frames/);
    await page.screenshot({ path: join(SHOTS, 'playback-en-desk.png') });
    await page.locator('.controls').getByText('Live', { exact: true }).waitFor();
    await untilLag(page, farm.camera('store'), 'store', () => Date.now(), { from: 0, to: 20 });
  });

  await t.test('whoever leaves playback takes nothing of its address along, however busy the window is', async (t) => {
    await goTo(page, '/live');
    await page.evaluate(`(() => {
      const every = setInterval;
      globalThis.beats = [];
      globalThis.setInterval = (run, ms) => (globalThis.beats.push(run), every(run, ms));
    })()`);
    await goTo(page, '/playback?c=shop');
    await page.locator('.play-page').waitFor();
    const there = await page.evaluate<string>(`(() => {
      const link = document.createElement('a');
      link.href = '/files?c=store&q=left';
      document.body.append(link);
      link.click();
      link.remove();
      for (const beat of globalThis.beats) beat();
      return location.pathname + location.search;
    })()`);
    t.equal(there, '/files?c=store&q=left');
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
    const { streams, durationS, warnings } = await probe(file);
    t.match(streams[0], { width: 640, height: 360 }, warnings.join('; '));
    t.ok(durationS! > 9 && durationS! < 13, `${durationS} s`);
    await page.getByRole('button', { name: 'Lock recordings' }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('Reason').fill('accident');
    await dialog.getByRole('button', { name: 'Lock recordings' }).click();
    await page.getByRole('cell', { name: 'accident', exact: true }).waitFor();
    for (const list of ['.ready', 'td']) {
      const seen = await untilShown(page, `a small picture in ${list}`, async () => {
        const found = await burntNumber(page, `${list} [data-small=shop].shown canvas`);
        return found >= 0 ? found : undefined;
      });
      t.equal(seen % 30, 0, 'a key frame');
    }
    await page.screenshot({ path: join(SHOTS, 'files-en-desk.png') });
    await page
      .getByRole('row', { name: /accident/ })
      .getByRole('button', { name: 'Unlock' })
      .click();
    await dialog.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('cell', { name: 'accident', exact: true }).waitFor({ state: 'detached' });
  });

  await t.test('a marked range goes into a file that was chosen', async (t) => {
    await goTo(page, `/playback?c=shop&t=${iso(startUs + 3e6)}&z=120&i=${iso(startUs + 2e6)}&o=${iso(startUs + 8e6)}`);
    await pictureOn(page, 'shop');
    await page.evaluate(PICKED);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.locator('dialog').getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByText('Saved film.mp4').waitFor();
    t.match(await page.evaluate('picked'), /^shop .*\.mp4$/);
    const { streams, durationS, warnings } = await probe(await pickedFile(t, page));
    t.strictSame(warnings, []);
    t.match(streams, [{ codec: 'h264' }, { codec: 'flac' }]);
    t.ok(durationS! > 4 && durationS! < 15, `${durationS} s`);
    await page.evaluate('delete globalThis.showSaveFilePicker');
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
    await page.locator('.wall.lost').waitFor({ state: 'detached' });
    await untilLag(page, farm.camera('store'), 'store', () => Date.now(), { from: 0, to: 20 });
  });
});
