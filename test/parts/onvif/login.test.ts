import t from 'tap';
import { BoxError, CredentialGuard, systemClock } from '../../../firmware/base/index.ts';
import { OnvifCamera } from '../../../firmware/onvif/index.ts';
import { onvifDeps, onvifLab } from '../../support/onvif-lab.ts';

const LOGIN = { user: 'admin', password: 'p&<ss"w\u00F6rd' };
const YEAR_MS = 365 * 86_400_000;

for (const way of ['either', 'token', 'http', 'both'] as const) {
  t.test(`A38: a camera that wants ${way} is let in to, without a wrong try that it could count`, async (t) => {
    const { simulated, camera, signal } = await onvifLab(t, { login: { ...LOGIN, way }, clockOffsetMs: -9 * YEAR_MS });
    t.match(await camera.identity(signal), { serial: 'SIM0001' });
    t.match(await camera.identity(signal), { serial: 'SIM0001' });
    t.equal(simulated.doorman.wrong, 0);
  });
}

t.test('A36: a camera whose clock stepped is asked for the time again', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { login: { ...LOGIN, way: 'token' } });
  await camera.identity(signal);
  simulated.clockOffsetMs = -9 * YEAR_MS;
  t.match(await camera.identity(signal), { serial: 'SIM0001' });
  t.equal(simulated.doorman.wrong, 1);
});

t.test('A37: the time is asked for with a login where it needs one, and local time will do', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { login: LOGIN, clockOffsetMs: 8 * 3_600_000 });
  simulated.faults.time = 'local';
  simulated.faults.zone = 'CST-8';
  const { clock } = await camera.facts(signal);
  t.ok(Math.abs(clock.offsetMs ?? NaN) < 30_000, 'local time of the zone is the right time');
  const other = await onvifLab(t, { login: { ...LOGIN, way: 'http' } });
  other.simulated.faults.timeNeedsLogin = true;
  t.match(await other.camera.facts(signal), { clock: { source: 'manual' } });
  const without = await onvifLab(t, { login: LOGIN });
  without.simulated.faults.time = 'none';
  t.same((await without.camera.facts(signal)).clock, {}, 'no time at all is no hindrance');
  t.match(await without.camera.identity(signal), { serial: 'SIM0001' });
});

t.test('A11: a wrong password is tried at most three times, and then not again', async (t) => {
  for (const way of ['either', 'token', 'http', 'both'] as const) {
    const guard = new CredentialGuard(systemClock);
    const target = { credentials: { user: 'admin', password: 'wrong' } };
    const { simulated, camera, signal } = await onvifLab(t, { login: { ...LOGIN, way }, deps: { guard }, target });
    await t.rejects(camera.identity(signal), { code: 'onvif.unauthorized' });
    const tries = simulated.doorman.wrong;
    t.ok(tries >= 1 && tries <= 3, `${way}: ${tries} tries`);
    for (let again = 0; again < 5; again++) {
      await t.rejects(camera.identity(signal), { code: 'onvif.unauthorized', context: { confirmed: true } });
    }
    const second = new OnvifCamera({ address: simulated.url, ...target }, onvifDeps({ guard }));
    await t.rejects(second.identity(signal), { code: 'onvif.unauthorized' });
    t.equal(simulated.doorman.wrong, tries, `${way}: the guard lets none pass`);
  }
});

t.test('a password that the camera has taken otherwise is never sent readable', async (t) => {
  for (const way of ['token', 'http'] as const) {
    const { simulated, camera, signal } = await onvifLab(t, { login: { ...LOGIN, way } });
    await camera.identity(signal);
    simulated.faults.asksReadable = true;
    await camera.identity(signal).catch(() => undefined);
    t.ok(simulated.count('GetDeviceInformation') > 1, 'it has asked for it');
    t.strictSame(simulated.doorman.readable, [], `${way}: nothing readable for who stands in its place`);
  }
  const { simulated, camera, signal } = await onvifLab(t, { login: LOGIN });
  simulated.faults.asksReadable = true;
  t.match(await camera.identity(signal), { serial: 'SIM0001' }, 'one that knows nothing else is let in to');
  const careful = new OnvifCamera(
    { address: simulated.url, credentials: LOGIN, readablePassword: false },
    onvifDeps({ guard: new CredentialGuard(systemClock) }),
  );
  const { length } = simulated.doorman.readable;
  await t.rejects(careful.identity(signal), { code: 'onvif.unauthorized' });
  t.equal(simulated.doorman.readable.length, length, 'but not where nobody has allowed it');
});

t.test('a user without the right is told from a wrong password', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { login: LOGIN });
  await camera.identity(signal);
  simulated.faults.refuse.SystemReboot = ['env:Sender', 'ter:NotAuthorized'];
  await t.rejects(camera.reboot(signal), { code: 'onvif.forbidden' });
  t.match(await camera.identity(signal), { serial: 'SIM0001' }, 'and shuts nothing else');
});

t.test('C24: no error shows a login, nor what the camera sent', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { login: LOGIN });
  await camera.facts(signal);
  simulated.faults.raw.GetNTP = `<x>${LOGIN.password} secret-of-the-camera</x>`;
  const error = await camera.ntp(signal).catch((caught: unknown) => caught);
  t.ok(error instanceof BoxError);
  t.notMatch(JSON.stringify(error) + String(error), /secret-of|w\u00F6rd|admin/);
});
