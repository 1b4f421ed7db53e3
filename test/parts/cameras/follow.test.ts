import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { NOBODY } from '../../../firmware/cameras/identity.ts';
import { CameraRegistry, EventBook, EventIntake, SiteSearch, TrustBook } from '../../../firmware/cameras/index.ts';
import { replaceFile, SettingsStore } from '../../../firmware/config/index.ts';
import { networkTurn } from '../../support/network-turn.ts';
import { OnvifCamera } from '../../support/onvif-camera/onvif-camera.ts';
import type { OnvifCameraOptions } from '../../support/onvif-camera/state.ts';
import { onvifDeps } from '../../support/onvif-lab.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';

const LOGIN = { user: 'admin', password: 'a long secret' };
const WHO = { serial: 'SN-1', mac: '02:00:00:00:03:01', endpoint: 'urn:uuid:00000000-0000-4000-8000-000000000301' };
const WAS = 'http://127.0.0.1:9/onvif/device_service';

t.setTimeout(300_000);

await networkTurn(t);

/** A box whose only camera does not answer any more, and something on the network that says it is that camera. */
async function siteWith(t: Test, options: OnvifCameraOptions) {
  const found = await OnvifCamera.start({ host: '127.0.0.3', discoverable: true, login: LOGIN, ...options });
  t.teardown(() => found.stop());
  const folder = await tempFolder(t);
  const { user: username, password } = LOGIN;
  const streams = [{ id: 'main', url: 'rtsp://127.0.0.1:9/main' }];
  const camera = { id: 'gate', username, password, onvif: { url: WAS }, identity: WHO, streams };
  await writeFile(join(folder, 'settings.json'), JSON.stringify({ cameras: [camera] }));
  const store = await SettingsStore.open(folder);
  const onvif = onvifDeps();
  const { clock } = onvif;
  const book = new EventBook({ folder, clock, keepDays: () => 1, trouble: () => undefined, log: () => undefined });
  const intake = new EventIntake({ book, kindsOf: () => [], record: () => undefined });
  const search = new SiteSearch({
    onvif,
    interfaces: ['lo'],
    ranges: () => [],
    cameras: () => [{ id: 'gate', onvifHost: '127.0.0.1:9', streamHosts: [], identity: NOBODY }],
  });
  const told: string[] = [];
  let failures = 0;
  const registry = new CameraRegistry({
    store,
    onvif,
    trust: new TrustBook({ folder, replaceFile, failed: (error) => t.fail(String(error)) }),
    book,
    intake,
    search,
    problem: (_code, _camera, context) => void (context && failures++),
    tell: (event) => told.push(event),
  });
  await registry.start();
  t.teardown(() => registry.stop());
  /** It was asked, and what came of it is done. */
  const asked = async (operation: string): Promise<void> => {
    await until(() => found.count(operation) > 0);
    const before = failures;
    await until(() => failures > before || told.includes('camera.moved'));
  };
  return { found, told, asked, url: () => store.settings.cameras[0]!.onvif.url };
}

t.test('33. a device that says it is the camera and wants to read its password gets none', async (t) => {
  const { found, asked, url } = await siteWith(t, { identity: WHO });
  found.faults.asksReadable = true;
  await asked('GetDeviceInformation');
  t.strictSame(found.doorman.readable, []);
  t.equal(url(), WAS, 'and nothing follows it');
});

t.test('33. a device with the interface of the camera but another serial number is not followed', async (t) => {
  const { asked, url } = await siteWith(t, { identity: { ...WHO, serial: 'OTHER' } });
  await asked('GetEndpointReference');
  t.equal(url(), WAS);
});

t.test('the camera itself is followed', async (t) => {
  const { found, asked, url } = await siteWith(t, { identity: WHO });
  await asked('GetEndpointReference');
  t.equal(url(), found.url);
});
