import { mkdir } from 'node:fs/promises';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { TOTP } from 'otpauth';
import { chromium, type BrowserContext, type Locator, type Page } from 'playwright-core';
import t from 'tap';
import { en } from '../../firmware/ui/words/en.ts';
import { zh } from '../../firmware/ui/words/zh.ts';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, cameraAt } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { findProgram } from '../support/programs.ts';
import { faultsOf, loadedBytes, textNodes } from '../support/window-page.ts';

t.setTimeout(840_000);
t.jobs = 1;

const executablePath = await findProgram('chromium');
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const PASSWORD = 'correct horse battery staple';
const FIRST_LOAD_BYTES = 250_000;
const PAGES = [
  '/',
  '/cameras',
  '/cameras/front',
  '/cameras/front/plan',
  '/cameras/add',
  '/cameras/add/address',
  '/cameras/add/table',
  '/storage',
  '/assurance',
  '/problems',
  '/system/state',
  '/system/terminals',
  '/system/log',
  '/system/users',
  '/system/tokens',
  '/system/rtsp',
  '/system/sessions',
  '/system/notices',
  '/system/settings',
  '/system/me',
];
const VIEWS = [
  { language: 'en', name: 'desk', width: 1440, height: 900, theme: 'dark' },
  { language: 'zh-CN', name: 'desk', width: 1440, height: 900, theme: 'dark' },
  { language: 'en', name: 'phone', width: 390, height: 844, theme: 'light' },
  { language: 'zh-CN', name: 'phone', width: 390, height: 844, theme: 'dark' },
  { language: 'en', name: 'light', width: 1280, height: 800, theme: 'light' },
] as const;
const TABLES = { en, 'zh-CN': zh } as const;

/** Status code of a GET with a Host header of one's own, which fetch does not allow. */
async function statusFor(url: string, host: string, method = 'GET'): Promise<number> {
  const { promise, resolve: done, reject } = Promise.withResolvers<number>();
  request(url, { method, headers: { host } }, (response) => {
    response.resume();
    done(response.statusCode ?? 0);
  })
    .on('error', reject)
    .end();
  return promise;
}

await buildUi();

t.test('the door without TLS is for this machine only', async (t) => {
  const box = await Box.start(t);
  const page = await fetch(box.url);
  t.equal(page.status, 200);
  t.match(page.headers.get('content-security-policy'), /default-src 'none';script-src 'self';style-src 'self'/);
  t.match(await page.text(), /<title>/);
  t.match(await box.status(), { recording: 0, expected: 0, cameras: [], volumes: [{ id: 'disk1' }] });
  t.equal(await statusFor(box.url, 'evil.example'), 403, 'a name that was rebound to this machine');
  t.equal(await statusFor(`${box.url}/healthz`, 'evil.example:80'), 403);
  t.equal(await statusFor(box.url, 'localhost:8080'), 200);
  t.equal(await statusFor(`${box.url}/cameras/front`, 'localhost'), 200, 'each page has an address');
  t.equal(await statusFor(`${box.url}/settings.json`, 'localhost'), 404);
  t.equal(await statusFor(`${box.url}/assets/..%2findex.html`, 'localhost'), 404);
  t.equal(await statusFor(`${box.url}/..%2fapp.ts`, 'localhost'), 404);
  t.equal(await statusFor(box.url, 'localhost', 'POST'), 405);
  const { port } = new URL(box.url);
  const other = await Box.prepare(t);
  t.match(await other.cli(['run', '--port', port]), { code: 1, stderr: /http\.port-in-use/ });
  const open = await Box.prepare(t, { settings: { http: { host: '0.0.0.0' } } });
  t.match(await open.cli(['run', '--port', '0']), { code: 1, stderr: /config\.invalid[^]*http\.host/ });
});

/** A page whose console and network are watched; faults go into the list. */
async function openPage(context: BrowserContext, faults: string[]): Promise<Page> {
  const page = await context.newPage();
  // A machine may be very busy.
  page.setDefaultTimeout(60_000);
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
  });
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (response.status() >= 400 && !pathname.startsWith('/api/')) faults.push(`${response.status()} ${pathname}`);
  });
  return page;
}

/** Everything that the page asked for has come. */
async function settled(page: Page): Promise<void> {
  await page.waitForSelector('.shell h1');
  await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
}

