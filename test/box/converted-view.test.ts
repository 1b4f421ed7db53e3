import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type Page } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, until } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import { burntNumber } from '../support/burnt-number.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.setTimeout(400_000);

const executablePath = await findChromium();
const noFfmpeg = await skipWithout('ffmpeg');
const skip = executablePath === undefined ? 'no Chromium' : noFfmpeg;
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const FRAMES = 300;
const FPS = 15;
const WAIT_MS = 60_000;

const tile = (camera: string): string => `.tile[data-camera="${camera}"]`;
const canvas = (camera: string): string => `${tile(camera)} canvas`;

async function signIn(browser: Browser, url: string, language: string, name = 'admin'): Promise<Page> {
  const context = await browser.newContext({ locale: language, viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/live`);
  const form = page.locator('.sign-in form');
  await form.locator('input[autocomplete=username]').fill(name);
  await form.locator('input[type=password]').fill(LOCAL_ADMIN_PASSWORD);
  await form.locator('button[type=submit]').click();
  await page.waitForSelector('.shell h1');
  return page;
}

function faultsOn(page: Page): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  return faults;
}

/** Processes of the box that convert. */
async function converters(box: Box): Promise<number[]> {
  const tasks = await readdir(`/proc/${box.pid}/task`);
  const lists = tasks.map((task) => readFile(`/proc/${box.pid}/task/${task}/children`, 'utf8').catch(() => ''));
  const pids = (await Promise.all(lists)).join(' ').split(/\s+/).filter(Boolean).map(Number);
  const isOne = async (pid: number): Promise<boolean> =>
    (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes('mpeg1video');
  const flags = await Promise.all(pids.map(isOne));
  return pids.filter((_, i) => flags[i]);
}

await buildUi();

t.test('cameras whose codec the browser cannot play', { skip }, async (t) => {
  await mkdir(SHOTS, { recursive: true });
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'yard', clip: 'yard', audio: 'pcma' },
      { path: 'gate', clip: 'small-h265' },
      { path: 'hall', clip: 'small-h265' },
    ],
  });
  t.teardown(() => farm.stop());
  const camera = (id: string, name: string, ...paths: string[]): object => ({
    id,
    name,
    streams: paths.map((path, i) => ({ id: i === 0 ? 'main' : 'sub', url: farm.url(path), record: i === 0 })),
  });
  const cameras = [
    camera('yard', 'Yard', 'yard'),
    camera('gate', 'Gate $(reboot) `x`; -i', 'gate'),
    camera('hall', 'Hall', 'hall', 'gate'),
  ];
  const settings = { cameras, recording: { segmentSeconds: 10 }, live: { mpeg1Places: 2 } };
  const box = await Box.start(t, { settings });
  await box.untilRecording();
  const admin = await signInAt(box);
  const args = ['--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'];
  const browser = await chromium.launch({ executablePath: executablePath!, args });
  t.teardown(() => browser.close());
  const page = await signIn(browser, box.url, 'en');
  const faults = faultsOn(page);
  const number = (id: string): Promise<number> => burntNumber(page, canvas(id));
  const shows = (id: string): Promise<number> => {
    const look = async (): Promise<number | undefined> => {
      const found = await number(id);
      return found >= 0 ? found : undefined;
    };
    const state = async (): Promise<void> => void (await page.screenshot({ path: join(SHOTS, 'debug-mpeg1.png') }));
    return until(`a converted picture of ${id}`, look, () => JSON.stringify(faults), WAIT_MS).catch(async (error) => {
      await state();
      throw error;
    });
  };
  const moves = async (id: string): Promise<void> => {
    const first = await shows(id);
    await until(`${id} moves`, async () => ((await number(id)) !== first ? true : undefined), undefined, WAIT_MS);
  };

  await t.test('are shown all the same, as they are now, with a word about why', async (t) => {
    // Two of three get a place, whichever come first.
    const full = page.locator('.tile .said').filter({ hasText: /being converted/ });
    await full.waitFor({ timeout: WAIT_MS });
    t.match(await full.textContent(), /This browser cannot play H\.265/);
    t.equal((await converters(box)).length, 2);
    const isTwo = async (): Promise<true | undefined> =>
      (await page.locator('.tile:has(canvas)').count()) === 2 ? true : undefined;
    await until('two converted pictures', isTwo, undefined, WAIT_MS);
    const chip = page.locator('.tile:has(canvas) .stale-note').first();
    await chip.waitFor({ timeout: WAIT_MS });
    t.match(await chip.textContent(), /This browser cannot play H\.265: shown as MPEG-1, [12] of 2 in use/);
    await page.screenshot({ path: join(SHOTS, 'live-mpeg1-en.png') });
    await page.goto(`${box.url}/live/camera/yard`);
    await shows('yard');
    const yard = farm.camera('yard');
    const ages: number[] = [];
    await until(
      'young pictures',
      async () => {
        const seen = await number('yard');
        const { nextOrdinal, nextDueMs } = yard;
        const now = nextOrdinal - ((nextDueMs + performance.timeOrigin - Date.now()) * FPS) / 1000;
        ages.push((((((now - seen) % FRAMES) + FRAMES) % FRAMES) * 1000) / FPS);
        const middle = ages.slice(-9).toSorted((a, b) => a - b)[4];
        return middle !== undefined && middle < 1500 ? true : undefined;
      },
      () => ages.slice(-9).join(),
      WAIT_MS,
    );
    const last = ages.slice(-9).toSorted((a, b) => a - b);
    t.comment(`converted pictures on the screen are ${Math.round(last[4]!)} ms old`);
    t.match(await page.locator(`${tile('yard')} .figures`).textContent(), /MPEG-1 1280×720/);
  });

  await t.test('are saved in the size in which they are shown, and heard', async (t) => {
    const download = page.waitForEvent('download');
    await page.locator(tile('yard')).click({ position: { x: 60, y: 80 } });
    await page.keyboard.press('s');
    const file = join(await tempFolder(t, 'shot'), 'shot.png');
    await (await download).saveAs(file);
    t.match((await probe(file)).streams[0], { width: 1280, height: 720 });
    await page.evaluate(`(() => {
      const play = HTMLMediaElement.prototype.play;
      HTMLMediaElement.prototype.play = function () {
        if (this instanceof HTMLAudioElement) window.heard = this;
        return play.call(this);
      };
    })()`);
    await page.keyboard.press('a');
    const heard = (): Promise<number> =>
      page.evaluate('window.heard && !window.heard.paused ? window.heard.currentTime : 0');
    const first = await until('sound', async () => (await heard()) || undefined, undefined, WAIT_MS);
    await until(
      'sound that goes on',
      async () => ((await heard()) > first + 0.5 ? true : undefined),
      undefined,
      WAIT_MS,
    );
    await page.keyboard.press('a');
  });

  await t.test('41. recording loses nothing when ffmpeg dies or stands still, and the picture comes back', async () => {
    await moves('yard');
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const [pid = 0] = await converters(box);
      process.kill(pid, signal);
      await until(
        `another child after ${signal}`,
        async () => {
          const now = await converters(box);
          return now.length > 0 && !now.includes(pid) ? true : undefined;
        },
        undefined,
        WAIT_MS,
      );
      await moves('yard');
    }
  });

  await t.test('in Chinese, and given up when nobody looks', async (t) => {
    const other = await signIn(browser, box.url, 'zh-CN');
    const more = faultsOn(other);
    await other.goto(`${box.url}/live/camera/gate`);
    const chip = other.locator(`${tile('gate')} .stale-note`);
    await chip.waitFor({ timeout: WAIT_MS });
    t.match(await chip.textContent(), /浏览器不支持 H\.265，已转为 MPEG-1 显示（已用 \d\/2 路）/);
    await other.screenshot({ path: join(SHOTS, 'live-mpeg1-zh.png') });
    await other.context().close();
    t.strictSame(more, []);
    await page.goto(`${box.url}/files`);
    await until('no child', async () => ((await converters(box)).length === 0 ? true : undefined), undefined, WAIT_MS);
  });

  await t.test('4. who may not see a camera gets nothing of it, and loses it with the right', async (t) => {
    const rights = [{ camera: 'hall', rights: ['live'] }];
    const guard = { user: 'guard', password: LOCAL_ADMIN_PASSWORD, role: 'custom', rights: ['live'] };
    t.equal((await admin.post('/api/users/add', { ...guard, cameras: rights })).status, 200);
    const other = await signIn(browser, box.url, 'en', 'guard');
    await until(
      'a picture',
      async () => ((await burntNumber(other, canvas('hall'))) >= 0 ? true : undefined),
      undefined,
      WAIT_MS,
    );
    t.equal(await other.locator('.tile canvas').count(), 1);
    const refused = await other.evaluate(`new Promise((resolve) => {
      const line = new WebSocket('ws://' + location.host + '/api/live');
      line.onmessage = ({ data }) => {
        if (typeof data !== 'string') return resolve('a picture');
        const told = JSON.parse(data);
        if (told.type === 'hello') line.send(JSON.stringify({ type: 'media.live', channel: 1, epoch: 1, camera: 'yard', form: 'mpeg1' }));
        if (told.type === 'media.error') resolve(told.code);
      };
    })`);
    t.equal(refused, 'control.no-such-camera');
    t.equal((await converters(box)).length, 1);
    const without = { user: 'guard', cameras: [{ camera: 'gate', rights: ['live'] }] };
    t.equal((await admin.post('/api/users/change', without)).status, 200);
    await until('no child', async () => ((await converters(box)).length === 0 ? true : undefined), undefined, WAIT_MS);
    await other.context().close();
  });

  t.strictSame(faults, []);
  await pause(300);
  t.equal(await box.stop(), 0);
  for (const id of ['yard', 'gate', 'hall']) {
    const files = (await box.segments(id)).map(({ file }) => file);
    // The sub stream of the hall is that of the gate, and is not recorded.
    const recorded = await recordedOrdinals(...files);
    const sent = farm.camera(id).sessions.flatMap(({ sentFrames }) => sentFrames);
    const { missing, repeated, disordered } = compareOrdinals([...new Set(sent)], recorded);
    t.strictSame({ missing, repeated, disordered }, { missing: [], repeated: [], disordered: 0 }, id);
    t.ok(recorded.length > 100);
  }
});
