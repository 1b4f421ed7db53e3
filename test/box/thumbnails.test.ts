import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, cameraAt, until } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import { burntNumber } from '../support/burnt-number.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { decodeCodes } from '../support/decode-pictures.ts';
import { skipWithout } from '../support/programs.ts';

t.setTimeout(400_000);

const executablePath = await findChromium();
const noFfmpeg = await skipWithout('ffmpeg');
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const WAIT_MS = 60_000;
const [FRAMES, FPS, GOP] = [300, 15, 30];

interface Picture {
  readonly at: string;
  readonly codec: string;
  readonly mime: string;
  readonly width: number;
  readonly height: number;
  readonly data: string;
}

t.test('recorded pictures in small', { skip: noFfmpeg }, async (t) => {
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'shop', clip: 'shop' },
      { path: 'yard', clip: 'yard' },
    ],
  });
  t.teardown(() => farm.stop());
  const cameras = [cameraAt('shop', farm.url('shop')), cameraAt('yard', farm.url('yard'))];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 10 } } });
  await box.untilRecording();
  await box.untilSegments('shop', 2);
  await box.untilSegments('yard', 2);
  const admin = await signInAt(box);
  /** How many pictures lie between the one with this number and the one that the camera had at an instant. */
  const age = (camera: string, atMs: number, number: number): number => {
    const { nextOrdinal, nextDueMs } = farm.camera(camera);
    const ordinal = nextOrdinal - ((nextDueMs + performance.timeOrigin - atMs) * FPS) / 1000;
    return ((((ordinal - number + FRAMES / 2) % FRAMES) + FRAMES) % FRAMES) - FRAMES / 2;
  };
  const path = (camera: string, atMs: number): string =>
    `/api/footage/picture?camera=${camera}&at=${new Date(atMs).toISOString()}`;
  const [first, second] = await box.segments('shop');

  await t.test('the key frame of a time, or the last one before it', async (t) => {
    for (const camera of ['shop', 'yard']) {
      for (const offsetMs of [3000, 7500, 12_000]) {
        const atMs = first!.startUs / 1000 + offsetMs;
        // The newest seconds are known a moment later.
        const answer = await until('the picture', async () => {
          const reply = await admin.get(path(camera, atMs));
          return reply.status === 404 ? undefined : reply;
        });
        t.equal(answer.status, 200);
        const picture = (await answer.json()) as Picture;
        const [code, ...more] = await decodeCodes(Buffer.from(picture.data, 'base64'), picture);
        t.strictSame(more, [], 'one picture');
        t.equal(code!.number % GOP, 0, 'a key frame');
        const behind = age(camera, atMs, code!.number);
        t.ok(behind > -8 && behind < GOP + 8, `${camera}: ${behind.toFixed(1)} pictures before its time`);
        t.ok(Date.parse(picture.at) <= atMs && Date.parse(picture.at) > atMs - 2500);
      }
    }
    const nothing = await admin.get(path('shop', first!.startUs / 1000 - 3_600_000));
    t.equal(nothing.status, 404);
    t.equal(((await nothing.json()) as { code: string }).code, 'playback.nothing-there');
  });

  await t.test('4. of a camera that one may not see there is none', async (t) => {
    const guard = { user: 'guard', password: LOCAL_ADMIN_PASSWORD, role: 'custom', rights: ['live', 'playback'] };
    const shop = { camera: 'shop', rights: ['live', 'playback'] };
    t.equal((await admin.post('/api/users/add', { ...guard, cameras: [shop] })).status, 200);
    const other = await signInAt(box, 'guard');
    const atMs = second!.startUs / 1000;
    t.equal((await other.get(path('shop', atMs))).status, 200, 'one that is theirs');
    t.equal((await other.get(path('yard', atMs))).status, 404, 'not to be seen');
    t.equal((await other.get(path('nowhere', atMs))).status, 404, 'the same');
    const less = [{ camera: 'shop', rights: ['live'] }];
    t.equal((await admin.post('/api/users/change', { user: 'guard', cameras: less })).status, 200);
    const again = await signInAt(box, 'guard');
    t.equal((await again.get(path('shop', atMs))).status, 403, 'live, but not what is recorded');
    t.equal((await fetch(`${box.url}${path('shop', atMs)}`)).status, 401);
  });

  await t.test(
    'the timeline shows them under the pointer',
    { skip: executablePath ? false : 'no Chromium' },
    async (t) => {
      await buildUi();
      await mkdir(SHOTS, { recursive: true });
      const args = ['--no-sandbox', '--disable-gpu'];
      const browser = await chromium.launch({ executablePath: executablePath!, args });
      t.teardown(() => browser.close());
      const context = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      const centreMs = first!.startUs / 1000 + 8000;
      const lengthMs = 30_000;
      await page.goto(`${box.url}/playback?c=shop&t=${new Date(centreMs).toISOString()}&z=${lengthMs / 1000}`);
      const form = page.locator('.sign-in form');
      await form.locator('input[autocomplete=username]').fill('admin');
      await form.locator('input[type=password]').fill(LOCAL_ADMIN_PASSWORD);
      await form.locator('button[type=submit]').click();
      const lanes = page.locator('.timeline canvas[role=slider]');
      await lanes.waitFor();
      const place = (await lanes.boundingBox())!;
      let before = -1;
      for (const offsetMs of [-5000, 0, 4000]) {
        const x = place.x + place.width * (0.5 + offsetMs / lengthMs);
        const number = await until(
          `a picture at ${offsetMs}`,
          async () => {
            // Moved anew as long as the timeline does not know yet what is recorded.
            await page.mouse.move(x + 1, place.y + 40);
            await page.mouse.move(x, place.y + 40);
            const found = await burntNumber(page, '.timeline .small-picture canvas');
            return found >= 0 && found !== before ? found : undefined;
          },
          () => JSON.stringify(faults),
          WAIT_MS,
        );
        before = number;
        t.equal(number % GOP, 0);
        const behind = age('shop', centreMs + offsetMs, number);
        t.ok(behind > -10 && behind < GOP + 10, `${behind.toFixed(1)} pictures before its time`);
        const small = (await page.locator('.timeline .small-picture canvas').boundingBox())!;
        t.ok(small.y > 0 && small.y + small.height < place.y + 40, 'above the pointer');
      }
      await page.screenshot({ path: join(SHOTS, 'playback-thumbnail.png') });
      t.strictSame(faults, []);
    },
  );
});
