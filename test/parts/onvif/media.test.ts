import t from 'tap';
import { onvifLab } from '../../support/onvif-lab.ts';
import type { SimulatedProfile } from '../../support/onvif-camera/state.ts';

const LOGIN = { user: 'admin', password: 'secret' };
const MAIN: SimulatedProfile = {
  token: '000',
  name: 'MediaProfile000',
  codec: 'H265',
  width: 2560,
  height: 1440,
  fps: 20,
  bitrateKbps: 4096,
  streamUrl: 'rtsp://127.0.0.1:5050/cam/realmonitor?channel=1&subtype=0',
};
const profile = (parts: Partial<SimulatedProfile>): SimulatedProfile => ({ ...MAIN, codec: 'H264', ...parts });

t.test('profiles become a main and a sub stream', async (t) => {
  const profiles = [
    profile({ token: '2', name: 'third', width: 320, height: 176, streamUrl: 'rtsp://127.0.0.1/3' }),
    profile({ token: '1', name: 'jpeg', codec: 'JPEG', width: 3840, height: 2160, streamUrl: 'rtsp://127.0.0.1/4' }),
    profile({ token: 'sub', width: 704, height: 396, streamUrl: 'rtsp://127.0.0.1/2' }),
    MAIN,
  ];
  const { camera, signal } = await onvifLab(t, { profiles });
  const streams = await camera.media.streams(signal);
  t.match(streams.main, { token: '000', codec: 'H265', url: MAIN.streamUrl, fps: 20, bitrateKbps: 4096, gop: 40 });
  t.match(streams.sub, { token: 'sub', url: 'rtsp://127.0.0.1/2' });
  t.same(
    streams.profiles.map(({ token }) => token),
    ['000', 'sub', '2', '1'],
  );
});

t.test('A40: either media service will do, and together they show all', async (t) => {
  const profiles = [MAIN, profile({ token: '001', width: 640, height: 360, streamUrl: 'rtsp://127.0.0.1/2' })];
  const both = await onvifLab(t, { profiles });
  t.equal((await both.camera.media.streams(both.signal)).main?.codec, 'H265', 'which Media1 hides');
  const older = await onvifLab(t, { profiles, services: ['device', 'media', 'events'] });
  t.equal((await older.camera.media.streams(older.signal)).main?.token, '001');
  const newer = await onvifLab(t, { profiles, services: ['device', 'media2', 'events'] });
  t.match(await newer.camera.media.streams(newer.signal), { main: { token: '000' }, sub: { token: '001' } });
  const broken = await onvifLab(t, { profiles });
  broken.simulated.faults.refuse.GetStreamUri = ['env:Receiver', 'ter:ActionNotSupported'];
  await t.rejects(broken.camera.media.streams(broken.signal), { code: 'onvif.not-supported' });
  const none = await onvifLab(t, { services: ['device', 'events'] });
  await t.rejects(none.camera.media.streams(none.signal), { code: 'onvif.not-supported' });
});

t.test('A42: the address of a stream is repaired and freed of its login', async (t) => {
  const cases = [
    ['\n  rtsp://127.0.0.1:554/a?b=1&amp;c=2  ', 'rtsp://127.0.0.1:554/a?b=1&c=2'],
    ['rtsp://user:pa@127.0.0.1/a b', 'rtsp://127.0.0.1/a%20b'],
    ['rtsp://192.168.1.64:8554/main', 'rtsp://127.0.0.1:8554/main'],
    ['rtsp://0.0.0.0/live', 'rtsp://127.0.0.1/live'],
  ] as const;
  for (const [streamUrl, expected] of cases) {
    const { camera, signal } = await onvifLab(t, { profiles: [profile({ streamUrl })] });
    t.equal((await camera.media.streams(signal)).main?.url, expected);
  }
  const odd = await onvifLab(t, { profiles: [profile({ streamUrl: 'file:///etc/passwd' })] });
  await t.rejects(odd.camera.media.streams(odd.signal), { code: 'onvif.bad-answer' });
});

t.test('a device with several pictures is asked for each', async (t) => {
  const profiles = [
    profile({ token: 'a', videoSource: 'VS1' }),
    profile({ token: 'b', videoSource: 'VS2', width: 1280, height: 720, streamUrl: 'rtsp://127.0.0.1/b' }),
  ];
  const { camera, signal } = await onvifLab(t, { profiles });
  const first = await camera.media.streams(signal);
  t.equal(first.main?.token, 'a');
  t.equal(first.sub, undefined, 'another picture is no sub stream');
  t.equal((await camera.media.streams(signal, 'VS2')).main?.token, 'b');
});

t.test('A43: a snapshot is fetched with the login that its address wants', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { login: LOGIN });
  const picture = await camera.media.snapshot('Profile_1', signal);
  t.equal(picture.subarray(0, 3).toString('hex'), 'ffd8ff');
  t.equal(simulated.doorman.wrong, 0);
  const page = await onvifLab(t, { snapshot: Buffer.from('<html>no picture</html>') });
  await t.rejects(page.camera.media.snapshot('Profile_1', page.signal), { code: 'onvif.bad-answer' });
});
