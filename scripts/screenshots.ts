/** node scripts/run.js screenshots: makes the pictures of docs/images from a running demo, with Debian's Chromium. A minute. */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { chromium, type Browser } from 'playwright-core';
import { BoxProcess } from './lib/demo/box-process.ts';
import { buildUi } from './lib/build-ui.ts';
import { DemoFarm } from './lib/demo/cameras.ts';
import { FigureReader, type Figures } from './lib/demo/figures.ts';
import { freePort } from './lib/demo/port.ts';
import { prepareSettings } from './lib/demo/settings.ts';
import { block } from './lib/demo/view.ts';
import { ROOT } from './lib/tool.ts';

const IMAGES = join(ROOT, 'docs/images');
const COLUMNS = 82;
const STYLE = `
  body { margin: 0; background: #101418; }
  pre { margin: 0; padding: 16px 20px; color: #d6dde4; font: 15px/1.45 'DejaVu Sans Mono', monospace; width: max-content; }
  .good { color: #3fcf74; } .bad { color: #f0b429; }`;

/** Waits until the camera that fails now and then has failed once and is back. */
async function interestingFigures(reader: FigureReader): Promise<Figures> {
  for (;;) {
    await after(2000);
    const figures = await reader.read();
    const { recording, expected } = figures.status;
    if (figures.gaps.length > 0 && recording === expected) {
      await after(4000);
      return reader.read();
    }
  }
}

async function photographTerminal(browser: Browser, lines: readonly string[]): Promise<void> {
  const page = await browser.newPage();
  const escaped = lines.map((line) =>
    line
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replace(/^●/, '<span class="good">●</span>')
      .replace(/^[○!]/, '<span class="bad">$&</span>'),
  );
  await page.setContent(`<style>${STYLE}</style><pre>$ npm start\n\n${escaped.join('\n')}</pre>`);
  await page.locator('pre').screenshot({ path: join(IMAGES, 'demo-terminal.png') });
}

/** The start page of a box that somebody has just set up. */
async function photographPage(browser: Browser, url: string, claimCode: string): Promise<void> {
  const user = { name: 'lin', password: randomBytes(18).toString('base64url') };
  const claim = { claimCode, user: user.name, password: user.password, boxName: 'Harbour Street' };
  await post(`${url}/api/box/claim`, claim);
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'dark', locale: 'en' });
  await page.goto(url);
  await page.fill('input[autocomplete=username]', user.name);
  await page.fill('input[type=password]', user.password);
  await page.click('button[type=submit]');
  await page.waitForSelector('.shell h1');
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(IMAGES, 'window.png') });
}

async function post(url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

await buildUi();
const folder = await mkdtemp(join(tmpdir(), 'ipvs-box-'));
process.chdir(folder);
await mkdir(IMAGES, { recursive: true });
const { farm, urls } = await DemoFarm.start();
const dataFolder = join(folder, 'data');
const port = await freePort(await prepareSettings(dataFolder, urls));
const started = new Date();
const logFile = join(dataFolder, 'box.log');
const box = await BoxProcess.spawn({ dataFolder, port, logFile });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
try {
  const url = await box.ready();
  if (url === undefined) throw box.fault ?? new Error('the box did not start');
  const figures = await interestingFigures(new FigureReader((...asked) => box.call(...asked), started));
  const around = {
    url,
    secureUrl: undefined,
    portTaken: undefined,
    dataFolder,
    logFile,
    hasDemo: true,
    startedAtMs: started.getTime(),
  };
  await photographTerminal(browser, block(figures, around, { columns: COLUMNS, rows: 40 }));
  const { claimCode = '' } = (await box.call('box.claimed', {})) as { claimCode?: string };
  await photographPage(browser, url, claimCode);
} finally {
  await browser.close();
  await box.stop();
  await farm.stop();
  process.chdir(ROOT);
  await rm(folder, { recursive: true, force: true });
}
