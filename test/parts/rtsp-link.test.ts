import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';

import { CredentialGuard, systemClock, type BoxError } from '../../firmware/base/index.ts';
import { CameraLink, probeCamera, type CameraTarget, type LinkState } from '../../firmware/rtsp/index.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { makeDeps } from '../support/rtsp-watch.ts';

const LOGIN = { user: 'admin', password: 'right' };
const QUICK = { connectMs: 500, requestMs: 500, mediaMs: 500, udpMs: 300, teardownMs: 100 };

/** A link whose states can be waited for. */
async function makeLink(target: CameraTarget, guard = new CredentialGuard(systemClock)) {
  const deps = { ...(await makeDeps()), guard, limits: QUICK, retry: { minMs: 20, maxMs: 60 } };
  const phases: string[] = [];
  const counts = { frames: 0, sessions: 0 };
  let last: LinkState = { phase: 'idle' };
  const link = new CameraLink(
    'test',
    target,
    {
      frame: () => void counts.frames++,
      description: () => void counts.sessions++,
      tracks: () => undefined,
      state: (state) => {
        last = state;
        phases.push(state.phase);
      },
      note: () => undefined,
    },
    deps,
  );
  const until = async (wanted: () => boolean): Promise<void> => {
    const limit = AbortSignal.timeout(120_000);
    while (!wanted()) await delay(10, undefined, { signal: limit });
  };
  const close = async (): Promise<void> => {
    await link.stop();
    await deps.beat.stop();
  };
  const phase = (name: LinkState['phase']): Promise<void> => until(() => link.state.phase === name);
  return { link, deps, phases, counts, until, phase, close, last: () => last };
}

t.test('it plays, comes back after a reboot, and says goodbye', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', ownPort: true }] });
  t.teardown(() => farm.stop());
  const { link, counts, phases, phase, until, close, deps } = await makeLink({ url: farm.url('a') });
  await link.start();
  await phase('playing');
  t.same(phases, ['connecting', 'waiting-for-media', 'playing']);
  await farm.reboot('a', 300);
  await phase('retrying');
  t.match(link.state, { phase: 'retrying', attempt: 1 });
  t.match(link.health(), { state: 'degraded' });
  await until(() => counts.sessions === 2);
  await phase('playing');
  t.equal(link.health().state, 'ok');
  await close();
  t.equal(link.state.phase, 'idle');
  t.equal(farm.camera('a').sessions.at(-1)!.ending, 'teardown');
  t.equal(deps.pool.usage.inUseBytes, 0);
});

t.test('a wrong password blocks, for every link to the account, until the settings change', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', auth: { ...LOGIN, lockAfter: 3, lockMs: 60_000 } }] });
  t.teardown(() => farm.stop());
  const guard = new CredentialGuard(systemClock);
  const wrong = { url: farm.url('a'), user: 'admin', password: 'wrong' };
  const links = await Promise.all([makeLink(wrong, guard), makeLink(wrong, guard), makeLink(wrong, guard)] as const);
  await Promise.all(links.map(({ link }) => link.start()));
  await Promise.all(links.map(({ phase }) => phase('blocked')));
  const { last } = links[0];
  const state = last();
  if (state.phase !== 'blocked') throw new Error('not blocked');
  t.equal(state.error.code, 'rtsp.unauthorized');
  t.ok(state.nextTryUs! - systemClock.wallUs() > 4 * 60e6, 'minutes, not seconds');
  t.equal(farm.camera('a').wrongPasswords, 1, 'one try for three links');
  const report = await probeCamera(wrong, { seconds: 1 }, links[0].deps);
  t.equal(report.error?.code, 'rtsp.unauthorized');
  t.equal(farm.camera('a').wrongPasswords, 1, 'a probe does not try it again either');
  links[0].link.configure({ ...wrong, ...LOGIN });
  await links[0].phase('playing');
  await Promise.all(links.map(({ close }) => close()));
});

t.test('401 after a success counts as too many clients', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', auth: { ...LOGIN } }] });
  t.teardown(() => farm.stop());
  const { link, phase, until, close, last } = await makeLink({ url: farm.url('a'), ...LOGIN });
  await link.start();
  await phase('playing');
  farm.camera('a').gate.change({ ...LOGIN, password: 'other' });
  farm.camera('a').drop('rst');
  await until(() => {
    const state = last();
    return state.phase === 'retrying' && state.error.code === 'rtsp.too-many-clients';
  });
  farm.camera('a').gate.change({ ...LOGIN });
  await phase('playing');
  await close();
});

t.test('a camera that sends nothing until all tracks are set up is understood', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', audio: 'g722', faults: { needsAllTracks: true } }] });
  t.teardown(() => farm.stop());
  const { link, phase, close } = await makeLink({ url: farm.url('a') });
  await link.start();
  await phase('playing');
  await close();
});