/** As a click on a link does: without loading the window again. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(`(() => {
    const link = document.createElement('a');
    link.href = ${JSON.stringify(path)};
    document.body.append(link);
    link.click();
    link.remove();
  })()`);
  await settled(page);
}

async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  const form = page.locator(':is(.sign-in, .wizard) form');
  await form.locator('input[autocomplete=username]').fill(name);
  await form.locator('input[type=password]').fill(password);
  await form.locator('button[type=submit]').click();
}

t.test('the window', { skip: executablePath ? false : 'chromium is not installed' }, async (t) => {
  await mkdir(SHOTS, { recursive: true });
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'a', audio: 'aac' },
      { path: 'b', auth: { user: 'u', password: 'p' } },
      { path: 'c' },
      { path: 'd' },
      { path: 'new' },
    ],
  });
  t.teardown(() => farm.stop());
  const cameras = [
    cameraAt('front', farm.url('a'), { name: 'Front <b>door</b>', wishDays: 30 }),
    cameraAt('store', farm.url('b'), { name: '仓库 B 区', username: 'u', password: 'wrong' }),
    cameraAt('park', farm.url('c'), { name: 'Car park behind the house, towards the river', wishDays: 90 }),
    cameraAt('corridor', farm.url('d'), { name: 'Corridor', mode: 'manual' }),
  ];
  const box = await Box.start(t, { settings: { cameras, recording: { segmentSeconds: 5 } } });
  await box.untilCamera('front', 'recording', ({ recording }) => recording === 'recording');
  await box.untilCamera('store', 'blocked', ({ connection }) => connection === 'blocked');
  const browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox', '--disable-gpu'] });
  t.teardown(() => browser.close());
  const desk = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });

  await t.test('is set up with the claim code, and asks no more', async (t) => {
    const faults: string[] = [];
    const page = await openPage(desk, faults);
    await page.goto(box.url);
    await page.waitForSelector('.wizard h1');
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'set-up.png') });
    const { claimCode } = await box.call<{ claimCode: string }>('box.claimed');
    await page.fill('.wizard input', 'AAAA-BBBB-CCCC');
    await page.click('button[type=submit]');
    await signIn(page, 'lin');
    await page.waitForSelector('input[list]');
    await page.fill('input[list]', 'Europe/Stockholm');
    await page.click('button[type=submit]');
    await page.waitForSelector('.note.bad');
    t.match(await page.innerText('.note.bad'), /claim code is not that of this box/, 'a wrong one leads back');
    t.strictSame(faults.splice(0).length, 1, 'the browser notes the refusal');
    await page.fill('.wizard input', claimCode);
    for (let step = 0; step < 2; step++) await page.click('button[type=submit]');
    await page.fill('input[autocomplete=off]', 'Harbour Street');
    await page.screenshot({ path: join(SHOTS, 'set-up-site.png') });
    await page.click('button[type=submit]');
    await page.waitForSelector('.shell h1');
    await page.waitForSelector('.rail');
    t.match(await page.innerText('.top'), /Harbour Street/);
    const bytes = await loadedBytes(page);
    t.ok(bytes > 20_000 && bytes < FIRST_LOAD_BYTES, `${bytes} bytes until Home stands, at most ${FIRST_LOAD_BYTES}`);
    t.comment(`first load: ${bytes} bytes, compressed`);
    t.match(await page.innerText('h1'), /1 of 3 is not recording/, 'the answer comes first');
    t.strictSame(faults, []);
    await page.close();
  });

  for (const { language, name, width, height, theme } of VIEWS) {
    const table = TABLES[language];
    await t.test(`${language}, ${name}: every page`, async (t) => {
      const faults: string[] = [];
      const context = await browser.newContext({
        locale: language,
        viewport: { width, height },
        hasTouch: name === 'phone',
        storageState: await desk.storageState(),
      });
      await context.addInitScript(`localStorage.setItem('ipvs.theme', '${theme}')`);
      await context.addInitScript(`localStorage.removeItem('ipvs.language')`);
      const page = await openPage(context, faults);
      await page.goto(box.url);
      for (const path of PAGES) {
        await goTo(page, path);
        t.equal(await page.getAttribute('html', 'lang'), language);
        t.equal(await page.getAttribute('html', 'data-theme'), theme);
        t.strictSame(await faultsOf(page, name === 'phone'), [], `${path}: can be used by everybody`);
        const foreign =
          language === 'en' ? Object.values(zh) : Object.values(en).filter((each) => /[a-z]{3} /.test(each));
        const words = await textNodes(page);
        t.strictSame(
          words.filter((each) => foreign.includes(each as never) && !Object.values(table).includes(each as never)),
          [],
          `${path}: speaks one language`,
        );
        const file = `${path === '/' ? 'home' : path.slice(1).replaceAll('/', '-')}-${language}-${name}.png`;
        await page.screenshot({ path: join(SHOTS, file) });
      }
      t.strictSame(faults, [], 'a quiet console');
      await context.close();
    });
  }

  await t.test('works with keys, and follows the box', async (t) => {
    const faults: string[] = [];
    const page = await openPage(desk, faults);
    await page.goto(box.url);
    await page.waitForSelector('.shell h1');
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    t.strictSame(await faultsOf(page, false), []);
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await page.waitForURL('**/cameras');
    await page.waitForSelector('tbody tr');
    await page.keyboard.press('/');
    await page.keyboard.type('car');
    await page.waitForSelector('tbody tr:only-child');
    t.match(page.url(), /q=car/, 'what is sought stands in the address');
    await page.reload();
    await page.waitForSelector('tbody tr:only-child');
    await page.fill('input[type=search]', 'gate');
    await page.waitForSelector('.empty');
    t.match(await page.innerText('.empty'), /No camera matches “gate”/);

    await page.goto(`${box.url}/cameras/corridor`);
    await page.getByRole('button', { name: en['cameras.startManual'] }).click();
    await box.untilCamera('corridor', 'recorded by hand', ({ because }) => because === 'manual');
    await page.waitForSelector(`text=${en['because.manual']}`);
    t.match(await page.innerText('.glance'), /3 \/ 4/);
    await farm.reboot('c', 4000);
    await page.waitForSelector('.toast');
    t.strictSame(faults, []);
    await page.close();
  });

  await t.test('a recording plan is painted by hand and by key, kept, and taken back', async (t) => {
    const faults: string[] = [];
    const page = await openPage(desk, faults);
    await page.goto(`${box.url}/cameras/corridor/plan`);
    const scheduleOf = async (): Promise<unknown> => {
      const { cameras: all } = await box.call<{ cameras: { id: string; mode: string; schedule: unknown }[] }>(
        'config.get',
      );
      const found = all.find(({ id }) => id === 'corridor')!;
      return [found.mode, found.schedule];
    };
    const before = await scheduleOf();
    await page.getByLabel(en['cameras.mode']).selectOption('schedule');
    await page.getByRole('button', { name: en['schedule.none'] }).click();
    const cell = (row: number, slot: number): Locator => page.locator(`[data-row="${row}"][data-slot="${slot}"]`);
    const middle = async (row: number, slot: number): Promise<[number, number]> => {
      const place = (await cell(row, slot).boundingBox())!;
      return [place.x + place.width / 2, place.y + place.height / 2];
    };
    await page.mouse.move(...(await middle(0, 16)));
    await page.mouse.down();
    await page.mouse.move(...(await middle(1, 19)), { steps: 4 });
    await page.mouse.up();
    await cell(6, 46).focus();
    await page.keyboard.press(' ');
    await page.keyboard.press('Shift+ArrowRight');
    await page.screenshot({ path: join(SHOTS, 'camera-plan-painted.png') });
    t.strictSame(await faultsOf(page, false), []);
    await page.getByRole('button', { name: en.apply, exact: true }).first().click();
    await page.getByRole('button', { name: en.undo }).waitFor();
    const rows = [1, 2].map((day) => ({ day, from: '08:00', to: '10:00' }));
    t.strictSame(await scheduleOf(), ['schedule', [...rows, { day: 0, from: '23:00', to: '24:00' }]]);
    await page.getByRole('button', { name: en.undo }).click();
    await page.getByRole('heading', { level: 1, name: en['mode.manual'] }).waitFor();
    t.strictSame(await scheduleOf(), before);
    t.strictSame(faults, []);
    await page.close();
  });

  await t.test('a webhook is added, tried, and removed', async (t) => {
    const faults: string[] = [];
    const page = await openPage(desk, faults);
    await page.goto(`${box.url}/system/notices`);
    await page.getByRole('button', { name: en['channels.webhook.add'] }).click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel(en['channels.id']).fill('desk');
    await dialog.getByLabel(en['channels.url']).fill('https://127.0.0.1:9/notices');
    await dialog.getByLabel(en['channels.secret']).fill('a key of some length');
    await dialog.getByRole('button', { name: en.add }).click();
    const row = page.locator('.channel', { hasText: 'webhook/desk' });
    await row.getByRole('button', { name: en['config.test'] }).click();
    await row.locator('.fault-beside').waitFor();
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'notices-webhook.png') });
    await row.getByRole('button', { name: en.remove }).click();
    await dialog.getByRole('button', { name: en.remove }).click();
    await row.waitFor({ state: 'detached' });
    t.strictSame((await box.call<{ channels: unknown[] }>('notices.list')).channels, []);
    await page.close();
  });

  await t.test('adds a camera after a test, and takes it away again', async (t) => {
    const faults: string[] = [];
    const page = await openPage(desk, faults);
    await page.goto(`${box.url}/cameras/add/address`);
    await page.fill('input >> nth=0', 'New one');
    await page.getByLabel(en['cameras.url']).fill(farm.url('new'));
    await page.getByRole('button', { name: en['cameras.test'] }).click();
    await page.waitForSelector(`text=${en['cameras.answers']}`);
    await page.screenshot({ path: join(SHOTS, 'camera-tested.png') });
    await page.getByRole('button', { name: en['cameras.addRecord'] }).click();
    await page.waitForURL('**/cameras/new-one');
    await box.untilCamera('new-one', 'recording', ({ recording }) => recording === 'recording');
    await page.getByRole('button', { name: en['cameras.remove'], exact: true }).click();
    await page.waitForSelector('dialog[open]');
    t.strictSame(await faultsOf(page, false), []);
    await page.screenshot({ path: join(SHOTS, 'camera-remove.png') });
    await page.locator('dialog').getByRole('button', { name: en['cameras.remove'] }).click();
    await page.waitForURL('**/cameras');
    await box.untilStatus('the camera is gone', ({ cameras: left }) => left.every(({ id }) => id !== 'new-one'));
    t.strictSame(faults, []);
    await page.close();
  });

  await t.test('shows a viewer of one camera nothing of the others', async (t) => {
    const grants = [{ camera: 'front', rights: ['live', 'playback'] }];
    await box.call('users.add', { user: 'guard', password: PASSWORD, role: 'viewer', cameras: grants });
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
    const faults: string[] = [];
    const page = await openPage(context, faults);
    await page.goto(`${box.url}/cameras`);
    await page.waitForSelector('.sign-in');
    await page.screenshot({ path: join(SHOTS, 'sign-in.png') });
    t.strictSame(await faultsOf(page, false), []);
    await signIn(page, 'guard', 'not the right password');
    await page.waitForSelector('.note.bad');
    faults.length = 0;
    await signIn(page, 'guard');
    await page.waitForSelector('tbody tr');
    for (const path of [
      '/',
      '/cameras',
      '/cameras/store',
      '/storage',
      '/assurance',
      '/system',
      '/system/log',
      '/problems',
    ]) {
      await goTo(page, path);
      t.notMatch(await page.innerText('body'), /仓库|Car park|Corridor/, path);
    }
    await page.goto(`${box.url}/cameras/add/address`);
    await page.waitForSelector('.shell h1');
    t.equal(await page.getByRole('button', { name: en['cameras.test'] }).count(), 0, 'no way without the right');
    t.strictSame(faults, []);
    await box.call('users.remove', { user: 'guard' });
    await page.waitForSelector('.over .sign-in');
    t.pass('who is removed is signed out of an open window');
    await context.close();
  });

  await t.test('asks for the code of the authenticator app', async (t) => {
    await box.call('users.add', { user: 'mei', password: PASSWORD, role: 'operator' });
    const context = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
    const page = await openPage(context, []);
    await page.goto(`${box.url}/system/me`);
    await page.waitForSelector('.sign-in');
    await signIn(page, 'mei');
    const factor = page.locator('section', { has: page.getByRole('heading', { name: en['me.factor'] }) });
    await factor.getByLabel(en['signIn.password']).fill(PASSWORD);
    await factor.getByRole('button', { name: en['me.factorBegin'] }).click();
    await page.waitForSelector('dialog[open] code');
    const app = new TOTP({ secret: (await page.innerText('dialog code')).trim() });
    await page.getByLabel(en['signIn.code']).fill(app.generate());
    await page.getByRole('button', { name: en['me.factorConfirm'] }).click();
    await page.waitForSelector('.codes li');
    t.equal((await page.locator('.codes li').count()) > 4, true);
    await page.keyboard.press('Escape');
    await page.waitForSelector('.over .sign-in');
    await signIn(page, 'mei');
    await page.waitForSelector('input[autocomplete=one-time-code]');
    // A code counts once, so the one of the next half minute is used.
    await page.fill('input[autocomplete=one-time-code]', app.generate({ timestamp: Date.now() + 30_000 }));
    await page.click('.over button[type=submit]');
    await page.waitForSelector('.over', { state: 'detached' });
    t.match(page.url(), /system\/me/, 'the page is where it was');
    await context.close();
  });

  await t.test('says when the box is away, and goes on when it is back', async (t) => {
    const page = await openPage(desk, []);
    await page.goto(`${box.url}/cameras?show=look`);
    await page.waitForSelector('tbody tr');
    const { port } = new URL(box.url);
    await box.stop();
    await page.waitForSelector('.lost-note');
    await page.screenshot({ path: join(SHOTS, 'box-away.png') });
    t.ok((await page.locator('tbody tr').count()) > 0, 'what was known stays');
    await box.run(Number(port));
    await page.waitForSelector('.lost-note', { state: 'detached' });
    t.match(page.url(), /show=look/, 'nothing was lost');
    await page.close();
  });
});
