import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import t from 'tap';
import { buildUi } from '../../scripts/lib/build-ui.ts';
import { Box, until } from '../support/box.ts';
import { LOCAL_ADMIN_PASSWORD, signInAt } from '../support/box-session.ts';
import { findChromium } from '../support/browser-video.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { OnvifCamera } from '../support/onvif-camera/onvif-camera.ts';
import { halfView } from '../support/onvif-camera/panorama.ts';
import { goTo, numberOn, openWindow, pictureOn } from '../support/picture-page.ts';
import { faultsOf } from '../support/window-page.ts';
import { networkTurn } from '../support/network-turn.ts';

t.setTimeout(540_000);

const executablePath = await findChromium();
const SHOTS = resolve(import.meta.dirname, '../../test-results/ui');
const LOGIN = { user: 'admin', password: 'a long secret' };
const WAIT_MS = 120_000;

await buildUi();

/** When the camera gets its next order to move, in milliseconds of performance.now(). */
function nextMove(camera: OnvifCamera): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const { seen } = camera;
  const push = seen.push.bind(seen);
  seen.push = (...operations: string[]): number => {
    if (operations.includes('ContinuousMove')) {
      seen.push = push;
      resolve(performance.now());
    }
    return push(...operations);
  };
  return promise;
}

await networkTurn(t);

