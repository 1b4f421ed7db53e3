/** Every knob of the simulated camera must do what it says, or the tests that turn it prove nothing. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import type { CameraOptions } from '../support/camera/camera.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import type { Faults } from '../support/camera/faults.ts';
import { readOrdinal } from '../support/camera/ordinal-sei.ts';
import { copyWithFfmpeg, probe } from '../support/ffprobe.ts';
import { skipWithout } from '../support/programs.ts';
import { type RawPacket, RawRtspClient } from '../support/raw-rtsp-client.ts';
import { type Teardown, tempFolder } from '../support/temp-folder.ts';

interface Scene {
  readonly farm: CameraFarm;
  readonly url: string;
  readonly client: RawRtspClient;
}

async function scene(t: Teardown, faults: Partial<Faults>, options: Partial<CameraOptions> = {}): Promise<Scene> {
  const farm = await CameraFarm.start({ speed: 5, cameras: [{ path: 'cam', join: 'mid', faults, ...options }] });
  const url = farm.url('cam');
  const client = await RawRtspClient.open(url);
  t.teardown(async () => {
    client.close();
    await farm.stop();
  });
  return { farm, url, client };
}

/** Plays track 0 until that many RTP packets have come on the channel. */
async function played(
  t: Teardown,
  faults: Partial<Faults>,
  count = 60,
  options: Partial<CameraOptions> = {},
): Promise<RawPacket[]> {
  const { url, client } = await scene(t, faults, options);
  await client.play(url);
  await client.until(() => client.rtp().length >= count);
  client.close();
  return client.rtp();
}

const SOUND: Partial<CameraOptions> = { audio: 'aac', metadata: true };
const nalType = (packet: RawPacket) => packet.bytes[12]! & 31;
const step = (a: number, b: number) => ((b - a + 2 ** 31) >>> 0) - 2 ** 31;
const steps = (values: number[]) => values.slice(1).map((value, index) => step(values[index]!, value));
const heavy: Partial<Faults> = { paddingBytes: 4000 };

t.test('a good camera', async (t) => {
  const { farm, url, client } = await scene(t, {}, { audio: 'pcma', join: 'key' });
  t.match((await client.ask('OPTIONS', url)).headers.get('public'), /GET_PARAMETER/);
  const described = await client.ask('DESCRIBE', url);
  t.equal(described.headers.get('content-base'), `${url}/`);
  t.match(described.body, /sprop-parameter-sets=[A-Za-z0-9+/=]+,/);
  const answers = await client.play(url, [0, 1]);
  t.match(answers[0]!.headers.get('session'), /^\d+;timeout=60$/);
  await client.until(() => client.rtp(0).length > 80 && client.rtp(2).length > 20);
  const isSenderReport = ({ channel, bytes }: RawPacket) => channel === 1 && bytes[1] === 200;
  await client.until(() => client.packets.some(isSenderReport));
  t.same(new Set(steps(client.rtp(0).map(({ sequence }) => sequence))), new Set([1]));
  t.same(new Set(steps(client.rtp(0).map(({ timestamp }) => timestamp))), new Set([0, 3600]));
  t.same(new Set(steps(client.rtp(2).map(({ timestamp }) => timestamp))), new Set([320]));
  t.equal(nalType(client.rtp(0)[0]!), 7, 'starts with a key frame');
  const info = answers.at(-1)!.headers.get('rtp-info')!;
  t.equal(Number(/trackID=0;seq=\d+;rtptime=(\d+)/.exec(info)![1]), client.rtp(0)[0]!.timestamp);
  const ordinals = client.rtp(0).flatMap(({ bytes }) => readOrdinal(bytes) ?? []);
  t.same(new Set(steps(ordinals)), new Set([1]));
  t.equal((await client.ask('TEARDOWN', `${url}/`)).status, 200);
  const session = farm.sessions[0]!;
  t.equal(session.ending, 'teardown');
  t.same(session.sentFrames.slice(0, ordinals.length), ordinals);
  t.same(
    [...session.requests],
    [
      ['SETUP', 2],
      ['PLAY', 1],
      ['TEARDOWN', 1],
    ],
  );
});

