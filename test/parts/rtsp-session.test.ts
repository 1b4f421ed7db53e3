import t from 'tap';

import type { BoxError } from '../../firmware/base/index.ts';
import type { CameraTarget } from '../../firmware/rtsp/index.ts';
import type { CameraOptions } from '../support/camera/camera.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { makeDeps, watch, type Watched, type WatchOptions } from '../support/rtsp-watch.ts';

type Test = Pick<typeof t, 'equal' | 'ok' | 'notOk' | 'same'>;

const LOGIN = { user: 'admin', password: 'pä:ss@1' };

interface Case {
  readonly name: string;
  readonly camera?: Omit<CameraOptions, 'path'>;
  readonly target?: Partial<CameraTarget>;
  readonly watch?: WatchOptions;
  /** What must hold beyond "it plays". */
  readonly check?: (t: Test, seen: Watched, farm: CameraFarm, path: string) => void;
  /** Methods that the camera must have seen, so often, before the session is enough. */
  readonly until?: Readonly<Record<string, number>>;
}

const PLAYS: readonly Case[] = [
  {
    name: 'a well-behaved camera',
    camera: { audio: 'aac' },
    watch: { audio: 3 },
    check: (t, seen) => t.same(seen.notes, []),
  },
  { name: 'sound in G.711', camera: { audio: 'pcma' }, watch: { audio: 1 } },
  { name: 'one byte at a time', camera: { faults: { dripBytes: true, paddingBytes: 0 } }, watch: { video: 2 } },
  {
    name: 'junk and line breaks between frames',
    camera: { faults: { junkBytes: 50, junkEvery: 3, lineBreaks: true } },
    watch: { video: 12 },
    check: (t, seen) => t.ok(seen.figures!.junkBytes > 0),
  },
  { name: 'no Content-Base', camera: { faults: { contentBase: 'none' } } },
  { name: 'Content-Location', camera: { faults: { contentBase: 'content-location', strictControl: false } } },
  { name: 'Content-Base without a scheme', camera: { faults: { contentBase: 'no-scheme' } } },
  { name: 'Content-Base with two schemes', camera: { faults: { contentBase: 'doubled-scheme' } } },
  { name: 'Content-Base of another host', camera: { faults: { contentBase: 'other-host' } } },
  { name: 'Content-Base without the port', camera: { faults: { contentBase: 'no-port' } } },
  { name: 'Content-Base in mapped IPv6', camera: { faults: { contentBase: 'mapped-ipv6' } } },
  { name: 'Content-Base of rubbish', camera: { faults: { contentBase: 'rubbish' } } },
  { name: 'a query in the base', camera: { query: 'channel=1&subtype=0', faults: { strictControl: true } } },
  { name: 'absolute controls', camera: { faults: { controls: 'absolute' } } },
  { name: 'shifted channels', camera: { audio: 'aac', faults: { channels: 'shifted' } }, watch: { audio: 2 } },
  { name: 'one channel number', camera: { audio: 'aac', faults: { channels: 'single' } }, watch: { audio: 2 } },
  { name: 'a profile without /TCP', camera: { faults: { channels: 'no-tcp-profile' } } },
  { name: 'frames before PLAY', camera: { faults: { framesBeforePlay: true } } },
  {
    name: 'tracks that nobody asked for',
    camera: { audio: 'aac', metadata: true, faults: { unaskedTracks: true } },
    watch: { video: 10 },
  },
  { name: 'a session id that changes', camera: { audio: 'aac', faults: { sessionId: 'changing' } } },
  {
    name: 'OPTIONS unanswered',
    camera: { faults: { answers: { OPTIONS: 'silence' } } },
    watch: { limits: { connectMs: 200 } },
  },
  { name: 'OPTIONS refused', camera: { faults: { answers: { OPTIONS: 501 } } } },
  { name: 'a wrong CSeq', camera: { faults: { answers: { DESCRIBE: 'wrong-cseq' } } } },
  { name: 'PLAY on the base URL only', camera: { faults: { playUrl: 'base' } } },
  { name: 'PLAY on the plain URL only', camera: { faults: { playUrl: 'plain' } } },
  {
    name: 'requests of the camera',
    camera: { faults: { serverRequest: { method: 'OPTIONS', everyMs: 50 } } },
    watch: { video: 12 },
  },
  { name: 'a demand for User-Agent', camera: { faults: { needsUserAgent: true, needsDescribe: true } } },
  {
    name: 'all tracks must be set up',
    camera: { audio: 'g722', metadata: true, faults: { needsAllTracks: true } },
    target: { allTracks: true },
    check: (t, seen) => t.equal(seen.figures!.tracks.length, 1, 'and only the video is received'),
  },
  {
    name: 'the way to the loudspeaker is never set up',
    camera: { audio: 'aac', backChannel: true },
    target: { allTracks: true },
    watch: { audio: 1 },
    check: (t, _seen, farm, path) => {
      const setups = farm.camera(path).seen.filter(({ method }) => method === 'SETUP');
      t.equal(setups.length, 2);
    },
  },
  { name: 'digest', camera: { auth: { ...LOGIN } }, target: LOGIN },
  {
    name: 'digest with a list of qop',
    camera: { auth: { ...LOGIN, qop: 'auth,auth-int', strictQop: true, opaque: 'x' } },
    target: LOGIN,
  },
  { name: 'SHA-256 only', camera: { auth: { ...LOGIN, schemes: ['sha-256'] } }, target: LOGIN },
  {
    name: 'Basic first in the list',
    camera: { auth: { ...LOGIN, schemes: ['basic', 'md5', 'sha-256'] } },
    target: LOGIN,
    check: (t, seen) => t.notOk(seen.notes.includes('rtsp.basic-login')),
  },
  {
    name: 'Basic only',
    camera: { auth: { ...LOGIN, schemes: ['basic'] } },
    target: LOGIN,
    check: (t, seen) => t.ok(seen.notes.includes('rtsp.basic-login')),
  },
  { name: 'each nonce good for one request', camera: { auth: { ...LOGIN, nonceOnce: true } }, target: LOGIN },
  {
    name: 'a nonce that expires in mid-session, untold',
    camera: { auth: { ...LOGIN, nonceLifeMs: 300, tellStale: false } },
    target: { ...LOGIN, keepAliveMs: 200 },
    until: { GET_PARAMETER: 3 },
    check: (t, _seen, farm, path) => {
      const last = farm.camera(path).seen.filter(({ method, status }) => method === 'GET_PARAMETER' && status === 200);
      t.ok(last.length > 0, 'keep-alives are answered');
      t.equal(farm.camera(path).wrongPasswords, 0);
    },
  },
  { name: 'UDP', camera: { audio: 'aac' }, target: { transport: 'udp' }, watch: { audio: 2 }, check: viaUdp },
  {
    name: 'UDP from another port',
    camera: { faults: { udpOtherPort: true } },
    target: { transport: 'udp' },
    check: viaUdp,
  },
  {
    name: 'UDP out of order',
    camera: { faults: { reorderRate: 0.2 } },
    target: { transport: 'udp' },
    watch: { video: 30 },
    check: viaUdp,
  },
  {
    name: 'auto: UDP refused',
    camera: { faults: { refuseUdp: true } },
    target: { transport: 'auto' },
    check: viaTcpAfterAll,
  },
  { name: 'TCP refused', camera: { faults: { refuseTcp: true } }, check: viaUdp },
  {
    name: 'auto: UDP accepted but mute',
    camera: { faults: { udpMute: true } },
    target: { transport: 'auto' },
    watch: { limits: { udpMs: 300 } },
    check: viaTcpAfterAll,
  },
  {
    name: 'RTCP on the RTP channel',
    camera: { faults: { rtcpOnRtpChannel: true, senderReportMs: 50, byeByMistake: true } },
    watch: { video: 10 },
  },
  {
    name: 'keep-alives refused',
    camera: { faults: { keepAliveAnswer: 501 } },
    target: { keepAliveMs: 1000 },
    until: { GET_PARAMETER: 1, OPTIONS: 2 },
  },
  {
    name: 'only receiver reports count as a sign of life',
    camera: { sessionTimeoutS: 2, faults: { keepAliveBy: 'rtcp' } },
    watch: { video: 80 },
  },
  { name: 'read as it comes while somebody watches', watch: { awake: true, video: 30 } },
];

