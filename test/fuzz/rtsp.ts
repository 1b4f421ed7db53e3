import { strict as assert } from 'node:assert';

import { parseChallenges } from '../../firmware/base/authenticator.ts';
import { Accounts } from '../../firmware/accounts/index.ts';
import { Authenticator, BoxError, systemClock } from '../../firmware/base/index.ts';
import { isAbout, targetOf } from '../../firmware/rtsp-server/address.ts';
import { RequestReader } from '../../firmware/rtsp-server/request-reader.ts';
import { wantedTransport } from '../../firmware/rtsp-server/transport.ts';
import type { RtspRequest } from '../../firmware/rtsp/index.ts';
import { chooseTracks, describeSession } from '../../firmware/rtsp/description.ts';
import { AnswerHead } from '../../firmware/rtsp/http-tunnel.ts';
import { parseRtpInfo } from '../../firmware/rtsp/rtp-info.ts';
import { parseSession } from '../../firmware/rtsp/session-header.ts';
import { parseTransport } from '../../firmware/rtsp/transport-header.ts';
import { parseCameraUrl } from '../../firmware/rtsp/url.ts';
import { WireReader } from '../../firmware/rtsp/wire-reader.ts';
import type { FuzzTarget } from './target.ts';

const SDP = [
  'v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=x\r\na=control:*\r\nm=video 0 RTP/AVP 96 97\r\na=rtpmap:96 H264/90000\r\n',
  'a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0IAHqtAUB7I,aM4xEg==\r\na=rtpmap:97 JPEG/90000\r\na=control:t1\r\n',
  'm=audio 0 RTP/AVP 0 8 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/2\r\na=fmtp:97 config=1408\r\na=sendonly\r\na=control:?t2\r\n',
].join('');

function packet(channel: number, length: number): Buffer {
  const bytes = Buffer.alloc(4 + length, 0x80);
  bytes[0] = 0x24;
  bytes[1] = channel;
  bytes.writeUInt16BE(length, 2);
  return bytes;
}

/** Everything that the reader hands on, so that two ways of cutting the same stream can be compared. */
function readStream(bytes: Buffer, step: (at: number) => number, description: boolean): string {
  const events: string[] = [];
  const reader = new WireReader({
    packet: (channel, buffer, start, end) => {
      assert.ok(start >= 0 && start < end && end <= buffer.length, 'a packet lies inside its buffer');
      events.push(`${channel}:${end - start}:${buffer[start]}:${buffer[end - 1]}`);
    },
    message: (message) => events.push(`${message.kind}:${message.headers.count}:${message.body.length}`),
  });
  reader.addChannel(0);
  reader.addChannel(1);
  reader.expectsDescription = description;
  try {
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + Math.max(1, step(at)));
      // A copy of its own, overwritten afterwards: whoever keeps a view on it is found out.
      const portion = Buffer.from(bytes.subarray(at, end));
      reader.push(portion, 0, portion.length);
      portion.fill(0xee);
      at = end;
    }
  } catch (error) {
    if (!(error instanceof BoxError && error.code === 'rtsp.protocol')) throw error;
    events.push('refused');
  }
  return events.join(' ');
}

const wireReader: FuzzTarget = {
  name: 'rtsp: wire reader',
  seeds: () => [
    Buffer.concat([
      packet(0, 20),
      Buffer.from('RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nbody\r\n'),
      packet(1, 300),
      Buffer.from('OPTIONS * RTSP/1.0\nCSeq: 2\n\n$junk'),
      packet(0, 12),
    ]),
    Buffer.from(`RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Type: application/sdp\r\n\r\n${SDP}`),
  ],
  run: (input) => {
    const seed = input[0] ?? 0;
    const bytewise = readStream(input, () => 1, false);
    assert.equal(
      readStream(input, (at) => ((at * 31 + seed) % 97) + 1, false),
      bytewise,
      'cutting changes nothing',
    );
    readStream(input, () => input.length, true);
  },
};

const sdp: FuzzTarget = {
  name: 'rtsp: SDP',
  seeds: () => [Buffer.from(SDP)],
  run: (input) => {
    const text = input.toString('utf8');
    const contentBase = text.split('\n', 1)[0];
    const description = describeSession(text, { requestUrl: 'rtsp://camera/stream', contentBase });
    const { tracks } = chooseTracks(description.media);
    assert.ok(tracks.length <= 2);
    for (const { payloadType, controlUrl } of tracks) {
      assert.ok(payloadType >= -1 && payloadType < 128);
      assert.ok(!/[\r\n]/.test(controlUrl));
    }
  },
};