t.test('RTP numbers', async (t) => {
  const wrap = await played(t, { firstTimestamp: 2 ** 32 - 7200, firstSequence: 65530 });
  // A machine that is busy when the camera begins lets it begin a picture later.
  const late = wrap[0]!.timestamp - (2 ** 32 - 7200);
  t.ok(late === 0 || late === 3600, `the first time stamp is ${late} late`);
  t.equal(wrap[0]!.sequence, 65530);
  t.ok(wrap.some(({ timestamp }) => timestamp < 100_000));
  const slow = await played(t, { clockFactor: 0.84 });
  t.same(new Set(steps(slow.map(({ timestamp }) => timestamp))), new Set([0, 3024]));
  const equal = await played(t, { equalTimestamps: 3 });
  t.ok(new Set(equal.map(({ timestamp }) => timestamp)).size <= equal.length / 5);
  const outlier = await played(t, { outlierEvery: 5 });
  t.ok(steps(outlier.map(({ timestamp }) => timestamp)).some((ticks) => ticks > 300_000_000));
  const stale = await played(t, { staleSets: true });
  const sets = stale.findIndex((packet, index) => index > 0 && nalType(packet) === 7);
  t.equal(stale[sets]!.timestamp, stale[sets - 1]!.timestamp);
  const ssrcs = await played(t, { ssrcEveryGop: true });
  t.ok(new Set(ssrcs.map(({ ssrc }) => ssrc)).size >= 2);
  const skipping = await played(t, { skipRate: 0.3 });
  t.ok(steps(skipping.map(({ sequence }) => sequence)).some((gap) => gap > 1));
  const losing = await played(t, { lossRate: 0.3 });
  t.ok(steps(losing.map(({ sequence }) => sequence)).some((gap) => gap > 1));
  const doubled = await played(t, { duplicateRate: 0.5 });
  t.ok(steps(doubled.map(({ sequence }) => sequence)).includes(0));
  const swapped = await played(t, { ...heavy, reorderRate: 0.3 });
  t.ok(steps(swapped.map(({ sequence }) => sequence)).some((gap) => gap < 0));
  const foreign = await played(t, { foreignPayloads: true });
  t.ok(foreign.some(({ payloadType }) => payloadType === 50));
  const extras = await played(t, { rtpExtras: true }, 5);
  t.equal(extras[0]!.bytes[0], 0xb1);
});

t.test('the bit stream', async (t) => {
  const noMarkers = await played(t, { markers: 'none' });
  t.notOk(noMarkers.some(({ marker }) => marker));
  const moreMarkers = await played(t, { markers: 'sets-too' });
  t.ok(moreMarkers.some((packet) => nalType(packet) === 7 && packet.marker));
  const slices = await played(t, { markers: 'every-slice' }, 60, { clip: 'slices' });
  t.ok(slices.filter(({ marker }) => marker).length > new Set(slices.map(({ timestamp }) => timestamp)).size);
  const noSets = await played(t, { inBandSets: 'none' });
  t.notOk(noSets.some((packet) => nalType(packet) === 7));
  const stap = await played(t, { aggregate: true });
  t.ok(stap.some((packet) => nalType(packet) === 24));
  const delimiters = await played(t, { accessUnitDelimiters: true });
  t.ok(delimiters.some((packet) => nalType(packet) === 9));
  const annexB = await played(t, { annexB: 'each-nal' });
  t.ok(annexB.some(({ bytes }) => bytes.readUIntBE(12, 3) === 1));
  const whole = await played(t, { annexB: 'whole-unit' });
  t.ok(whole.every(({ bytes }) => bytes.includes(Buffer.from([0, 0, 0, 1])) || (bytes[12]! & 31) === 28));
  const fu = (packets: RawPacket[]) =>
    packets.filter((packet) => nalType(packet) === 28).map(({ bytes }) => bytes[13]!);
  t.ok(fu(await played(t, heavy)).some((flags) => flags & 0x40));
  t.notOk(fu(await played(t, { ...heavy, fragments: 'no-end' })).some((flags) => flags & 0x40));
  t.ok(fu(await played(t, { ...heavy, fragments: 'reserved-bit' })).every((flags) => flags & 0x20));
  t.ok(fu(await played(t, { fragments: 'start-and-end' })).some((flags) => (flags & 0xc0) === 0xc0));
  t.ok(new Set(fu(await played(t, { ...heavy, fragments: 'type-change' })).map((flags) => flags & 31)).size > 1);
  t.ok((await played(t, { ...heavy, fragments: 'empty' })).some(({ bytes }) => bytes.length === 14));
});