function viaUdp(t: Test, seen: Watched): void {
  t.equal(seen.transport, 'udp');
}

function viaTcpAfterAll(t: Test, seen: Watched): void {
  t.equal(seen.transport, 'tcp');
  t.ok(seen.notes.includes('rtsp.transport-changed'));
}

interface Failure extends Case {
  readonly code: BoxError['code'];
}

const QUICK = { connectMs: 300, requestMs: 300, mediaMs: 600, teardownMs: 100 };

const FAILS: readonly Failure[] = [
  {
    name: 'a wrong password',
    camera: { auth: { ...LOGIN } },
    target: { user: 'admin', password: 'x' },
    code: 'rtsp.unauthorized',
  },
  { name: 'no password', camera: { auth: { ...LOGIN } }, code: 'rtsp.unauthorized' },
  { name: 'silence', camera: { faults: { silent: true } }, code: 'rtsp.timeout' },
  { name: 'DESCRIBE unanswered', camera: { faults: { answers: { DESCRIBE: 'silence' } } }, code: 'rtsp.timeout' },
  { name: 'SETUP unanswered', camera: { faults: { answers: { SETUP: 'silence' } } }, code: 'rtsp.timeout' },
  { name: 'PLAY unanswered', camera: { faults: { answers: { PLAY: 'silence' } } }, code: 'rtsp.timeout' },
  { name: 'headers without end', camera: { faults: { endlessHeader: true } }, code: 'rtsp.protocol' },
  { name: 'too many clients', camera: { faults: { answers: { SETUP: 453 } } }, code: 'rtsp.too-many-clients' },
  { name: 'forbidden', camera: { faults: { answers: { DESCRIBE: 403 } } }, code: 'rtsp.forbidden' },
  { name: 'an error of the camera', camera: { faults: { answers: { PLAY: 500 } } }, code: 'rtsp.camera-error' },
  { name: 'a path that is not there', target: { url: 'nowhere' }, code: 'rtsp.not-found' },
  { name: 'motion JPEG', camera: { video: 'mjpeg', audio: 'aac' }, code: 'rtsp.codec-unsupported' },
  { name: 'video that stops', camera: { audio: 'aac', faults: { videoStopped: true } }, code: 'rtsp.media-stopped' },
  {
    name: 'a TEARDOWN of the camera',
    camera: { faults: { serverRequest: { method: 'TEARDOWN', everyMs: 300 } } },
    watch: { video: 1000 },
    code: 'rtsp.closed',
  },
  { name: 'a reset', camera: { faults: { resetEveryMs: 300 } }, watch: { video: 1000 }, code: 'rtsp.closed' },
];