const auth: FuzzTarget = {
  name: 'rtsp: authentication',
  seeds: () => [
    Buffer.from(
      'Digest realm="a\\"b", nonce="n", qop="auth,auth-int", algorithm=MD5-sess, stale=true, Basic realm="x"',
    ),
    Buffer.from('Basic realm="x", Digest algorithm="SHA-256", nonce=abc, opaque="", realm=""'),
  ],
  run: (input) => {
    const text = input.toString('utf8');
    parseChallenges([text, text]);
    const login = new Authenticator({ user: 'user', password: 'secret' });
    if (login.challenge([text], false) !== 'answer') return;
    const header = login.header('DESCRIBE', 'rtsp://camera/')!;
    assert.ok(!header.includes('secret'));
    assert.ok(login.challenge([text], true) !== 'unsupported');
  },
};

const headers: FuzzTarget = {
  name: 'rtsp: headers',
  seeds: () => [
    Buffer.from('RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=30A98EE7;mode="PLAY"'),
    Buffer.from('url=trackID=0;seq=47121;rtptime=3475222385,url=rtsp://h/x,y;seq=1'),
    Buffer.from('9a90de54; timeout=120'),
    Buffer.from('rtsp://us%40er:pa:ss@camera.example:8554/a/b?c=d@e'),
  ],
  run: (input) => {
    const text = input.toString('utf8');
    const { interleaved } = parseTransport(text);
    if (interleaved) assert.ok(interleaved.every((channel) => channel >= 0 && channel < 256));
    parseRtpInfo(text);
    parseSession(text);
    try {
      const { host, port, requestUrl } = parseCameraUrl(text);
      assert.ok(host !== '' && port > 0 && port < 65536 && !/\s/.test(requestUrl));
    } catch (error) {
      if (!(error instanceof BoxError && error.code === 'rtsp.bad-url')) throw error;
    }
  },
};

const tunnel: FuzzTarget = {
  name: 'rtsp: head of a tunnel',
  seeds: () => [
    Buffer.from('HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\nRTSP/1.0 200 OK\r\n\r\n'),
    Buffer.from('HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="a",\r\n nonce="b"\r\n\r\n'),
  ],
  run: (input) => {
    const whole = new AnswerHead();
    const message = whole.push(input, 0, input.length);
    const pieces = new AnswerHead();
    let last: ReturnType<AnswerHead['push']> = 'more';
    let at = 0;
    for (; at < input.length && last === 'more'; at += 7) last = pieces.push(input, at, Math.min(input.length, at + 7));
    if (typeof message !== 'object') return;
    assert.ok(typeof last === 'object' && last.status === message.status, 'in pieces it reads the same');
    assert.ok(whole.rest.equals(Buffer.concat([pieces.rest, input.subarray(Math.min(at, input.length))])));
  },
};

const PLAYER = 'DESCRIBE rtsp://box:8554/gate/main RTSP/1.0\r\nCSeq: 2\r\n';
const DIGEST =
  'Authorization: Digest username="rtsp-12345678", realm="IPVS box", nonce="00ff", uri="rtsp://box/gate/main", ' +
  'algorithm=SHA-256, response="00", qop=auth, nc=00000001, cnonce="a\\"b"\r\n\r\n';
const accounts = await Accounts.open({
  dataFolder: '/nonexistent/accounts',
  clock: systemClock,
  audit: { note: () => undefined },
  log: () => undefined,
});

/** What strangers send to the box's own server: everything is understood or refused, nobody gets in. */
const players: FuzzTarget = {
  name: 'rtsp-server: requests',
  seeds: () => [
    Buffer.from(`${PLAYER}${DIGEST}`),
    Buffer.from(
      `OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n$\x01\x00\x04abcd${PLAYER}Content-Length: 3\r\n\r\nabc`,
      'latin1',
    ),
    Buffer.from(
      'SETUP /gate/trackID=1?a=b RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=2-3\r\n\r\n',
    ),
    Buffer.from(
      'SETUP rtsps://[::1]/gate/sub/ RTSP/1.0\r\nTransport: RTP/AVP;unicast;client_port=5000-5001,RTP/AVP\r\n\r\n',
    ),
  ],
  run: (input) => {
    const login = accounts.digestLogin('192.0.2.1');
    login.challenges(false);
    const requests: RtspRequest[] = [];
    const reader = new RequestReader({ request: (request) => requests.push(request), packet: () => undefined });
    const half = input.length >> 1;
    reader.push(input.subarray(0, half));
    reader.push(input.subarray(half));
    for (const { method, url, headers } of requests) {
      const target = targetOf(url);
      assert.ok(!target || /^[a-z0-9-]{1,40}$/i.test(target.camera));
      const wanted = wantedTransport(headers.get('transport') ?? '', { udp: true });
      if (wanted?.kind === 'udp') assert.ok(wanted.port >= 1024 && wanted.port < 65_535);
      if (wanted?.kind === 'tcp') assert.ok((wanted.channel ?? 0) < 255);
      const about = { method, isAbout: (uri: string) => target !== undefined && isAbout(uri, target) };
      assert.throws(() => login.admit(headers.get('authorization') ?? '', about), BoxError);
    }
  },
};

export const targets: readonly FuzzTarget[] = [wireReader, sdp, auth, headers, tunnel, players];