t.test('the description', async (t) => {
  const body = async (faults: Partial<Faults>, options: Partial<CameraOptions> = {}) => {
    const { client, url } = await scene(t, faults, options);
    return client.ask('DESCRIBE', url);
  };
  t.notMatch((await body({ sprop: 'none' })).body, /sprop/);
  t.match((await body({ sprop: 'empty' })).body, /sprop-parameter-sets=,\r/);
  t.match((await body({ sprop: 'half' })).body, /sprop-parameter-sets=[^,]+,\r/);
  t.match((await body({ sprop: 'start-code' })).body, /sprop-parameter-sets=AAAAAW/);
  t.not((await body({ sprop: 'wrong' })).body, (await body({})).body);
  t.match((await body({ controls: 'absolute' })).body, /a=control:rtsp:.*trackID=0/);
  t.equal((await body({ contentBase: 'none' })).headers.get('content-base'), undefined);
  t.match((await body({ contentBase: 'doubled-scheme' })).headers.get('content-base'), /^rtsp:\/\/rtsp:\/\//);
  t.match((await body({ contentBase: 'no-port' })).headers.get('content-base'), /^rtsp:\/\/127\.0\.0\.1\/cam\/$/);
  t.match((await body({}, { video: 'mjpeg', audio: 'g722' })).body, /AVP 26[^]*G722/);
  t.match(
    (await body({}, { video: 'none', audio: 'aac', metadata: true, backChannel: true })).body,
    /config=1408[^]*onvif[^]*sendonly/,
  );
  t.equal((await body({ redirectTo: 'rtsp://127.0.0.1/x' })).status, 302);
  t.equal((await body({ needsUserAgent: true })).status, 401);
  t.equal((await body({ editResponse: (text) => text.replace('200 OK', '418 Teapot') })).status, 418);
});

t.test('SETUP and PLAY', async (t) => {
  const channelOf = async (faults: Partial<Faults>) => {
    const { client, url } = await scene(t, faults);
    const [answer] = await client.play(url);
    await client.until(() => client.packets.length > 0);
    return [answer!.headers.get('transport')!.replace(/;ssrc=.*/, ''), client.packets[0]!.channel];
  };
  t.same(await channelOf({ channels: 'shifted' }), ['RTP/AVP/TCP;unicast;interleaved=2-3', 2]);
  t.same(await channelOf({ channels: 'single' }), ['RTP/AVP/TCP;unicast;interleaved=0', 0]);
  t.same(await channelOf({ channels: 'no-tcp-profile' }), ['RTP/AVP;unicast;interleaved=0-1', 0]);

  const tcp = { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' };
  const early = await scene(t, { framesBeforePlay: true });
  await early.client.ask('SETUP', `${early.url}/trackID=0`, tcp);
  await early.client.until(() => early.client.packets.length > 3);
  const refusing = await scene(t, { refuseTcp: true });
  t.equal((await refusing.client.ask('SETUP', `${refusing.url}/trackID=0`, tcp)).status, 461);
  const strict = await scene(t, { strictControl: true, needsDescribe: true }, { query: 'channel=1&subtype=0' });
  t.equal((await strict.client.ask('SETUP', `${strict.url}/trackID=0`, tcp)).status, 455);
  await strict.client.ask('DESCRIBE', strict.url);
  t.equal((await strict.client.ask('SETUP', strict.url.replace('?', '/trackID=0?'), tcp)).status, 404);
  t.equal((await strict.client.ask('SETUP', `${strict.url}/trackID=0`, tcp)).status, 200);
  const full = await scene(t, {}, { maxSessions: 1 });
  await full.client.play(full.url);
  const second = await RawRtspClient.open(full.url);
  t.equal((await second.ask('SETUP', `${full.url}/trackID=0`, tcp)).status, 453);
  full.farm.camera('cam').faults.set({ fullStatus: 401 });
  const answer = await second.ask('SETUP', `${full.url}/trackID=0`, tcp);
  t.equal(answer.status, 401);
  t.match(answer.headers.get('www-authenticate'), /^Digest/);
  second.close();
  const picky = await scene(t, { playUrl: 'plain', rtpInfo: 'none' });
  t.equal((await picky.client.play(picky.url)).at(-1)!.status, 404);
  t.equal((await picky.client.ask('PLAY', picky.url)).headers.get('rtp-info'), undefined);
});

t.test('tracks beside the video', async (t) => {
  const { farm, url, client } = await scene(t, { rtcpOnRtpChannel: true, byeByMistake: true, ntpOffsetS: -1e9 }, SOUND);
  await client.play(url, [0, 1, 2]);
  const { faults } = farm.camera('cam');
  await client.until(() => client.rtp(2).some(({ payloadType }) => payloadType === 97) && client.rtp(4).length > 0);
  faults.set({ audioStopped: true, metadataFloodBytes: 5000 });
  const heard = client.rtp(2).filter(({ payloadType }) => payloadType === 97).length;
  await client.until(() => client.rtp(4).some(({ bytes }) => bytes.length > 5000));
  t.ok(client.rtp(2).filter(({ payloadType }) => payloadType === 97).length <= heard + 2, 'silence');
  const isReport = ({ bytes }: RawPacket) => bytes[1] === 200;
  await client.until(() => client.rtp(0).some(isReport));
  const report = client.rtp(0).find(isReport)!.bytes;
  t.ok(
    Math.abs(report.readUInt32BE(8) - 2_208_988_800 - (Date.now() / 1000 - 1e9)) < 60,
    'the report has a wrong clock',
  );
  t.equal(report[28 + 16 + 1], 203, 'and a BYE behind it');

  const missing = await scene(t, { needsAllTracks: true, unaskedTracks: true, audioDelayMs: 60_000 }, SOUND);
  await missing.client.play(missing.url, [0]);
  await missing.client.until(() => missing.client.rtp(10).length > 0);
  t.equal(missing.client.rtp(0).length, 0, 'no video without the other tracks');
  missing.farm.camera('cam').faults.set({ needsAllTracks: false, lineBreaks: true });
  await missing.client.until(() => missing.client.rtp(0).length > 3 && missing.client.junkBytes >= 2);
});

t.test('UDP', async (t) => {
  const { farm, url, client } = await scene(t, { transportSsrc: 'zero', hideTimeout: true });
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const transport = `RTP/AVP;unicast;client_port=${port}-${port + 1}`;
  const answer = await client.ask('SETUP', `${url}/trackID=0`, { Transport: transport });
  t.match(answer.headers.get('transport'), /server_port=\d*[02468]-\d+;ssrc=00000000$/);
  t.match(answer.headers.get('session'), /^\d+$/);
  const announced = Number(/server_port=(\d+)/.exec(answer.headers.get('transport')!)![1]);
  await client.ask('PLAY', url);
  const senderPort = async () => ((await once(socket, 'message')) as [Buffer, { port: number }])[1].port;
  t.equal(await senderPort(), announced);
  const { faults } = farm.camera('cam');
  faults.set({ udpOtherPort: true });
  while ((await senderPort()) === announced) t.pass('still on its way');
  faults.set({ refuseUdp: true });
  t.equal((await client.ask('SETUP', `${url}/trackID=0`, { Transport: transport })).status, 461);
});

t.test('keep-alive and time-out', async (t) => {
  const { farm, url, client } = await scene(t, { keepAliveBy: 'rtsp' }, { sessionTimeoutS: 1 });
  await client.play(url);
  await client.untilClosed();
  t.equal(farm.sessions[0]!.ending, 'timeout');

  const odd = await scene(t, { keepAliveAnswer: 405 });
  await odd.client.play(odd.url);
  t.equal((await odd.client.ask('GET_PARAMETER', odd.url)).status, 405);
  odd.farm.camera('cam').faults.set({ keepAliveAnswer: 'wrong-cseq' });
  t.equal((await odd.client.ask('OPTIONS', odd.url)).headers.get('cseq'), '11');
  odd.farm.camera('cam').faults.set({ serverRequest: { method: 'OPTIONS', everyMs: 50 } });
  await odd.client.until(() => odd.client.requests.length > 1);
  t.match(odd.client.requests[0], /^OPTIONS rtsp:/);
});

t.test('the nonce expires in mid-session', async (t) => {
  const auth = { user: 'u', password: 'p', nonceOnce: true };
  const { farm, url, client } = await scene(t, {}, { auth });
  const md5 = (text: string) => createHash('md5').update(text).digest('hex');
  const login = (method: string, nonce: string) => {
    const response = md5(`${md5('u:Simulated Camera:p')}:${nonce}:${md5(`${method}:${url}`)}`);
    return {
      Authorization: `Digest username="u", realm="Simulated Camera", nonce="${nonce}", uri="${url}", response="${response}"`,
    };
  };
  const nonceOf = (header: string | undefined) => /nonce="([^"]+)"/.exec(header ?? '')![1]!;
  const first = await client.ask('DESCRIBE', url);
  t.equal(first.status, 401);
  const nonce = nonceOf(first.headers.get('www-authenticate'));
  t.equal((await client.ask('DESCRIBE', url, login('DESCRIBE', nonce))).status, 200);
  const again = await client.ask('DESCRIBE', url, login('DESCRIBE', nonce));
  t.equal(again.status, 401);
  t.match(again.headers.get('www-authenticate'), /stale=true/);
  t.equal(farm.camera('cam').wrongPasswords, 0);
  t.equal(farm.camera('cam').gate.challenges, 2);
});

