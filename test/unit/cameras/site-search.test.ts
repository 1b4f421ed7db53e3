import t from 'tap';
import { NOBODY } from '../../../firmware/cameras/identity.ts';
import { ownersOf, type KnownCamera } from '../../../firmware/cameras/site-search.ts';
import type { FoundDevice } from '../../../firmware/onvif/index.ts';

function device(address: string, port: number, more: Partial<FoundDevice> = {}): FoundDevice {
  const xaddrs = [new URL(`http://${address}:${port}/onvif/device_service`).href];
  return { endpoint: `urn:uuid:${address}-${port}`, address, xaddrs, types: [], scopes: [], ...more };
}

function camera(id: string, parts: Partial<KnownCamera> = {}): KnownCamera {
  return { id, onvifHost: '', streamHosts: [], identity: NOBODY, ...parts };
}

const idsOf = (devices: readonly FoundDevice[], cameras: readonly KnownCamera[]): (string | undefined)[] => {
  const owners = ownersOf(devices, cameras);
  return devices.map((each) => owners.get(each));
};

t.test('a camera that was added by its stream is recognised by its host', async (t) => {
  const [found] = [device('10.0.0.5', 80)];
  t.strictSame(idsOf([found], [camera('yard', { streamHosts: ['10.0.0.5', '10.0.0.5'] })]), ['yard']);
  t.strictSame(idsOf([found], [camera('yard', { streamHosts: ['10.0.0.6'] })]), [undefined]);
});

t.test('where several stand at one host, it says nothing', async (t) => {
  const here = { streamHosts: ['10.0.0.5'] };
  const [one, other] = [device('10.0.0.5', 80), device('10.0.0.5', 8001)];
  t.strictSame(idsOf([one], [camera('a', here), camera('b', here)]), [undefined], 'several cameras');
  t.strictSame(idsOf([one, other], [camera('a', here)]), [undefined, undefined], 'several devices');
  const known = camera('a', { ...here, onvifHost: '10.0.0.5' });
  t.strictSame(idsOf([one, other], [known]), ['a', undefined], 'the port of the device service decides');
  t.strictSame(idsOf([other], [known]), [undefined]);
});

t.test('its identity comes before everything else', async (t) => {
  const found = device('10.0.0.5', 80, { mac: '02:00:00:00:00:01' });
  const moved = camera('moved', { identity: { ...NOBODY, mac: '02:00:00:00:00:01' }, onvifHost: '10.0.0.9' });
  t.strictSame(idsOf([found], [camera('yard', { onvifHost: '10.0.0.5' }), moved]), ['moved']);
});
