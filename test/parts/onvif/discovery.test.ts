import t, { type Test } from 'tap';
import { BoxError, CredentialGuard, systemClock } from '../../../firmware/base/index.ts';
import { discover, OnvifCamera, type OnvifDeps } from '../../../firmware/onvif/index.ts';
import { OnvifCamera as SimulatedCamera } from '../../support/onvif-camera/onvif-camera.ts';
import { networkTurn } from '../../support/network-turn.ts';

const LOOPBACK = { interfaces: ['lo'], durationMs: 1500 };

function makeDeps(): OnvifDeps {
  return { clock: systemClock, guard: new CredentialGuard(systemClock), connectGuard: () => undefined };
}

async function makeCamera(t: Test, ...options: Parameters<typeof SimulatedCamera.start>): Promise<SimulatedCamera> {
  const camera = await SimulatedCamera.start(...options);
  t.teardown(() => camera.stop());
  return camera;
}

t.setTimeout(300_000);

await networkTurn(t);

t.test('a camera is found by its answer to a probe, once, and told of at once', async (t) => {
  const camera = await makeCamera(t, { discoverable: true });
  camera.discovery.faults = { repeat: 3 };
  const told: string[] = [];
  const { devices, interfaces } = await discover(
    { ...LOOPBACK, onFound: ({ endpoint }) => told.push(endpoint) },
    makeDeps(),
  );
  t.match(devices, [
    {
      endpoint: camera.identity.endpoint,
      xaddrs: [camera.url],
      address: '127.0.0.1',
      interface: 'lo',
      name: 'Yard dome',
      hardware: 'Dome 1',
      location: 'yard',
      mac: '02:00:00:00:00:01',
    },
  ]);
  t.equal(devices.length, 1);
  t.same(told, [camera.identity.endpoint]);
  t.same(interfaces, ['lo']);
});

t.test('B21: cameras that miss the first probe, or answer only one form, are found', async (t) => {
  const camera = await makeCamera(t, { discoverable: true });
  camera.discovery.faults = { missFirst: 3, onlyType: 'Device' };
  const { devices } = await discover(LOOPBACK, makeDeps());
  t.equal(devices.length, 1);
});

t.test('a range is asked address by address, and what the guard refuses is not', async (t) => {
  const camera = await makeCamera(t, { discoverable: true });
  const asked: string[] = [];
  const connectGuard: OnvifDeps['connectGuard'] = ({ address }) => {
    asked.push(address);
    if (address === '127.0.0.2') throw new BoxError('onvif.forbidden');
  };
  const search = { interfaces: [], ranges: ['127.0.0.1-2'], durationMs: 1500 };
  const { devices, refused } = await discover(search, { ...makeDeps(), connectGuard });
  t.equal(devices[0]?.endpoint, camera.identity.endpoint);
  t.same([...new Set(asked)], ['127.0.0.1', '127.0.0.2']);
  t.same(refused, ['127.0.0.2']);
  await t.rejects(discover({ ranges: ['10.0.0.0/8'] }, makeDeps()), { code: 'onvif.bad-range' });
});

t.test('a search ends with its signal, with what it found', async (t) => {
  await makeCamera(t, { discoverable: true });
  const ending = new AbortController();
  const search = { interfaces: ['lo'], durationMs: 600_000, signal: ending.signal, onFound: () => ending.abort() };
  const { devices } = await discover(search, makeDeps());
  t.equal(devices.length, 1);
});

t.test('22. an answer made to harm costs nothing but itself', async (t) => {
  const hostile = await makeCamera(t, { discoverable: true });
  const honest = await makeCamera(t, {
    discoverable: true,
    identity: { endpoint: 'urn:uuid:22222222-2222-3333-4444-555555555555', mac: '02:00:00:00:00:02' },
  });
  hostile.discovery.faults = {
    raw: '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><Envelope><Body>&d;</Body></Envelope>',
  };
  const { devices, unreadable } = await discover(LOOPBACK, makeDeps());
  t.same(
    devices.map(({ endpoint }) => endpoint),
    [honest.identity.endpoint],
  );
  t.ok(unreadable > 0);
});

t.test('42. a host that makes up thousands of devices keeps no other camera out of the list', async (t) => {
  const [flooding, honest] = [
    await makeCamera(t, { discoverable: true, host: '127.0.0.2' }),
    await makeCamera(t, { discoverable: true }),
  ];
  let made = 0;
  const match = (): string =>
    `<d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:${++made}</a:Address></a:EndpointReference><d:Types>NetworkVideoTransmitter</d:Types><d:XAddrs>http://127.0.0.2:${made % 60_000}/onvif/${made}</d:XAddrs></d:ProbeMatch>`;
  const raw = (): string => {
    const matches = Array.from({ length: 32 }, match).join('');
    // The flood is over before the camera beside it answers: what is lost on a full wire is another matter.
    if (made > 5000) flooding.discovery.faults = { silent: true };
    return `<Envelope xmlns:a="a" xmlns:d="d"><Body><d:ProbeMatches>${matches}</d:ProbeMatches></Body></Envelope>`;
  };
  flooding.discovery.faults = { repeat: 100, raw };
  // Only what comes after the flood shows that there is room left.
  honest.discovery.faults = { missFirst: 3 };
  const ending = new AbortController();
  const onFound = ({ address }: { address: string }): void => {
    if (address === honest.host) ending.abort();
  };
  const search = { interfaces: ['lo'], durationMs: 60_000, signal: ending.signal, onFound };
  const { devices } = await discover(search, makeDeps());
  const theirs = devices.filter(({ address }) => address === flooding.host).length;
  t.ok(made > 5000, `${made} were made up`);
  t.ok(theirs > 0 && theirs <= 64, `${theirs} of them are listed`);
  t.ok(
    devices.some(({ address }) => address === honest.host),
    'the camera beside them is found',
  );
});

t.test('what a camera says of itself', async (t) => {
  const login = { user: 'admin', password: 'p&<ss"w\u00F6rd' };
  const simulated = await makeCamera(t, { login, clockOffsetMs: -3_600_000 });
  const camera = new OnvifCamera({ address: simulated.url, credentials: login }, makeDeps());
  const signal = new AbortController().signal;
  const { address, services, clock } = await camera.facts(signal);
  t.equal(address, simulated.url);
  t.ok(services.includes('device'));
  t.ok(Math.abs((clock.offsetMs ?? 0) + 3_600_000) < 30_000, 'an hour behind');
  t.match(await camera.identity(signal), {
    manufacturer: 'Simulated',
    model: 'Dome 1',
    serial: 'SIM0001',
    macs: ['02:00:00:00:00:01'],
    endpoint: simulated.identity.endpoint,
    name: 'Yard dome',
  });
  t.equal(simulated.doorman.wrong, 0, 'A36: signed in the time of the camera');
});