t.test('the connection', async (t) => {
  const junk = await scene(t, { junkBytes: 50, junkEvery: 3 });
  await junk.client.play(junk.url);
  await junk.client.until(() => junk.client.junkBytes > 0);
  const drip = await scene(t, { dripBytes: true });
  await drip.client.play(drip.url);
  await drip.client.until(() => drip.client.rtp().length > 5);
  const endless = await scene(t, { endlessHeader: true });
  endless.client.send('OPTIONS', endless.url);
  while (endless.client.socket.bytesRead < 1 << 18) await once(endless.client.socket, 'data');
  const flooded = await scene(t, { flood: { mbit: 50, payloadType: 50 } });
  await flooded.client.play(flooded.url);
  await flooded.client.until(() => flooded.client.packets.length > 1000);
  const reset = await scene(t, { resetEveryMs: 200 });
  await reset.client.play(reset.url);
  await reset.client.untilClosed();
  t.equal(reset.farm.sessions[0]!.state, 'ended');

  const { farm, url, client } = await scene(t, {});
  await client.play(url);
  await client.until(() => client.rtp().length > 3);
  const { faults, seen } = farm.camera('cam');
  faults.set({ silent: true });
  const before = seen.length;
  client.send('GET_PARAMETER', url);
  while (seen.length === before) await new Promise(setImmediate);
  t.equal(seen.at(-1)!.status, 0, 'not answered');
  faults.set({ silent: false });
  t.equal((await client.ask('OPTIONS', url)).status, 200);
  farm.camera('cam').drop('fin');
  await client.untilClosed();
  t.equal(farm.sessions[0]!.ending, 'dropped');
});

