import t from 'tap';
import { BoxError } from '../../../firmware/base/index.ts';
import type { Peer } from '../../../firmware/onvif/index.ts';
import type { WireFault } from '../../support/onvif-camera/wire.ts';
import { onvifLab } from '../../support/onvif-lab.ts';

const WIRES: readonly WireFault[] = [
  'close',
  'chunked',
  'not-chunked',
  'long-length',
  'gzip',
  'continue',
  'bare-lines',
];

for (const wire of WIRES) {
  t.test(`C23: an answer that travels as "${wire}" is read`, async (t) => {
    const { simulated, camera, signal } = await onvifLab(t);
    simulated.faults.wire = wire;
    t.match(await camera.identity(signal), { serial: 'SIM0001' });
  });
}

t.test('22. an answer without end is cut off by its size', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { deps: { limits: { answerMs: 60_000 } } });
  simulated.faults.wire = 'endless';
  await t.rejects(camera.facts(signal), { code: 'onvif.answer-too-large' });
});

t.test('22. hostile XML in an answer is an error of its own, and the next answer is read', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t);
  await camera.facts(signal);
  simulated.faults.raw.GetNTP = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>';
  await t.rejects(camera.ntp(signal), { code: 'onvif.hostile-xml' });
  delete simulated.faults.raw.GetNTP;
  t.same(await camera.ntp(signal), { fromDhcp: false, servers: [] });
});

t.test('a camera that never answers ends with the time, and with the signal', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { deps: { limits: { answerMs: 300 } } });
  simulated.faults.silence = ['GetSystemDateAndTime'];
  await t.rejects(camera.facts(signal), { code: 'onvif.timeout' });
  const patient = await onvifLab(t);
  patient.simulated.faults.silence = ['GetSystemDateAndTime'];
  const ending = new AbortController();
  const asked = patient.camera.facts(ending.signal);
  ending.abort(new Error('enough'));
  await t.rejects(asked, { message: 'enough' });
});

t.test('the guard sees every address before it is connected to, at redirects too', async (t) => {
  const peers: Peer[] = [];
  const connectGuard = (peer: Peer): void => {
    peers.push(peer);
    if (peer.port === 9) throw new BoxError('onvif.forbidden', { port: peer.port });
  };
  const { simulated, camera, signal } = await onvifLab(t, { deps: { connectGuard } });
  const target = await onvifLab(t, { identity: { serial: 'OTHER' } });
  simulated.faults.redirectTo = target.simulated.url;
  t.match(await camera.identity(signal), { serial: 'OTHER' });
  t.ok(peers.some(({ why, port }) => why === 'redirect' && port === target.simulated.port));
  t.ok(peers.every(({ address, family }) => address === '127.0.0.1' && family === 4));
  const lured = await onvifLab(t, { deps: { connectGuard } });
  lured.simulated.faults.redirectTo = 'http://127.0.0.1:9/';
  await t.rejects(lured.camera.facts(signal), { code: 'onvif.forbidden' });
  const circling = await onvifLab(t);
  circling.simulated.faults.redirectTo = circling.simulated.url;
  await t.rejects(circling.camera.facts(signal), { code: 'onvif.bad-answer' });
});

t.test('a certificate is shown to its guard before anything is sent', async (t) => {
  const shown: string[] = [];
  const certificateGuard = ({ sha256 }: { sha256: string }): void => void shown.push(sha256);
  const { simulated, camera, signal } = await onvifLab(t, { tls: true, deps: { certificateGuard } });
  const { certificateSha256 } = await camera.identity(signal);
  t.match(certificateSha256, /^[0-9a-f]{64}$/);
  t.ok(shown.length > 0 && shown.every((each) => each === certificateSha256));
  const seen = simulated.seen.length;
  const refusing = await onvifLab(t, {
    deps: {
      certificateGuard: () => {
        throw new BoxError('onvif.forbidden');
      },
    },
    target: { address: simulated.url },
  });
  await t.rejects(refusing.camera.facts(signal), { code: 'onvif.forbidden' });
  t.equal(simulated.seen.length, seen);
});

t.test('B13: GetServices and GetCapabilities stand in for each other', async (t) => {
  const axis = await onvifLab(t);
  axis.simulated.faults.refuse.GetServices = ['SOAP-ENV:Receiver', 'ter:Action'];
  t.ok((await axis.camera.facts(axis.signal)).services.includes('media'));
  const other = await onvifLab(t);
  other.simulated.faults.html.GetCapabilities = 404;
  t.ok((await other.camera.facts(other.signal)).services.includes('ptz'));
  const neither = await onvifLab(t);
  Object.assign(neither.simulated.faults.html, { GetServices: 404, GetCapabilities: 200 });
  await t.rejects(neither.camera.facts(neither.signal), { code: 'onvif.not-supported' });
});

t.test('A39: services are reached whatever address the camera believes to have', async (t) => {
  for (const announcedHost of ['0.0.0.0:80', '10.255.255.1', '[fe80::1]:80', 'camera.invalid']) {
    const { simulated, camera, signal } = await onvifLab(t);
    simulated.faults.announcedHost = announcedHost;
    const { profiles } = await camera.media.streams(signal);
    t.equal(profiles.length, 2, announcedHost);
  }
});

t.test('clock, servers of time, restart, relays and inputs', async (t) => {
  const { simulated, camera, signal } = await onvifLab(t, { clockOffsetMs: -86_400_000 });
  t.ok(Math.abs((await camera.clock(signal)).offsetMs! + 86_400_000) < 30_000);
  const { offsetMs } = await camera.setClock(Date.now(), signal);
  t.ok(Math.abs(offsetMs!) < 30_000, 'set right');
  await camera.setNtp(['192.0.2.1', 'time.example'], signal);
  t.same(simulated.ntp.servers, ['192.0.2.1', 'time.example']);
  t.same(await camera.io.relays(signal), [{ token: 'R1', mode: 'bistable', delayMs: 1000, idle: 'open' }]);
  await camera.io.setRelay('R1', true, signal);
  t.equal(simulated.relays.get('R1'), true);
  await t.rejects(camera.io.setRelay('R9', true, signal), { code: 'onvif.refused' });
  t.same(await camera.io.inputs(signal), [{ token: 'I1', idle: 'open' }]);
  await camera.reboot(signal);
  t.equal(simulated.reboots, 1);
});
