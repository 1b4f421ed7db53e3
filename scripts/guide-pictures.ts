/** node scripts/run.js guide-pictures: makes the pictures of docs/window*.md in both languages, with Debian's Chromium. Two minutes. */
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { Box } from '../test/support/box.ts';
import { signInAt } from '../test/support/box-session.ts';
import { CameraFarm } from '../test/support/camera/farm.ts';
import { goTo, openWindow, pictureOn } from '../test/support/picture-page.ts';
import { buildUi } from './lib/build-ui.ts';
import { ROOT } from './lib/tool.ts';

const IMAGES = join(ROOT, 'docs/images');
const SIZE = { width: 1280, height: 800 };
const LANGUAGES = [
  { locale: 'en', short: 'en', names: ['Front door', 'Cash desk', 'Warehouse', 'Back door'] },
  { locale: 'zh-CN', short: 'zh', names: ['正门', '收银台', '仓库', '后门'] },
] as const;
const CLIPS = ['front-door', 'shop', 'warehouse', 'small'];

async function photograph(page: Page, name: string): Promise<void> {
  await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
  // What is told for some seconds would cover what the picture is about.
  await page.evaluate(`document.querySelector('.toasts').style.visibility = 'hidden'`);
  await page.screenshot({ path: join(IMAGES, `guide-${name}.jpg`), type: 'jpeg', quality: 78 });
}

const ends: (() => unknown)[] = [];
const teardown = (end: () => unknown): number => ends.push(end);
try {
  await buildUi();
  const farm = await CameraFarm.start({ cameras: CLIPS.map((clip) => ({ path: clip, clip })) });
  teardown(() => farm.stop());
  const cameras = CLIPS.map((clip) => ({ id: clip, wishDays: 1, streams: [{ id: 'main', url: farm.url(clip) }] }));
  const settings = { box: { name: 'Harbour Street' }, cameras, recording: { segmentSeconds: 10 } };
  const box = await Box.start({ teardown }, { settings });
  await box.untilRecording();
  await signInAt(box);
  const [first] = await box.untilSegments('shop', 3);
  const at = (seconds: number): string => new Date(first!.startUs / 1000 + seconds * 1000).toISOString();
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  teardown(() => browser.close());
  for (const { locale, short, names } of LANGUAGES) {
    const named = Object.fromEntries(CLIPS.map((clip, i) => [clip, { name: names[i] }]));
    await box.call('config.set', { patch: { cameras: named } });
    const context = await browser.newContext({ locale, viewport: SIZE, colorScheme: 'dark' });
    const page = await openWindow(context, box.url, 'admin', []);
    await goTo(page, '/live');
    for (const clip of CLIPS) await pictureOn(page, clip);
    await photograph(page, `live-${short}`);
    const marks = `&t=${at(12)}&z=60&i=${at(8)}&o=${at(20)}`;
    await goTo(page, `/playback?c=${CLIPS.join('.')}${marks}`);
    for (const clip of CLIPS) await pictureOn(page, clip);
    await photograph(page, `playback-${short}`);
    await goTo(page, `/files?c=shop.warehouse&i=${at(8)}&o=${at(20)}`);
    await photograph(page, `files-${short}`);
    await goTo(page, '/cameras/warehouse/plan');
    await page.locator('select').first().selectOption('schedule');
    await photograph(page, `plan-${short}`);
    await goTo(page, '/storage');
    await photograph(page, `storage-${short}`);
    await context.close();
  }
} finally {
  for (const end of ends.toReversed()) await end();
}
