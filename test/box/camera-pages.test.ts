import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box } from '../support/box.ts';
import { findChromium } from '../support/browser-video.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { OnvifCamera } from '../support/onvif-camera/onvif-camera.ts';
import { goTo, openWindow, pictureOn } from '../support/picture-page.ts';
import { faultsOf } from '../support/window-page.ts';

t.setTimeout(540_000);

const executablePath = await findChromium();
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const LOGIN = { user: 'admin', password: 'a long secret' };
const WAIT_MS = 120_000;

await buildUi();

t.test(
  'cameras are found, added and seen in a browser',
  { skip: executablePath ? false : 'no Chromium' },
  async (t) => {
    await mkdir(SHOTS, { recursive: true });
    const farm = await CameraFarm.start({ cameras: [{ path: 'a', clip: 'shop', auth: { ...LOGIN } }] });
    t.teardown(() => farm.stop());
    const profile = { token: 'P1', name: 'main', codec: 'H264', width: 640, height: 360, fps: 15 } as const;
    const camera = await OnvifCamera.start({
      login: LOGIN,
      discoverable: true,
      clockOffsetMs: -3_600_000,
      profiles: [{ ...profile, bitrateKbps: 1000, movable: true, streamUrl: farm.url('a') }],
    });
    t.teardown(() => camera.stop());
    const box = await Box.start(t, { settings: { cameras: [] } });
    const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
    const browser = await chromium.launch({ executablePath: executablePath!, args });
    t.teardown(() => browser.close());
    const desk = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
    const faults: string[] = [];
    const page = await openWindow(desk, box.url, 'admin', faults);
    page.setDefaultTimeout(WAIT_MS);

    await t.test('what answers is chosen, and added with one password; a wrong one is said at its row', async (t) => {
      await goTo(page, '/cameras/add');
      const row = page.locator('.find tbody tr');
      await row.getByText('Not recorded yet').waitFor();
      await page.getByLabel('Choose all that are new').check();
      await page.locator('.find .name-field').fill('Gate');
      await page.getByLabel('Password on the camera').fill('not this one');
      await page.getByRole('button', { name: 'Add 1 and start recording' }).click();
      await row.locator('.warn').waitFor();
      t.ok(camera.doorman.wrong <= 2, `${camera.doorman.wrong} attempts that could lock the account`);
      t.strictSame(await faultsOf(page, false), []);
      await page.getByLabel('Password on the camera').fill(LOGIN.password);
      await page.getByRole('button', { name: 'Add 1 and start recording' }).click();
      await row.getByRole('link', { name: 'Gate' }).waitFor();
      t.match(await page.locator('.find').textContent(), /1 added, 0 not/);
      await page.screenshot({ path: join(SHOTS, 'add-cameras-en.png') });
      await box.untilCamera('gate', 'recording', ({ recording }) => recording === 'recording', WAIT_MS);
    });

    await t.test('its picture is on the wall', async () => {
      await goTo(page, '/live');
      await pictureOn(page, 'gate');
    });
    t.strictSame(faults, []);
  },
);