t.test('a reboot closes the port of its own', async (t) => {
  const { farm, url, client } = await scene(t, {}, { ownPort: true });
  await client.play(url);
  await farm.reboot('cam', 200);
  await client.untilClosed();
  await t.rejects(RawRtspClient.open(url), { code: 'ECONNREFUSED' });
  for (;;) {
    const back = await RawRtspClient.open(url).catch(() => undefined);
    if (!back) continue;
    t.equal((await back.ask('OPTIONS', url)).status, 200);
    back.close();
    break;
  }
});

t.test(
  'while it runs: time stamps jump, another resolution',
  { skip: await skipWithout('ffmpeg', 'ffprobe') },
  async (t) => {
    const { farm, url, client } = await scene(t, {}, { clip: 'resize-a' });
    const camera = farm.camera('cam');
    await client.play(url);
    await client.until(() => client.rtp().length > 3);
    camera.jumpTimestamps(-900_000);
    await client.until(() => steps(client.rtp().map(({ timestamp }) => timestamp)).some((ticks) => ticks < -800_000));
    camera.resetTimestamps();
    await client.until(() => client.rtp().some(({ timestamp }) => timestamp < 90_000));
    camera.switchClip('resize-b');
    const start = camera.nextOrdinal;
    t.same([camera.frameAt(start).clip, camera.frameAt(start).number], ['resize-b', 0]);
    t.equal(camera.frameAt(start - 1).clip, 'resize-a');
    const file = join(await tempFolder(t), 'a.mov');
    await copyWithFfmpeg(['-rtsp_transport', 'tcp', '-i', url], ['-t', '1', file]);
    t.equal((await probe(file)).streams[0]!.width, 480);
  },
);
