import t, { type Test } from 'tap';
import { Box, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { OnvifCamera } from '../support/onvif-camera/onvif-camera.ts';
import type { OnvifCameraOptions } from '../support/onvif-camera/state.ts';
import { networkTurn } from '../support/network-turn.ts';

const LOGIN = { user: 'admin', password: 'a long secret' };
const MOTION = 'tns1:VideoSource/MotionAlarm';
const WAIT_MS = 90_000;

interface Standing {
  readonly camera: string;
  readonly trust: string;
  readonly changes: { field: string; found: string }[];
  readonly identity: { serial: string; mac: string };
  readonly onvif?: { address: string; phase: string; events: string; clockSource?: string; error?: { code: string } };
}

interface Added {
  readonly added: { address: string; camera?: string; error?: { code: string } }[];
}

/** A camera that is found by ONVIF and sends real video. */
async function makeCamera(t: Test, farm: CameraFarm, more: Partial<OnvifCameraOptions> = {}): Promise<OnvifCamera> {
  const camera = await OnvifCamera.start({
    login: LOGIN,
    discoverable: true,
    profiles: [
      {
        token: 'P1',
        name: 'main',
        codec: 'H264',
        width: 640,
        height: 360,
        fps: 25,
        bitrateKbps: 1000,
        movable: true,
        streamUrl: farm.url('a'),
      },
    ],
    ...more,
  });
  t.teardown(() => camera.stop());
  return camera;
}

async function makeFarm(t: Test): Promise<CameraFarm> {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', auth: { ...LOGIN } }] });
  t.teardown(() => farm.stop());
  return farm;
}

function untilStanding(box: Box, what: string, wanted: (standing: Standing) => boolean): Promise<Standing> {
  const look = async (): Promise<Standing | undefined> => {
    const [first] = await box.call<Standing[]>('cameras.standing');
    return first && wanted(first) ? first : undefined;
  };
  return until(what, look, () => box.output.slice(-2000), WAIT_MS);
}

async function add(box: Box, camera: OnvifCamera, more: Record<string, unknown> = {}): Promise<Added> {
  const { user: username, password } = LOGIN;
  return box.call('cameras.add-many', { cameras: [{ address: camera.url }], username, password, ...more });
}

await networkTurn(t);

t.test(
  'a camera is found, added with one password, recorded on motion, and the event is on its timeline',
  async (t) => {
    const farm = await makeFarm(t);
    const camera = await makeCamera(t, farm);
    const box = await Box.start(t, { settings: { cameras: [] } });
    const { found } = await box.call<{ found: { xaddrs: string[]; camera?: string }[] }>('cameras.discover', {
      seconds: 3,
    });
    t.match(found, [{ xaddrs: [camera.url] }]);
    t.equal(found[0]?.camera, undefined);
    const { added } = await add(box, camera, { mode: 'event' });
    t.match(added, [{ address: camera.url, camera: /^[a-z0-9-]+$/ }]);
    const id = added[0]!.camera!;
    await untilStanding(box, 'heard', ({ onvif }) => onvif?.phase === 'online' && onvif.events === 'listening');
    await box.untilCamera(id, 'playing', ({ connection }) => connection === 'playing', WAIT_MS);
    camera.events.tell(camera, { topic: MOTION, source: [['Source', 'VS1']], data: [['State', 'true']] });
    await box.untilCamera(
      id,
      'recording',
      ({ recording, because }) => recording === 'recording' && because === 'event',
      WAIT_MS,
    );
    camera.events.tell(camera, { topic: MOTION, source: [['Source', 'VS1']], data: [['State', 'false']] });
    const day = { from: new Date(Date.now() - 3600e3).toISOString(), to: new Date(Date.now() + 3600e3).toISOString() };
    const events = await until('the end of the motion', async () => {
      const list = await box.call<{ events: { kind: string; active: boolean }[] }>('events.list', {
        camera: id,
        ...day,
      });
      return list.events.some(({ kind, active }) => kind === 'motion' && !active) ? list : undefined;
    });
    t.match(events, { events: [{ kind: 'motion', source: 'VS1' }], counts: { motion: { events: 1 } } });
    const again = await box.call<{ found: { camera?: string }[] }>('cameras.discover', { seconds: 2 });
    t.equal(again.found[0]?.camera, id, 'it is known now');
    t.match((await add(box, camera)).added, [{ error: { code: 'cameras.already-there' } }]);
    t.equal(camera.doorman.wrong, 0);
  },
);

t.test('a wrong password is tried once, says so, and keeps no other camera out', async (t) => {
  const farm = await makeFarm(t);
  const right = await makeCamera(t, farm);
  const identity = {
    serial: 'other',
    mac: '02:00:00:00:00:02',
    endpoint: 'urn:uuid:00000000-0000-4000-8000-000000000002',
  };
  const wrong = await makeCamera(t, farm, { login: { ...LOGIN, password: 'another secret' }, identity });
  const box = await Box.start(t, { settings: { cameras: [] } });
  const { user: username, password } = LOGIN;
  const cameras = [
    { address: wrong.url },
    { address: right.url },
    { address: 'http://203.0.113.9/onvif/device_service' },
  ];
  for (let n = 0; n < 3; n++) {
    const { added } = await box.call<Added>('cameras.add-many', { cameras, username, password });
    t.equal(added[0]?.error?.code, 'onvif.unauthorized');
    t.equal(added[2]?.error?.code, 'cameras.address-refused', '18. outside the camera networks');
    if (n === 0) t.type(added[1]?.camera, 'string');
  }
  t.ok(wrong.doorman.wrong <= 2, `${wrong.doorman.wrong} attempts that could lock the account`);
});

t.test('33. a camera that becomes another one is recorded and not trusted, until somebody confirms it', async (t) => {
  const farm = await makeFarm(t);
  const camera = await makeCamera(t, farm);
  const box = await Box.start(t, { settings: { cameras: [] } });
  const id = (await add(box, camera)).added[0]!.camera!;
  await untilStanding(box, 'known', ({ trust, onvif }) => trust === 'trusted' && onvif?.phase === 'online');
  // Somebody puts another device in its place, with the same address and password, and starts the box again meanwhile.
  await box.stop();
  const former = camera.identity;
  camera.identity = { ...former, serial: 'EVIL-1', mac: '02:00:00:00:00:66' };
  await box.run();
  const changed = await untilStanding(box, 'untrusted', ({ trust }) => trust === 'untrusted');
  t.match(changed.changes, [
    { field: 'serial', found: 'EVIL-1' },
    { field: 'mac', found: '02:00:00:00:00:66' },
  ]);
  const status = await box.untilCamera(
    id,
    'recorded all the same',
    ({ recording }) => recording === 'recording',
    WAIT_MS,
  );
  t.match(status, { untrusted: true });
  const { problems } = await box.status();
  t.ok(problems.some(({ code, subject }) => code === 'cameras.changed-identity' && subject === `camera/${id}`));
  const reboots = camera.reboots;
  await t.rejects(box.call('cameras.reboot', { camera: id }), 'it is told nothing');
  t.equal(camera.reboots, reboots);
  const untrusted = { code: 1, stderr: /is not the one that was added/ };
  t.match(await box.cli(['cameras', 'test', id]), untrusted, 'nor does a test give it the login');
  // A return of the former one, or another start, confirms nothing.
  await box.stop();
  t.match(await box.cli(['cameras', 'test', id]), untrusted, 'nor while the box is stopped');
  camera.identity = former;
  await box.run();
  await untilStanding(box, 'still untrusted', ({ trust, onvif }) => trust === 'untrusted' && onvif?.phase === 'online');
  await box.call('cameras.confirm', { camera: id });
  await untilStanding(
    box,
    'trusted',
    ({ trust, identity }) => trust === 'trusted' && identity.serial === former.serial,
  );
  t.notOk((await box.status()).problems.some(({ code }) => code === 'cameras.changed-identity'));
});

t.test('a camera that gets another address is followed by its identity', async (t) => {
  const farm = await makeFarm(t);
  const camera = await makeCamera(t, farm);
  const box = await Box.start(t, { settings: { cameras: [] } });
  await add(box, camera);
  const { onvif } = await untilStanding(
    box,
    'known',
    (each) => each.trust === 'trusted' && each.onvif?.phase === 'online',
  );
  await camera.goAway();
  await box.stop();
  // The same device behind another address; its discovery answers with the new one.
  camera.port = 0;
  await camera.listen();
  await box.run();
  const moved = await untilStanding(
    box,
    'followed',
    (each) => each.onvif?.phase === 'online' && each.onvif.address !== onvif?.address,
  );
  t.equal(moved.onvif?.address, camera.url);
  t.equal(camera.doorman.wrong, 0);
});

t.test('a camera is steered, its move ends by itself, and its clock is set', async (t) => {
  const farm = await makeFarm(t);
  const camera = await makeCamera(t, farm, { clockOffsetMs: -3_600_000 });
  const box = await Box.start(t, { settings: { cameras: [] } });
  const id = (await add(box, camera)).added[0]!.camera!;
  await untilStanding(box, 'online', ({ onvif }) => onvif?.phase === 'online');
  await box.call('ptz.move', { camera: id, pan: 1, seconds: 0.5 });
  t.match(await box.call('ptz.state', { camera: id }), { steering: { mine: true } });
  await until('the end of the move', async () => {
    const { moving } = await box.call<{ moving: boolean }>('ptz.state', { camera: id });
    return moving ? undefined : true;
  });
  t.ok(camera.seen.includes('Stop'), 'the box told it to stop');
  const { preset } = await box.call<{ preset: string }>('ptz.preset.set', { camera: id, name: 'Gate' });
  t.match(await box.call('ptz.presets', { camera: id }), [{ preset, name: 'Gate' }]);
  await box.call('ptz.goto', { camera: id, preset });
  await box.call('ptz.preset.remove', { camera: id, preset });
  t.strictSame(await box.call('ptz.presets', { camera: id }), []);
  const before = await box.call<{ offsetS: number }>('cameras.clock', { camera: id });
  t.ok(before.offsetS < -3500, `${before.offsetS} s off`);
  const after = await box.call<{ offsetS: number }>('cameras.clock', { camera: id, set: 'now' });
  t.ok(Math.abs(after.offsetS) < 30, `${after.offsetS} s off`);
  await t.rejects(box.call('cameras.clock', { camera: id, set: 'ntp' }), 'there is no time server to follow');
  await box.call('cameras.clock', { camera: id, set: 'ntp', server: 'time.example.net' });
  t.match(camera, { timeMode: 'NTP', ntp: { fromDhcp: false, servers: ['time.example.net'] } });
  const { jpeg } = await box.call<{ jpeg: string }>('cameras.snapshot', { camera: id });
  t.match(Buffer.from(jpeg, 'base64').toString('hex'), /^ffd8ff/);
  const relays = await box.call<{ relay: string }[]>('cameras.relays', { camera: id });
  await box.call('cameras.relay', { camera: id, relay: relays[0]!.relay, active: true });
  t.strictSame([...camera.relays.values()], [true]);
  await box.call('cameras.reboot', { camera: id });
  t.equal(camera.reboots, 1);
});

t.test('cameras are told to follow the time server of the settings, once', async (t) => {
  const farm = await makeFarm(t);
  const camera = await makeCamera(t, farm, { clockOffsetMs: -3_600_000 });
  const terminals = { clock: 'ntp', ntpServer: '192.0.2.123' };
  const box = await Box.start(t, { settings: { cameras: [], terminals } });
  await add(box, camera);
  await until('the time server', async () => (camera.timeMode === 'NTP' ? true : undefined));
  t.strictSame(camera.ntp, { fromDhcp: false, servers: ['192.0.2.123'] });
  // It cannot reach the server, so its clock stays wrong: that is said, and it is not told again at each look.
  const wrong = ({ code, subject }: { code: string; subject: string }): boolean =>
    code === 'cameras.clock-off' && subject.startsWith('camera/');
  await box.untilStatus('the wrong clock is a problem', ({ problems }) => problems.some(wrong));
  await untilStanding(box, 'heard', ({ onvif }) => onvif?.events === 'listening');
  const asked = camera.count('GetNTP');
  camera.events.forgetAll();
  await until('another look', async () => (camera.count('GetNTP') > asked ? true : undefined));
  await untilStanding(box, 'by the time server', ({ onvif }) => onvif?.clockSource === 'ntp');
  t.equal(camera.count('SetNTP'), 1);
});

t.test('a wrong clock is a problem that says by what it is mended, and is mended by that', async (t) => {
  const farm = await makeFarm(t);
  const camera = await makeCamera(t, farm, { clockOffsetMs: -3_600_000 });
  const box = await Box.start(t, { settings: { cameras: [] } });
  const id = (await add(box, camera)).added[0]!.camera!;
  const isIt = ({ code, subject }: { code: string; subject: string }): boolean =>
    code === 'cameras.clock-off' && subject === `camera/${id}`;
  const { problems } = await box.untilStatus('the problem', (status) => status.problems.some(isIt));
  const [repair] = problems.find(isIt)!.repairs;
  t.match(repair, { id: 'set-clock', operation: 'cameras.clock', right: 'cameras', input: { camera: id } });
  t.match((await box.cli(['status'])).stdout, /In the window: Set the clock of the camera\./);
  await box.call(repair!.operation, repair!.input);
  await untilStanding(box, 'heard', ({ onvif }) => onvif?.events === 'listening');
  camera.events.forgetAll();
  await box.untilStatus('no problem any more', (status) => !status.problems.some(isIt));
});

t.test('a camera of the box is tested by its name, with the login that it has', async (t) => {
  const farm = await makeFarm(t);
  const login = { username: LOGIN.user, password: LOGIN.password };
  const streams = [{ id: 'main', url: farm.url('a') }];
  const box = await Box.start(t, { settings: { cameras: [{ id: 'gate', name: 'Front gate', ...login, streams }] } });
  const words = ['cameras', 'test', 'gate', '--seconds', '2'];
  t.match(await box.ask(...words), { reachable: true, video: { codec: 'H.264' } });
  t.match(await box.cli(['cameras', 'test', 'Front gate', '--seconds', '2']), { code: 0, stdout: /H\.264/ });
  t.match(await box.cli([...words, '--stream', 'sub']), { code: 1, stderr: /no stream of this name/ });
  t.match(await box.cli(['cameras', 'test', 'nobody']), { code: 1 });
  const mixed = { camera: 'gate', url: farm.url('a') };
  await t.rejects(box.call('cameras.test', mixed), 'one of them');
  await t.rejects(box.call('cameras.test', { camera: 'gate', ...login }), 'a login that somebody else chose');
  await box.stop();
  t.match(await box.ask(...words), { reachable: true }, 'also while the box is stopped');
  t.equal(farm.camera('a').gate.wrongPasswords, 0);
});

t.test('42. a camera that answers with garbage or not at all costs the others nothing', async (t) => {
  const farm = await makeFarm(t);
  const good = await makeCamera(t, farm);
  const box = await Box.start(t, { settings: { cameras: [] } });
  const id = (await add(box, good)).added[0]!.camera!;
  await box.untilCamera(id, 'recording', ({ recording }) => recording === 'recording', WAIT_MS);
  const identity = {
    serial: 'bad',
    mac: '02:00:00:00:00:03',
    endpoint: 'urn:uuid:00000000-0000-4000-8000-000000000003',
  };
  const bad = await makeCamera(t, farm, { identity });
  bad.faults.raw = { GetDeviceInformation: '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>' };
  t.match((await add(box, bad)).added, [{ error: { code: /^onvif\./ } }]);
  bad.faults.raw = { GetDeviceInformation: '<'.repeat(5_000_000) };
  t.match((await add(box, bad)).added, [{ error: { code: /^onvif\./ } }]);
  const standing = await untilStanding(box, 'the good one', ({ onvif }) => onvif?.phase === 'online');
  t.equal(standing.trust, 'trusted');
  t.match(await box.untilCamera(id, 'recording', ({ recording }) => recording === 'recording'), { packetsLost: 0 });
});

t.test(
  '33. another certificate of an encrypted stream is an alarm, and the camera is recorded all the same',
  async (t) => {
    const first = await CameraFarm.start({ cameras: [{ path: 'a', auth: { ...LOGIN } }], tls: true });
    const url = first.url('a', { tls: true });
    const login = { username: LOGIN.user, password: LOGIN.password };
    const settings = { cameras: [{ id: 'gate', ...login, streams: [{ id: 'main', url }] }] };
    const box = await Box.start(t, { settings });
    await untilStanding(box, 'its certificate remembered', ({ trust }) => trust === 'trusted');
    await box.untilCamera('gate', 'recording', ({ recording }) => recording === 'recording', WAIT_MS);
    await box.stop();
    await first.stop();
    // A farm has a certificate of its own each time it starts.
    const second = await CameraFarm.start({ cameras: [{ path: 'a', auth: { ...LOGIN } }], tls: true });
    t.teardown(() => second.stop());
    const patch = { cameras: { gate: { streams: { main: { url: second.url('a', { tls: true }) } } } } };
    await box.run();
    await box.call('config.set', { patch });
    const changed = await untilStanding(box, 'untrusted', ({ trust }) => trust === 'untrusted');
    t.match(changed.changes, [{ field: 'streamCertificate', found: /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/ }]);
    const state = await box.untilCamera('gate', 'recording', ({ recording }) => recording === 'recording', WAIT_MS);
    t.equal(state.untrusted, true);
    await box.call('cameras.confirm', { camera: 'gate' });
    await untilStanding(box, 'trusted', ({ trust }) => trust === 'trusted');
  },
);

t.test('cameras without ONVIF are added by their streams, and come and go as a table', async (t) => {
  const farm = await makeFarm(t);
  const box = await Box.start(t, { settings: { cameras: [] } });
  const { user: username, password } = LOGIN;
  const cameras = [{ address: farm.url('a'), name: 'Gate' }, { address: 'rtsp://169.254.169.254/latest' }];
  const { added } = await box.call<Added>('cameras.add-many', { cameras, username, password, groups: ['Yard'] });
  t.match(added, [{ camera: 'gate' }, { error: { code: 'cameras.address-refused' } }]);
  await box.untilCamera('gate', 'recording', ({ recording }) => recording === 'recording', WAIT_MS);
  const { csv } = await box.call<{ csv: string }>('cameras.export');
  t.notMatch(csv, LOGIN.password);
  const changed = csv.replace('Gate', '=Main gate').replace('Yard', 'Yard; North');
  t.match(await box.call('cameras.import', { csv: changed }), { added: 0, changed: 1 });
  t.match(await box.call('cameras.standing'), [{ name: '=Main gate', groups: ['Yard', 'North'] }]);
  const again = await box.call<{ csv: string }>('cameras.export');
  t.match(again.csv, "'=Main gate", '24. no formula for whoever opens it');
  await box.untilCamera(
    'gate',
    'still playing: its password is kept',
    ({ connection }) => connection === 'playing',
    WAIT_MS,
  );
});