function cameraOptions(prefix: string, cases: readonly Case[]): CameraOptions[] {
  return cases.map(({ camera }, index) => ({ ...camera, path: `${prefix}${index}`, staggerMs: 0 }));
}

t.test('sessions', async (t) => {
  const farm = await CameraFarm.start({
    cameras: [...cameraOptions('plays', PLAYS), ...cameraOptions('fails', FAILS)],
  });
  const deps = await makeDeps();
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });

  await t.test('these play', { jobs: 12 }, async (t) => {
    for (const [index, { name, target, watch: options, check, until = {} }] of PLAYS.entries()) {
      const path = `plays${index}`;
      const asked = (wanted: string): number => farm.camera(path).seen.filter(({ method }) => method === wanted).length;
      const heard = (): boolean => Object.entries(until).every(([method, count]) => asked(method) >= count);
      void t.test(name, async (t) => {
        const seen = await watch({ url: farm.url(path), ...target }, deps, { until: heard, ...options });
        t.equal(seen.error, undefined, 'no error');
        t.ok(seen.video >= (options?.video ?? 5), 'video came');
        check?.(t, seen, farm, path);
        t.equal(farm.camera(path).seen.at(-1)?.method, 'TEARDOWN', 'the camera was told');
      });
    }
  });

  await t.test('these fail, with the right words', { jobs: 12 }, async (t) => {
    for (const [index, { name, target, watch: options, code }] of FAILS.entries()) {
      const url = farm.url(`fails${index}`);
      void t.test(name, async (t) => {
        const address = target?.url ? url.replace(/[^/]+$/, target.url) : url;
        const seen = await watch({ ...target, url: address }, deps, { limits: QUICK, ...options });
        t.equal(seen.error?.code, code);
        t.notMatch(JSON.stringify(seen.error), /pä:ss|Digest|nonce/);
      });
    }
  });

  t.equal(deps.pool.usage.inUseBytes, 0, 'every block came back');
  t.ok(farm.sessions.length > 0);
});