t.test(
  'cameras are found, added, seen and steered in a browser',
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
    await signInAt(box);
    await box.call('users.add', { user: 'ann', role: 'operator', password: LOCAL_ADMIN_PASSWORD });
    await box.call('users.add', { user: 'vera', role: 'viewer', password: LOCAL_ADMIN_PASSWORD });
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

    const { head } = camera;
    const tile = page.locator('.tile[data-camera=gate]');
    const orders = (kind: string): number => head.orders.filter(({ order }) => order === kind).length;
    const untilHead = (what: string, holds: () => boolean): Promise<true> =>
      until(what, async () => (holds() ? true : undefined), undefined, WAIT_MS);
    /** The last word is a stop, and the head stands. */
    const untilStill = (what: string, before: number): Promise<true> =>
      untilHead(what, () => orders('stop') > before && !head.moving);
    const untilMoving = (what: string): Promise<true> => untilHead(what, () => head.moving);

    await t.test('a drag on the picture moves the camera until it is let go of', async (t) => {
      await tile.hover();
      await tile.getByRole('button', { name: 'Steer (PTZ)' }).click();
      await page.locator('.ptz-panel').waitFor();
      const middle = (await tile.boundingBox())!;
      const [x, y] = [middle.x + middle.width / 2, middle.y + middle.height / 2];
      const before = orders('stop');
      await page.mouse.move(x, y);
      await page.mouse.down();
      await page.mouse.move(x + 120, y, { steps: 4 });
      await untilMoving('a move by drag');
      await page.locator('.ptz-panel').getByText('You are steering').waitFor();
      await page.screenshot({ path: join(SHOTS, 'ptz-en-desk.png') });
      await page.mouse.up();
      await untilStill('the stop behind a drag', before);
      t.ok(head.place.pan > 0, `it looks to the right: ${head.place.pan}`);
    });

    await t.test('keys, wheel and a window that is left: a move always stops', async (t) => {
      let before = orders('stop');
      const { pan } = head.place;
      await page.keyboard.down('ArrowLeft');
      await untilMoving('a move by key');
      await page.keyboard.up('ArrowLeft');
      await untilStill('the stop behind a key', before);
      t.ok(head.place.pan < pan, 'it looked to the left');
      const tookMs: number[] = [];
      for (let press = 0; press < 15; press++) {
        before = orders('stop');
        const arrived = nextMove(camera);
        const beganMs = performance.now();
        await page.keyboard.down(press % 2 === 0 ? 'ArrowRight' : 'ArrowLeft');
        tookMs.push((await arrived) - beganMs);
        await page.keyboard.up(press % 2 === 0 ? 'ArrowRight' : 'ArrowLeft');
        await untilStill('the stop behind a key', before);
      }
      const sorted = tookMs.map(Math.round).toSorted((a, b) => a - b);
      t.comment(
        `from the key to the camera, ${sorted.length} times: median ${sorted[7]} ms, longest ${sorted.at(-1)} ms`,
      );
      before = orders('stop');
      await tile.hover();
      await page.mouse.wheel(0, -100);
      await untilStill('the stop behind the wheel', before);
      t.ok(head.place.zoom > 0, `it is zoomed in: ${head.place.zoom}`);
      t.equal(await page.locator('.tile.zoomed').count(), 0, 'by its lens and not by the window');
      before = orders('stop');
      await page.keyboard.down('ArrowUp');
      await untilMoving('a move before the window is left');
      await page.evaluate(`dispatchEvent(new Event('blur'))`);
      await untilStill('the stop of a window that is left', before);
      await page.keyboard.up('ArrowUp');
    });

    await t.test('a lost connection stops it, too', async () => {
      const before = orders('stop');
      await page.keyboard.down('ArrowRight');
      await untilMoving('a move before the line is lost');
      t.strictSame(faults, [], 'until here the console had nothing to say');
      await desk.setOffline(true);
      await untilStill('the stop that the box gives by itself', before);
      await page.keyboard.up('ArrowRight');
      await desk.setOffline(false);
      await page.locator('.wall.lost').waitFor({ state: 'detached' });
      faults.length = 0;
    });

    await t.test('a click on the picture brings that place to the middle', async (t) => {
      const panel = page.locator('.ptz-panel');
      await panel.getByRole('button', { name: 'Home position', exact: true }).click();
      await untilHead('home', () => head.place.pan === 0 && head.place.tilt === 0);
      const moves = orders('move');
      const at = (await tile.boundingBox())!;
      await page.mouse.click(at.x + at.width * 0.75, at.y + at.height * 0.25);
      await untilHead('the place', () => head.place.pan > 0);
      const half = halfView(head.place.zoom);
      t.ok(Math.abs(head.place.pan - half.pan / 2) < 0.02, `half way to the right edge: ${head.place.pan}`);
      t.ok(Math.abs(head.place.tilt - half.tilt / 2) < 0.02, `half way to the upper edge: ${head.place.tilt}`);
      t.equal(orders('move'), moves, 'by a distance, not by a move');
    });

    await t.test('a preset is kept, gone to and removed', async (t) => {
      const panel = page.locator('.ptz-panel');
      await panel.getByRole('button', { name: 'Change presets' }).click();
      await panel.getByLabel('Name of the preset').fill('Door');
      await panel.getByRole('button', { name: 'Keep this position' }).click();
      const preset = panel.getByRole('button', { name: 'Door', exact: true });
      await preset.waitFor();
      const kept = head.place;
      const look = preset.locator('canvas.ptz-look');
      await look.waitFor();
      await page.waitForFunction(`document.querySelector('.ptz-look').width === 160`);
      const [first] = await box.call<{ preset: string }[]>('ptz.presets', { camera: 'gate' });
      const wanted = { camera: 'gate', preset: first!.preset };
      const picture = async (): Promise<string> =>
        (await box.call<{ jpeg?: string }>('ptz.preset.picture', wanted)).jpeg ?? '';
      const before = await picture();
      t.match(Buffer.from(before, 'base64').toString('hex'), /^ffd8ff.*ffd9$/, 'with what it shows');
      await panel.getByRole('button', { name: 'Home position', exact: true }).click();
      await untilHead('home', () => head.place.pan === 0);
      await preset.click();
      await untilHead('the preset', () => head.place.pan === kept.pan);
      await until(
        'what it shows now',
        async () => ((await picture()) === before ? undefined : true),
        undefined,
        WAIT_MS,
      );
      await page.screenshot({ path: join(SHOTS, 'ptz-presets-en.png') });
      await panel.getByRole('button', { name: 'Remove the preset Door' }).click();
      await page.locator('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
      await preset.waitFor({ state: 'detached' });
      t.equal(head.presets.size, 0);
      t.equal(await picture(), '', 'its picture is gone, too');
      t.strictSame(await faultsOf(page, false), []);
    });

    await t.test('keys keep a preset, ask before one is replaced, and move the iris', async (t) => {
      await tile.hover();
      const iris = camera.lens.iris;
      await page.keyboard.press('Shift+Digit1');
      await page.locator('.ptz-panel').getByRole('button', { name: '1', exact: true }).waitFor();
      t.equal(head.presets.size, 1, 'a new one');
      await page.keyboard.press('Shift+Digit1');
      const question = page.locator('dialog');
      await question.getByText('Replace').first().waitFor();
      await question.getByRole('button', { name: 'Keep this position' }).click();
      await question.waitFor({ state: 'detached' });
      t.equal(head.presets.size, 1, 'the same one');
      await page.keyboard.press('>');
      await untilHead('the iris', () => camera.lens.iris > iris);
    });

    await t.test('by thumb and in Chinese', async (t) => {
      const phone = await browser.newContext({
        locale: 'zh-CN',
        viewport: { width: 390, height: 844 },
        hasTouch: true,
        isMobile: true,
      });
      const small = await openWindow(phone, box.url, 'admin', faults);
      small.setDefaultTimeout(WAIT_MS);
      await goTo(small, '/live/camera/gate');
      await small.locator('.tile[data-camera=gate]').click({ position: { x: 60, y: 100 } });
      await small.getByRole('button', { name: '云台控制' }).click();
      const left = small.getByRole('button', { name: '向左', exact: true });
      // What the camera can do comes after the panel, and makes it higher.
      await small.getByRole('button', { name: '聚焦近处' }).waitFor();
      const before = orders('stop');
      const at = (await left.boundingBox())!;
      await small.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
      await small.mouse.down();
      await untilMoving('a move by the pad');
      await small.mouse.up();
      await untilStill('the stop behind the pad', before);
      t.strictSame(await faultsOf(small, true), []);
      await small.screenshot({ path: join(SHOTS, 'ptz-zh-phone.png') });
      await phone.close();
    });

    await t.test('two operators at one camera: who steers is shown, taken over from, asked, and lost', async (t) => {
      await page.locator('.ptz-panel').getByRole('button', { name: 'End steering' }).click();
      const nobody = async (): Promise<true | undefined> =>
        (await box.call<{ steering?: unknown }>('ptz.state', { camera: 'gate' })).steering ? undefined : true;
      await until('a camera that nobody steers', nobody, undefined, WAIT_MS);
      const light = await browser.newContext({ locale: 'en', viewport: { width: 1440, height: 900 } });
      await light.addInitScript(`localStorage.setItem('ipvs.theme', 'light')`);
      const ann = await openWindow(light, box.url, 'ann', faults);
      ann.setDefaultTimeout(WAIT_MS);
      await goTo(ann, '/live');
      const hers = ann.locator('.ptz-panel');
      await ann.locator('.tile[data-camera=gate]').hover();
      await ann.locator('.tile[data-camera=gate]').getByRole('button', { name: 'Steer (PTZ)' }).click();
      await hers.waitFor();
      await ann.keyboard.down('ArrowRight');
      await untilMoving('a move by the operator');
      await tile.locator('.ptz-other').getByText('ann (operator) is steering').waitFor();

      let before = orders('stop');
      await tile.hover();
      await tile.getByRole('button', { name: 'Steer (PTZ)' }).click();
      const mine = page.locator('.ptz-panel');
      await mine.getByText('ann (operator) is steering').waitFor();
      await page.screenshot({ path: join(SHOTS, 'ptz-others-en-desk.png') });
      await mine.getByRole('button', { name: 'Take over' }).click();
      await mine.getByText('You are steering').waitFor();
      await untilStill('the stop of what was taken over', before);
      await hers.getByText('admin (administrator) has taken over').waitFor();
      await ann.keyboard.up('ArrowRight');
      t.equal(await hers.getByRole('button', { name: 'Take over' }).count(), 0, 'not the lower one from the higher');
      const moves = orders('move');
      const refused = ann.waitForResponse((answer) => answer.url().endsWith('/api/ptz/move'));
      await ann.keyboard.press('ArrowRight');
      t.equal((await refused).ok(), false);
      t.equal(orders('move'), moves, 'nor by a move');
      await ann.screenshot({ path: join(SHOTS, 'ptz-taken-en-light.png') });

      await mine.getByText(/released in [0-9]+ s/).waitFor();
      await hers.getByRole('button', { name: 'Ask' }).click();
      await hers.getByText('Asked for it').waitFor();
      await mine.getByText('ann (operator) asks for it').waitFor();
      await page.screenshot({ path: join(SHOTS, 'ptz-asked-en-desk.png') });
      await mine.getByRole('button', { name: 'Let go' }).click();
      await hers.getByText('You are steering').waitFor();
      before = orders('stop');
      await ann.keyboard.down('ArrowLeft');
      await untilMoving('a move of the one who asked');
      await page.setViewportSize({ width: 390, height: 844 });
      await page.screenshot({ path: join(SHOTS, 'ptz-others-en-phone.png') });
      await page.setViewportSize({ width: 1440, height: 900 });
      await light.close();
      await untilStill('the stop of a window that is gone', before);
      await until('a camera that nobody steers', nobody, undefined, WAIT_MS);
      // The refused move is said by the browser, too.
      t.strictSame(
        faults.splice(0).filter((each) => !/status of [45]\d\d/.test(each)),
        [],
      );
      t.strictSame(await faultsOf(page, false), []);
      await mine.getByRole('button', { name: 'End steering' }).click();
    });

    await t.test('a line that lags shows it on the picture', async () => {
      await tile.hover();
      await tile.getByRole('button', { name: 'Steer (PTZ)' }).click();
      const held = Promise.withResolvers<void>();
      await page.route('**/api/ptz/move', async (route) => {
        await held.promise;
        await route.continue();
      });
      const before = orders('stop');
      const at = (await tile.boundingBox())!;
      await page.mouse.move(at.x + at.width / 2, at.y + at.height / 2);
      await page.mouse.down();
      await page.mouse.move(at.x + at.width / 2 + 90, at.y + at.height / 2 - 60, { steps: 3 });
      await tile.locator('.ptz-arrow.lags .way').waitFor();
      await tile.getByText(/Lag [0-9.]+ s/).waitFor();
      await page.screenshot({ path: join(SHOTS, 'ptz-lags-en-desk.png') });
      held.resolve();
      await untilMoving('the move that came late');
      await tile.locator('.ptz-arrow.lags').waitFor({ state: 'detached' });
      await page.mouse.up();
      await untilStill('the stop behind it', before);
      await page.unrouteAll({ behavior: 'wait' });
      await page.locator('.ptz-panel').getByRole('button', { name: 'End steering' }).click();
    });

    await t.test('its groups and labels are changed, and the list beside them knows at once', async (t) => {
      // Whatever is asked again every so often is never asked again here.
      const still = await desk.newPage();
      still.setDefaultTimeout(WAIT_MS);
      await still.addInitScript('globalThis.setInterval = () => 0');
      await still.goto(`${box.url}/cameras/gate`);
      await still.getByLabel('Groups').fill('Yard, North');
      await still.getByLabel('Labels').fill('lorries');
      await still.getByLabel('Place in lists').fill('7');
      await still.locator('.inspector').getByRole('button', { name: 'Apply' }).first().click();
      await still.getByRole('combobox', { name: 'Group' }).selectOption('North');
      await still.getByRole('searchbox').fill('lorries');
      await still.locator('tbody').getByRole('link', { name: 'Gate' }).waitFor();
      const all = await box.call<Record<string, unknown>[]>('cameras.standing');
      t.match(all, [{ camera: 'gate', groups: ['Yard', 'North'], labels: ['lorries'], order: 7 }]);
      await still.close();
    });

    await t.test('its login and time server are changed; outputs are switched after a question', async (t) => {
      await goTo(page, '/cameras/gate');
      const settings = page.locator('.inspector');
      const card = page.locator('section,div').filter({ hasText: 'Inputs and outputs' }).last();
      await card.getByRole('button', { name: 'Switch on' }).click();
      t.notOk(camera.seen.includes('SetRelayOutputState'), 'not without a question');
      await page.locator('dialog').getByRole('button', { name: 'Switch on' }).click();
      await untilHead('the output', () => camera.seen.includes('SetRelayOutputState'));
      await page.getByRole('button', { name: 'Follow a time server' }).click();
      await page.locator('dialog').getByLabel('Time server').fill('192.168.1.1');
      await page.locator('dialog').getByRole('button', { name: 'Follow it' }).click();
      await untilHead(
        'the time server',
        () => camera.ntp.servers.join() === '192.168.1.1' && camera.timeMode === 'NTP',
      );
      t.strictSame(await faultsOf(page, false), []);
      await page.screenshot({ path: join(SHOTS, 'camera-page-en.png'), fullPage: true });
      await page.getByText('Login and ONVIF address').click();
      camera.doorman.login = { user: 'keeper', password: 'another secret' };
      await page.getByLabel('User name on the camera').fill('keeper');
      await page.getByLabel('Password on the camera').fill('another secret');
      await settings.getByRole('button', { name: 'Apply' }).last().click();
      const isThere = async (): Promise<true | undefined> =>
        (await box.call<{ onvif?: { phase: string; events: string } }[]>('cameras.standing')).some(
          ({ onvif }) => onvif?.phase === 'online' && onvif.events === 'listening',
        )
          ? true
          : undefined;
      await untilHead('the new login', () => camera.doorman.login?.user === 'keeper' && camera.events.open > 0);
      await until('it answers', isThere, undefined, WAIT_MS);
      const field = page.getByLabel('Password on the camera');
      const isEmpty = async (): Promise<true | undefined> => ((await field.inputValue()) === '' ? true : undefined);
      await until('it is not shown again', isEmpty, undefined, WAIT_MS);
      t.notMatch(await page.content(), /another secret/);
      camera.doorman.login = LOGIN;
      const { user: username, password } = LOGIN;
      await box.call('cameras.change', { camera: 'gate', username, password });
    });

    await t.test('the wall lists cameras by group, and finds them by group and label', async (t) => {
      await goTo(page, '/live');
      const list = page.locator('.wall-list');
      const row = list.locator('[data-list-camera=gate]');
      await list.getByRole('region', { name: 'Yard' }).locator('[data-list-camera=gate]').waitFor();
      for (const sought of ['gate', 'GAT', 'north', 'lorries yard']) {
        await list.getByRole('searchbox').fill(sought);
        await row.waitFor();
      }
      await page.screenshot({ path: join(SHOTS, 'wall-groups-en.png') });
      await list.getByRole('searchbox').fill('lorries south');
      await list.getByText('No camera matches').waitFor();
      t.equal(await row.count(), 0);
      t.strictSame(await faultsOf(page, false), []);
      await list.getByRole('searchbox').fill('');
    });

    await t.test('what can be done about a problem is done where it stands, after a second thought', async (t) => {
      await goTo(page, '/problems');
      const banner = page.locator('.banner', { hasText: /clock/i });
      await banner.getByRole('button', { name: 'Set its clock' }).click();
      const dialog = page.getByRole('dialog');
      t.match(await dialog.textContent(), /The camera gets the time of the box\./);
      t.ok(Math.abs(camera.clockOffsetMs) > 3_000_000, 'not yet');
      await page.screenshot({ path: join(SHOTS, 'problem-repair.png') });
      await dialog.getByRole('button', { name: 'Set its clock' }).click();
      await untilHead('a clock that is right', () => Math.abs(camera.clockOffsetMs) < 30_000);
      await dialog.waitFor({ state: 'hidden' });
      camera.clockOffsetMs = -3_600_000;
    });

    await t.test('a camera that no search reaches is added by its ONVIF address', async (t) => {
      const far = await OnvifCamera.start({
        host: '127.0.0.2',
        login: LOGIN,
        identity: { serial: 'FAR-1', mac: '02:00:00:00:00:77', endpoint: 'urn:uuid:far', name: 'Far dome' },
        profiles: [{ ...profile, bitrateKbps: 1000, streamUrl: 'rtsp://127.0.0.2:9/far' }],
      });
      t.teardown(() => far.stop());
      await goTo(page, '/cameras/add/address');
      await page.getByLabel('Address of the main stream').fill(far.url);
      await page.getByLabel('User name on the camera').fill(LOGIN.user);
      await page.getByLabel('Password on the camera').fill('not this one');
      await page.getByRole('button', { name: 'Add and start recording' }).click();
      await page.getByRole('alert').getByText('refused').waitFor();
      await page.getByLabel('Password on the camera').fill(LOGIN.password);
      await page.getByRole('button', { name: 'Add and start recording' }).click();
      await page.locator('.inspector').getByText('FAR-1').waitFor();
      t.match(await box.call('cameras.list'), [{ id: 'far-dome', streams: [{ url: 'rtsp://127.0.0.2:9/far' }] }, {}]);
      t.strictSame(await faultsOf(page, false), []);
      await box.call('cameras.remove', { camera: 'far-dome' });
    });

    await t.test('its clock is set, and it is restarted', async (t) => {
      await goTo(page, '/cameras/gate');
      await page.getByRole('button', { name: 'Set its clock' }).click();
      await untilHead('a clock that is right', () => Math.abs(camera.clockOffsetMs) < 30_000);
      await page.getByRole('button', { name: 'Restart camera' }).click();
      await page.locator('dialog').getByRole('button', { name: 'Restart camera' }).click();
      await untilHead('the restart', () => camera.reboots === 1);
      t.strictSame(await faultsOf(page, false), []);
    });

    await t.test('another device in its place is said everywhere, compared and confirmed', async (t) => {
      t.strictSame(faults, [], 'until here the console had nothing to say');
      const port = Number(new URL(box.url).port);
      await box.stop();
      camera.identity = { ...camera.identity, serial: 'OTHER-1', mac: '02:00:00:00:00:66' };
      await box.run(port);
      await page.reload();
      await page.getByRole('cell', { name: 'OTHER-1' }).waitFor();
      await page.locator('tbody tr.bad').getByText('Not the camera that was added').waitFor();
      t.strictSame(await faultsOf(page, false), []);
      await page.screenshot({ path: join(SHOTS, 'camera-untrusted-en.png') });
      await goTo(page, '/live');
      const held = tile.locator('.untrusted-said');
      await held.getByText('Not the camera that was added').waitFor();
      t.equal(await numberOn(page, 'gate'), -1, 'its picture is held back');
      t.strictSame(await faultsOf(page, false), []);
      await page.screenshot({ path: join(SHOTS, 'wall-untrusted-en.png') });
      const viewer = await openWindow(await browser.newContext({ locale: 'en' }), box.url, 'vera', faults);
      viewer.setDefaultTimeout(WAIT_MS);
      await goTo(viewer, '/live');
      await viewer.locator('.tile[data-camera=gate] .untrusted-said').waitFor();
      t.equal(await viewer.getByRole('button', { name: 'Show the picture' }).count(), 0, 'it is not theirs to decide');
      await held.getByRole('button', { name: 'Show the picture' }).click();
      await pictureOn(page, 'gate');
      await tile.locator('.untrusted').getByRole('link', { name: 'Compare' }).click();
      await page.getByRole('button', { name: 'This is the right camera' }).click();
      await page.locator('dialog').getByRole('button', { name: 'This is the right camera' }).click();
      await page.getByText('It is the camera that was added.').waitFor();
      await page.locator('tbody tr.bad').waitFor({ state: 'detached' });
      await pictureOn(viewer, 'gate');
      await viewer.locator('.untrusted-said, .untrusted').waitFor({ state: 'detached' });
    });
  },
);