t.test('a camera that refuses for a while after its start is asked again, from the beginning', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', faults: { answers: { SETUP: 503 } } }] });
  t.teardown(() => farm.stop());
  const { link, phase, until, close, last } = await makeLink({ url: farm.url('a') });
  const { faults, seen } = farm.camera('a');
  const refusedWith = (code: string) =>
    until(() => 'error' in last() && (last() as { error: BoxError }).error.code === code);
  await link.start();
  await refusedWith('rtsp.too-many-clients');
  for (const [answers, code] of [
    [{ DESCRIBE: 500 }, 'rtsp.camera-error'],
    [{ PLAY: 455 }, 'rtsp.camera-error'],
    [{ PLAY: 454 }, 'rtsp.camera-error'],
    [{ DESCRIBE: 404 }, 'rtsp.not-found'],
  ] as const) {
    faults.set({ answers });
    await refusedWith(code);
  }
  faults.set({ answers: {} });
  await phase('playing');
  const lastRun = seen.filter(({ connection }) => connection === seen.at(-1)!.connection).map(({ method }) => method);
  t.same(lastRun.slice(0, 4), ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY']);
  await close();
});

t.test('a camera that is full, in each of the words for it, is not called wrong', async (t) => {
  const words = [453, 503, 401] as const;
  const auth = { ...LOGIN };
  const farm = await CameraFarm.start({
    cameras: words.map((fullStatus) => ({ path: `full${fullStatus}`, auth, maxSessions: 1, faults: { fullStatus } })),
  });
  t.teardown(() => farm.stop());
  for (const status of words) {
    const guard = new CredentialGuard(systemClock);
    const target = { url: farm.url(`full${status}`), ...LOGIN };
    const first = await makeLink(target, guard);
    await first.link.start();
    await first.phase('playing');
    const second = await makeLink(target, guard);
    await second.link.start();
    await second.phase('retrying');
    t.match(second.link.state, { error: { code: 'rtsp.too-many-clients' } }, String(status));
    await first.close();
    await second.phase('playing');
    await second.close();
    t.equal(farm.camera(`full${status}`).wrongPasswords, 0);
  }
});

t.test('media that stops is noticed, and a new session is made', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', audio: 'aac' }] });
  t.teardown(() => farm.stop());
  const { link, phase, counts, until, close, last } = await makeLink({ url: farm.url('a') });
  await link.start();
  await phase('playing');
  farm.camera('a').faults.set({ silent: true });
  await until(() => last().phase === 'retrying');
  farm.camera('a').faults.set({ silent: false });
  await until(() => counts.sessions > 1);
  await phase('playing');
  await close();
});

t.test('a URL that makes no sense waits for another one', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a' }] });
  t.teardown(() => farm.stop());
  const { link, phase, close } = await makeLink({ url: 'http://x/' });
  await link.start();
  await phase('blocked');
  t.match(link.state, { nextTryUs: undefined });
  link.configure({ url: farm.url('a') });
  await phase('playing');
  await close();
});

t.test('a link that never reached its camera can be stopped at any moment', async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'a', faults: { silent: true } }] });
  t.teardown(() => farm.stop());
  const { link, phase, close } = await makeLink({ url: farm.url('a') });
  await link.start();
  await phase('connecting');
  await close();
  t.equal(link.state.phase, 'idle');
  const never = await makeLink({ url: farm.url('a') });
  await never.close();
  t.pass('also before it began');
});

t.test('probe', async (t) => {
  const farm = await CameraFarm.start({
    cameras: [
      { path: 'a', clip: 'shop', audio: 'aac', metadata: true, faults: { senderReportMs: 300, ntpOffsetS: 3600 } },
    ],
  });
  t.teardown(() => farm.stop());
  const { deps, close } = await makeLink({ url: farm.url('a') });
  const report = await probeCamera({ url: farm.url('a') }, { seconds: 3 }, { ...deps, limits: {} });
  t.match(report, {
    transport: 'tcp',
    packetsLost: 0,
    video: { codec: 'h264', width: 640 },
    audio: { source: 'AAC-LC' },
  });
  t.ok(Math.abs(report.clockOffsetMs! - 3600_000) < 2000, 'the clock of the camera is seen');
  t.ok(report.warnings.some(({ code }) => code === 'probe.clock'));
  t.match(report.notRecorded, [{ kind: 'application', why: 'metadata is not recorded' }]);
  await t.rejects(probeCamera({ url: 'x' }, { seconds: 1 }, deps), { code: 'rtsp.bad-url' });
  await close();
});
