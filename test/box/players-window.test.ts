import { execFile } from 'node:child_process';
import { chmod, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, cameraAt } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { goTo, openWindow } from '../support/picture-page.ts';
import { freePorts, RtspPlayer } from '../support/rtsp-player.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { faultsOf } from '../support/window-page.ts';

t.setTimeout(400_000);

const run = promisify(execFile);
const executablePath = await findChromium();
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const iso = (us: number): string => new Date(us / 1000).toISOString();

await buildUi();

t.test('players, a missing ffmpeg and exports in the window', { skip: !executablePath && 'no Chromium' }, async (t) => {
  await mkdir(SHOTS, { recursive: true });
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'shop', clip: 'shop' },
      { path: 'gate', clip: 'small-h265' },
    ],
  });
  t.teardown(() => farm.stop());
  const cameras = [
    cameraAt('shop', farm.url('shop'), { name: 'Cash desk' }),
    cameraAt('gate', farm.url('gate'), { name: '大门' }),
  ];
  const port = await freePorts();
  const rtspServer = { enabled: false, host: '127.0.0.1', port, securePort: 0, udpPort: 0 };
  const programs = await tempFolder(t, 'programs');
  const box = await Box.start(t, {
    settings: { cameras, rtspServer, recording: { segmentSeconds: 10 } },
    env: { ...process.env, PATH: programs },
  });
  await box.untilRecording();
  const admin = await signInAt(box);
  const guest = { user: 'guest', role: 'viewer', cameras: [{ camera: 'gate', rights: ['live', 'playback'] }] };
  t.equal((await admin.post('/api/users/add', { ...guest, password: LOCAL_ADMIN_PASSWORD })).status, 200);
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  t.teardown(() => browser.close());
  const desk = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
  const faults: string[] = [];
  const page = await openWindow(desk, box.url, 'admin', faults);
  const dialog = page.locator('dialog');
  const heading = (text: string | RegExp): Promise<void> =>
    page.getByRole('heading', { level: 1, name: text }).waitFor();

  await t.test('RTSP output is switched on, and a password is made, used, and revoked', async (t) => {
    await goTo(page, '/cameras/shop');
    await page.getByText('RTSP output is off').waitFor();
    await goTo(page, '/system/rtsp');
    await heading(/RTSP output is off/);
    await page.screenshot({ path: join(SHOTS, 'system-rtsp-off.png') });
    await page.getByRole('button', { name: 'Switch on RTSP output' }).click();
    await heading('0 players take a live stream now');
    await page.getByRole('button', { name: 'Make an RTSP password' }).click();
    await dialog.getByLabel('Player').fill('Hall screen');
    await dialog.getByRole('button', { name: 'Chosen cameras' }).click();
    await dialog.getByLabel('Cash desk').check();
    await page.screenshot({ path: join(SHOTS, 'system-rtsp-make.png') });
    await dialog.getByRole('button', { name: 'Make', exact: true }).click();
    const told = dialog.locator('.secret-shown code');
    await told.first().waitFor();
    const [user = '', password = '', address = ''] = await told.allTextContents();
    t.equal(address, `rtsp://${user}:${password}@127.0.0.1:${port}/shop/main`);
    await page.screenshot({ path: join(SHOTS, 'system-rtsp-made.png') });
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });

    await goTo(page, '/cameras/shop');
    const shown = page.locator('.stream-addresses code');
    await shown.waitFor();
    const url = (await shown.textContent())!;
    t.equal(url, `rtsp://127.0.0.1:${port}/shop/main`);
    await page.screenshot({ path: join(SHOTS, 'camera-rtsp.png') });
    const player = await RtspPlayer.open(url, { user, password });
    t.teardown(() => player.close());
    t.strictSame(
      (await player.play()).map(({ status }) => status),
      [200, 200, 200],
    );
    const other = await RtspPlayer.open(url.replace('shop', 'gate'), { user, password });
    t.teardown(() => other.close());
    t.equal((await other.ask('DESCRIBE')).status, 404, 'for the chosen camera only');

    await goTo(page, '/system/rtsp');
    await heading('1 player takes a live stream now');
    await page.getByRole('region', { name: 'Watching now' }).getByText('Hall screen').waitFor();
    t.notMatch(await page.content(), password, 'told once');
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'system-rtsp-en-desk.png') });
    await page
      .getByRole('row', { name: /Hall screen/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await dialog.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No player has a password yet').waitFor();
    await heading('0 players take a live stream now');
    const late = await RtspPlayer.open(url, { user, password });
    t.teardown(() => late.close());
    t.equal((await late.ask('DESCRIBE')).status, 401);
  });

  await t.test(
    '4. whoever sees one camera finds the address of that one, and makes passwords of their own',
    async (t) => {
      const small = { locale: 'zh-CN', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
      const phone = await browser.newContext(small);
      const own = await openWindow(phone, box.url, 'guest', faults);
      await goTo(own, '/system/rtsp');
      const tab = (await own.locator('.tabs a[aria-current]').boundingBox())!;
      t.ok(tab.x >= 0 && tab.x + tab.width <= 390, 'the tab that is open is to be seen');
      await own.getByText(`rtsp://127.0.0.1:${port}/gate/main`).waitFor();
      t.notMatch(await own.content(), /Cash desk|shop/);
      await own.getByRole('button', { name: '创建 RTSP 密码' }).click();
      const form = own.locator('dialog');
      await form.getByLabel('播放器').fill('门卫');
      await form.getByRole('button', { name: '创建', exact: true }).click();
      await form.locator('.secret-shown').waitFor();
      t.strictSame(await faultsOf(own, true), []);
      await own.screenshot({ path: join(SHOTS, 'system-rtsp-made-zh-phone.png') });
      await form.getByRole('button', { name: '关闭' }).click();
      await own.getByText('门卫').waitFor();
      t.strictSame(await faultsOf(own, true), []);
      await own.screenshot({ path: join(SHOTS, 'system-rtsp-zh-phone.png'), fullPage: true });
      await phone.close();
    },
  );

  await t.test('without ffmpeg the tile and the page say what to do, and are content once it is there', async (t) => {
    await goTo(page, '/live');
    const said = page.locator('.tile[data-camera=gate] .said');
    await said.getByText(/ffmpeg is not installed/).waitFor();
    await page.screenshot({ path: join(SHOTS, 'live-no-ffmpeg.png') });
    await said.getByRole('link', { name: 'What to do' }).click();
    const note = page.getByRole('region', { name: 'Converted pictures' });
    await note.getByText('大门').waitFor();
    t.notMatch(await note.textContent(), /Cash desk/, 'H.264 is played everywhere');
    t.match(await note.textContent(), /Recording, thumbnails, export and other browsers are not affected/);
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'system-no-ffmpeg.png') });
    await writeFile(join(programs, 'ffmpeg'), '#!/bin/sh\nexit 1\n');
    await chmod(join(programs, 'ffmpeg'), 0o755);
    await note.waitFor({ state: 'detached' });
  });

  await t.test('what is prepared survives a reload, can be taken, cancelled and put away', async (t) => {
    const [first] = await box.untilSegments('shop', 2);
    const range = `&i=${iso(first!.startUs)}&o=${iso(first!.startUs + 5e6)}`;
    await page.goto(`${box.url}/files?c=shop${range}`);
    await page.getByRole('button', { name: 'Prepare' }).click();
    await page.locator('.ready a.button').waitFor();
    await page.reload();
    const link = page.locator('.ready a.button');
    await link.waitFor();
    const download = page.waitForEvent('download');
    await link.click();
    const file = join(await tempFolder(t, 'export'), 'film.mp4');
    await (await download).saveAs(file);
    t.match((await probe(file)).streams[0], { width: 640, height: 360 });
    // A pipe that nobody writes to is waited for as a disk that hangs is.
    const kept = `${first!.file}.kept`;
    await rename(first!.file, kept);
    await run('mkfifo', [first!.file]);
    await page.getByRole('button', { name: 'Prepare' }).click();
    const cancel = page.locator('.ready').getByRole('button', { name: 'Cancel' });
    await cancel.waitFor();
    await page.reload();
    await cancel.waitFor();
    await page.screenshot({ path: join(SHOTS, 'files-preparing.png') });
    await cancel.click();
    await cancel.waitFor({ state: 'detached' });
    t.match(
      (await box.call<{ state: string }[]>('jobs.list')).map(({ state }) => state),
      ['stopped', 'done'],
    );
    // The thread that reads is let go.
    await (await open(first!.file, 'w')).close();
    await rm(first!.file);
    await rename(kept, first!.file);
    t.equal(await link.count(), 1);
    t.strictSame(await faultsOf(page, false), []);
    await page.getByRole('button', { name: 'Take off the list' }).click();
    await page.getByText('What you prepare waits here').waitFor();
    await page.reload();
    await page.getByText('What you prepare waits here').waitFor();
  });

  // The list asks for a small picture of the film whose file was taken away.
  t.strictSame(
    faults.filter((fault) => !/status of 500/.test(fault)),
    [],
  );
});