t.test('addresses where nothing is', async (t) => {
  const deps = await makeDeps();
  t.teardown(() => deps.beat.stop());
  const farm = await CameraFarm.start({ cameras: [{ path: 'a' }] });
  const url = farm.url('a');
  await farm.stop();
  t.equal((await watch({ url }, deps)).error?.code, 'rtsp.refused');
  t.equal((await watch({ url: 'rtsp://no-such-host.invalid/x' }, deps)).error?.code, 'rtsp.unreachable');
});

t.test('18. two redirects are followed, and never with a readable password to another host', async (t) => {
  const deps = await makeDeps();
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'new' },
      { path: 'old' },
      { path: 'older' },
      { path: 'oldest' },
      { path: 'loop' },
      { path: 'basic', auth: { ...LOGIN, schemes: ['basic'] } },
      { path: 'lure' },
    ],
  });
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });
  const elsewhere = farm.url('basic').replace('127.0.0.1', 'localhost');
  farm.camera('old').faults.set({ redirectTo: farm.url('new') });
  farm.camera('loop').faults.set({ redirectTo: farm.url('loop') });
  farm.camera('lure').faults.set({ redirectTo: elsewhere });
  const followed = await watch({ url: farm.url('old') }, deps);
  t.equal(followed.error, undefined);
  t.same(followed.notes, ['rtsp.redirect-followed']);
  farm.camera('older').faults.set({ redirectTo: farm.url('old') });
  farm.camera('oldest').faults.set({ redirectTo: farm.url('older') });
  t.same((await watch({ url: farm.url('older') }, deps)).notes, ['rtsp.redirect-followed', 'rtsp.redirect-followed']);
  t.equal((await watch({ url: farm.url('oldest') }, deps)).error?.code, 'rtsp.redirected', 'three are too many');
  t.equal((await watch({ url: farm.url('loop') }, deps)).error?.code, 'rtsp.redirected');
  t.equal((await watch({ url: farm.url('lure'), ...LOGIN }, deps)).error?.code, 'rtsp.unauthorized');
  t.equal(
    farm.camera('basic').seen.every(({ headers }) => !headers.has('authorization')),
    true,
  );
});

t.test('rtsps', async (t) => {
  const deps = await makeDeps();
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', audio: 'aac', auth: { ...LOGIN } }], tls: true });
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });
  const url = farm.url('a', { tls: true });
  const trusted = await watch({ url, ...LOGIN, verifyTls: false }, deps, { video: 20, audio: 3 });
  t.equal(trusted.error, undefined);
  t.equal((await watch({ url, ...LOGIN }, deps)).error?.code, 'rtsp.tls', 'a certificate that nobody vouches for');
});

t.test('a camera is told of the end, however much of its media lies unread', async (t) => {
  const deps = await makeDeps();
  const farm = await CameraFarm.start({ speed: 40, cameras: [{ path: 'a', clip: 'yard', audio: 'aac', join: 'mid' }] });
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });
  const endings: (string | undefined)[] = [];
  for (let n = 0; n < 25; n++) {
    const { error } = await watch({ url: farm.url('a') }, deps, { video: 3 + n * 5 });
    endings.push(error?.code ?? farm.camera('a').sessions.at(-1)!.ending);
  }
  t.same([...new Set(endings)], ['teardown']);
  farm.camera('a').faults.set({ answers: { TEARDOWN: 'silence' } });
  const deaf = await watch({ url: farm.url('a') }, deps, { limits: { teardownMs: 100 } });
  t.equal(deaf.error, undefined, 'one that does not answer is left all the same');
});
