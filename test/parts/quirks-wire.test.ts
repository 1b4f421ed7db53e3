/** Misbehaviour of cameras in RTSP and SDP: every one of these sessions must bring pictures, over real sockets. */
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { resolveTarget, RtspSession, type CameraTarget } from '../../firmware/rtsp/index.ts';
import type { Camera, CameraOptions } from '../support/camera/camera.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import type { Faults } from '../support/camera/faults.ts';
import { makeDeps, watch, type Watched, type WatchOptions } from '../support/rtsp-watch.ts';

interface Quirk {
  readonly name: string;
  readonly camera?: Omit<CameraOptions, 'path'>;
  readonly target?: Partial<CameraTarget>;
  readonly watch?: WatchOptions;
  /** Watching goes on until this holds of the camera. */
  readonly until?: (camera: Camera) => boolean;
  readonly check?: (t: Test, seen: Watched, camera: Camera) => void;
}

const EVERY_SECOND = { keepAliveMs: 1000 };

/** Methods of the requests behind PLAY, in order. */
function laterMethods({ seen }: Camera): string[] {
  return seen.slice(seen.findIndex(({ method }) => method === 'PLAY') + 1).map(({ method }) => method);
}

function setups({ seen }: Camera): number {
  return seen.filter(({ method, status }) => method === 'SETUP' && status === 200).length;
}

const inAnswer = (method: string, edit: (text: string) => string): Partial<Faults> => ({
  editResponse: (text, answered) => (answered === method ? edit(text) : text),
});

const inSdp = (edit: (sdp: string) => string): Omit<CameraOptions, 'path'> => ({
  audio: 'aac',
  faults: { editSdp: edit },
});

const KEEP_ALIVE: readonly Quirk[] = [
  {
    name: 'no Public header: OPTIONS keeps the session alive',
    camera: { faults: { publicMethods: undefined } },
    target: EVERY_SECOND,
    until: (camera) => laterMethods(camera).length > 0,
    check: (t, _seen, camera) => t.equal(laterMethods(camera)[0], 'OPTIONS'),
  },
  {
    name: 'GET_PARAMETER that is not offered is not asked',
    camera: { faults: { publicMethods: ['DESCRIBE', 'SETUP', 'PLAY', 'TEARDOWN'] } },
    target: EVERY_SECOND,
    until: (camera) => laterMethods(camera).length > 1,
    check: (t, _seen, camera) => t.notOk(laterMethods(camera).includes('GET_PARAMETER')),
  },
  ...[405, 454, 551].map((status) => ({
    name: `keep-alives answered with ${status}: each method has its turn`,
    camera: { faults: { keepAliveAnswer: status } },
    target: EVERY_SECOND,
    until: (camera: Camera) => laterMethods(camera).length > 2,
    check: (t: Test, _seen: Watched, camera: Camera) =>
      t.same(laterMethods(camera).slice(0, 3), ['GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER']),
  })),
  {
    name: 'keep-alives answered with 400 are no error',
    camera: { faults: { keepAliveAnswer: 400 } },
    target: EVERY_SECOND,
    until: (camera) => laterMethods(camera).length > 1,
    check: (t, seen, camera) => {
      t.same(laterMethods(camera).slice(0, 2), ['GET_PARAMETER', 'GET_PARAMETER']);
      t.same(seen.notes, []);
    },
  },
  {
    name: 'keep-alives that are never answered hold nothing up',
    camera: { faults: { keepAliveAnswer: 'silence' } },
    target: EVERY_SECOND,
    watch: { limits: { requestMs: 400 } },
    until: (camera) => laterMethods(camera).length > 1,
    check: (t, seen) => t.ok(seen.notes.includes('rtsp.keep-alive-unanswered')),
  },
  {
    name: 'keep-alives answered under another number',
    camera: { faults: { keepAliveAnswer: 'wrong-cseq' } },
    target: EVERY_SECOND,
    until: (camera) => laterMethods(camera).length > 1,
    check: (t, seen) => t.same(seen.notes, []),
  },
  {
    name: 'the newest time-out counts: PLAY names a shorter one than SETUP',
    camera: {
      sessionTimeoutS: 3,
      faults: {
        ...inAnswer('PLAY', (text) => text.replace(/(Session: \d+)/, '$1;timeout=3')),
        hideTimeout: true,
        keepAliveBy: 'rtsp',
      },
    },
    until: (camera) => laterMethods(camera).length > 2,
  },
  {
    name: 'only RTSP requests count as a sign of life',
    camera: { sessionTimeoutS: 2, faults: { keepAliveBy: 'rtsp' } },
    until: (camera) => laterMethods(camera).length > 3,
    check: (t, _seen, camera) => t.equal(camera.sessions.length, 1),
  },
  {
    name: 'only receiver reports count as a sign of life, over UDP too',
    camera: { sessionTimeoutS: 3, faults: { keepAliveBy: 'rtcp' } },
    target: { transport: 'udp' },
    until: (camera) => camera.sessions[0]!.receiverReports > 3,
    check: (t, _seen, camera) => t.equal(camera.sessions.length, 1),
  },
];

const HANDSHAKE: readonly Quirk[] = [
  { name: 'OPTIONS ends the connection', camera: { faults: { answers: { OPTIONS: 'close' } } } },
  {
    name: 'PLAY takes no range',
    camera: { faults: { refuseRange: true } },
    check: (t, _seen, camera) => t.equal(camera.seen.filter(({ method }) => method === 'PLAY').length, 2),
  },
  {
    name: 'no controls in the description',
    camera: { faults: { controls: 'none' } },
    check: (t, _seen, camera) => t.equal(setups(camera), 1),
  },
  {
    name: 'the same session id for everybody, and its time-out is not sent back',
    camera: { audio: 'aac', faults: { sessionId: 'constant' } },
    check: (t, _seen, camera) => {
      const sent = camera.seen.flatMap(({ headers }) => headers.get('session') ?? []);
      t.ok(sent.length > 1 && sent.every((id) => id === '12345678'));
    },
  },
  {
    name: 'the session id comes with PLAY only',
    camera: { faults: inAnswer('SETUP', (text) => text.replace(/Session: .*\r\n/, '')) },
  },
  ...(['none', 'zero', 'negative', 'foreign'] as const).map((rtpInfo) => ({
    name: `RTP-Info: ${rtpInfo}`,
    camera: { audio: 'aac' as const, faults: { rtpInfo } },
    watch: { audio: 1 },
    check: (t: Test, seen: Watched) => t.equal(seen.figures!.tracks[0]!.lost, 0),
  })),
  {
    name: 'RTP-Info with blanks and semicolons at its end',
    camera: { faults: inAnswer('PLAY', (text) => text.replace(/(RTP-Info: .*)/, '$1; , ;')) },
  },
  ...(['none', 'wrong', 'zero'] as const).map((transportSsrc) => ({
    name: `SSRC in Transport: ${transportSsrc}`,
    camera: { audio: 'aac' as const, faults: { transportSsrc } },
    watch: { audio: 1 },
    check: (t: Test, seen: Watched) => t.equal(seen.figures!.tracks[0]!.sourceChanges, 0),
  })),
  {
    name: 'Transport in another order, with unknown and empty parameters',
    camera: {
      faults: inAnswer('SETUP', (text) =>
        text.replace(
          /RTP\/AVP\/TCP;unicast;(interleaved=[\d-]+)\S*/,
          'RTP/AVP/TCP;ssrc= 1 2 ab;source=;$1;Mode="PLAY";x',
        ),
      ),
    },
  },
  {
    name: 'both tracks announced on channels 0-1',
    camera: { audio: 'aac', faults: inAnswer('SETUP', (text) => text.replace('interleaved=2-3', 'interleaved=0-1')) },
    watch: { audio: 2 },
    check: (t, seen) => t.ok(seen.notes.includes('rtsp.channel-twice')),
  },
  {
    name: 'a sound track that is refused costs the sound only',
    camera: { audio: 'aac', faults: inAnswer('SETUP', (text) => (/interleaved=2/.test(text) ? refusal(text) : text)) },
    check: (t, seen) => {
      t.ok(seen.notes.includes('rtsp.track-refused'));
      t.same(
        seen.tracks.map(({ kind }) => kind),
        ['video'],
      );
    },
  },
  {
    name: 'blanks behind header values',
    camera: { faults: { editResponse: (text) => text.replaceAll(/: (.*)\r\n/g, ':$1 \t\r\n') } },
  },
  {
    name: 'a description without type and with a wrong length',
    camera: {
      faults: inAnswer('DESCRIBE', (text) =>
        text.replace(/Content-Type: .*\r\n/, '').replace(/Content-Length: .*/, 'Content-Length: 40'),
      ),
    },
  },
  {
    name: 'a description without a length',
    camera: { audio: 'aac', faults: inAnswer('DESCRIBE', (text) => text.replace(/Content-Length: .*\r\n/, '')) },
    check: (t, seen) => t.equal(seen.tracks.length, 2),
  },
];

function refusal(text: string): string {
  return `RTSP/1.0 500 Internal Server Error\r\n${/CSeq: \d+/.exec(text)![0]}\r\n\r\n`;
}

const DESCRIPTION: readonly Quirk[] = [
  { name: 'nothing but m= and a= lines', camera: inSdp((sdp) => sdp.replaceAll(/^[vosct]=.*\r\n/gm, '')) },
  {
    name: 'line feeds only, blank lines, a byte order mark and zeros',
    camera: inSdp((sdp) => `\uFEFF\n\n${sdp.replaceAll('\r\n', '\n\n')}\0\0`),
  },
  {
    name: 'lines that are broken',
    camera: inSdp((sdp) =>
      sdp.replace(/o=.*/, 'o=-0x1F -7 IN').replace(/c=.*/, 'c=IN c=IN IP4').replace(/t=.*/, 't=now-'),
    ),
  },
  {
    name: 'a multicast address: unicast is asked for',
    camera: inSdp((sdp) => sdp.replace(/c=.*/, 'c=IN IP4 232.1.2.3/64')),
    check: (t, _seen, camera) => {
      const asked = camera.seen.flatMap(({ headers }) => headers.get('transport') ?? []);
      t.ok(asked.length > 0 && asked.every((text) => text.includes('unicast')));
    },
  },
  {
    name: 'media that are none',
    camera: inSdp(
      (sdp) =>
        `${sdp}m=application/TP-LINK 0 RTP/AVP smart/1/90000\r\na=rtpmap:95 TP-LINK/90000\r\nm=vana 0 RTP/AVP 35\r\n`,
    ),
    check: (t, seen) =>
      t.same(
        seen.tracks.map(({ kind }) => kind),
        ['video', 'audio'],
      ),
  },
  { name: 'video marked sendonly', camera: inSdp((sdp) => sdp.replace(/(a=rtpmap:96.*)/, '$1\r\na=sendonly')) },
  {
    name: 'profile-level-id that is none',
    camera: inSdp((sdp) => sdp.replace(/profile-level-id=\w+/, 'profile-level-id=TeAo')),
  },
  {
    name: 'packetization-mode=0, and fragments all the same',
    camera: { faults: { paddingBytes: 4000, editSdp: (sdp) => sdp.replace('mode=1;', 'mode=0;') } },
  },
  {
    name: 'blanks behind the rtpmap and an fmtp without a value',
    camera: inSdp((sdp) => sdp.replace(/(a=rtpmap:96 \S+)/, '$1 \t').replace(/a=fmtp:96 .*/, 'a=fmtp:96')),
  },
  ...(['none', 'empty', 'half', 'wrong', 'start-code'] as const).map((sprop) => ({
    name: `parameter sets of the description: ${sprop}`,
    camera: { faults: { sprop } },
  })),
  {
    name: 'H.265 without parameter sets in the description',
    camera: { clip: 'small-h265', faults: { sprop: 'empty' } },
  },
];

const MEDIA: readonly Quirk[] = [
  {
    name: 'datagrams of 9000 bytes',
    camera: { faults: { mtu: 9000, paddingBytes: 20_000 } },
    target: { transport: 'udp' },
    watch: { video: 15 },
    check: (t, seen) => t.equal(seen.figures!.tracks[0]!.damagedFrames, 0),
  },
  {
    name: 'interleaved packets as large as they can be',
    camera: { faults: { mtu: 65_000, paddingBytes: 60_000 } },
    watch: { video: 12 },
    check: (t, seen) => t.equal(seen.figures!.tracks[0]!.damagedFrames, 0),
  },
  {
    name: 'packets of 150 bytes',
    camera: { faults: { mtu: 150, paddingBytes: 3000 } },
    watch: { video: 12 },
    check: (t, seen) => t.equal(seen.figures!.tracks[0]!.damagedFrames, 0),
  },
  {
    name: 'pictures of half a megabyte in a thousand packets',
    camera: { faults: { mtu: 500, paddingBytes: 500_000 } },
    watch: { video: 6 },
    check: (t, seen) => t.equal(seen.figures!.tracks[0]!.damagedFrames, 0),
  },
  {
    name: 'packets of a foreign type with the numbers of the real ones',
    camera: { faults: { foreignPayloads: true } },
    watch: { video: 15 },
    check: (t, seen) => t.equal(seen.figures!.tracks[0]!.lost, 0),
  },
  {
    name: 'a flood of a foreign type',
    camera: { faults: { flood: { mbit: 20, payloadType: 50 } } },
    watch: { video: 15 },
    check: (t, seen) => t.ok(seen.figures!.tracks[0]!.foreign > 100),
  },
  {
    name: 'packets that come twice',
    camera: { faults: { duplicateRate: 0.5 } },
    watch: { video: 20 },
    check: (t, seen) => t.equal(seen.figures!.tracks[0]!.lost, 0),
  },
  {
    name: 'metadata in masses is not asked for',
    camera: { metadata: true, faults: { metadataFloodBytes: 60_000 } },
    check: (t, seen, camera) => {
      t.equal(setups(camera), 1);
      t.equal(seen.figures!.strayPackets, 0);
    },
  },
  {
    name: 'metadata in masses that must be asked for is dropped',
    camera: { metadata: true, faults: { metadataFloodBytes: 60_000, needsAllTracks: true } },
    target: { allTracks: true },
    watch: { video: 30 },
    check: (t, _seen, camera) => t.equal(setups(camera), 2),
  },
  {
    name: 'media that drops out again and again: the session stays',
    camera: { faults: { mediaDropOut: { everyMs: 1200, forMs: 500 } } },
    watch: { video: 45 },
    check: (t, _seen, camera) => t.equal(camera.sessions.length, 1),
  },
  {
    name: 'sound that is promised and never comes',
    camera: { audio: 'aac', faults: { audioStopped: true } },
    watch: { video: 30 },
  },
  {
    name: 'sound that begins before the pictures',
    camera: { audio: 'aac', faults: { videoDelayMs: 1000 } },
    watch: { audio: 5 },
    check: (t, seen) => t.ok(seen.audio >= 10),
  },
  {
    name: 'H.264 over UDP without server_port',
    camera: { faults: inAnswer('SETUP', (text) => text.replace(/;server_port=[\d-]+/, '')) },
    target: { transport: 'udp' },
  },
  {
    name: 'pictures only with sound set up too, over UDP',
    camera: { audio: 'g722', faults: { needsAllTracks: true } },
    target: { transport: 'udp', allTracks: true },
  },
];

const PASSWORDS = ['a@b:c/d#e%f?g', 'пароль ключ', '%41%zz', 'quo"te\\back', '密码'];

const LOGINS: readonly Quirk[] = [
  ...PASSWORDS.flatMap((password, index): Quirk[] => {
    const auth = { user: 'admin', password };
    return [
      { name: `password ${index} in Digest`, camera: { auth }, target: auth },
      {
        name: `password ${index} in SHA-256`,
        camera: { auth: { ...auth, schemes: ['sha-256'], qop: 'auth' } },
        target: auth,
      },
      { name: `password ${index} in Basic`, camera: { auth: { ...auth, schemes: ['basic'] } }, target: auth },
    ];
  }),
  {
    name: 'MD5 and SHA-256 in two headers: the stronger one is answered',
    camera: { auth: { user: 'u', password: 'p', schemes: ['md5', 'sha-256'], qop: 'auth' } },
    target: { user: 'u', password: 'p' },
    check: (t, _seen, camera) => {
      const answers = camera.seen.flatMap(({ headers }) => headers.get('authorization') ?? []);
      t.ok(answers.length > 2 && answers.every((text) => /algorithm=SHA-256\b/.test(text) && /qop=auth\b/.test(text)));
      t.equal(camera.wrongPasswords, 0);
    },
  },
  {
    name: 'an empty realm',
    camera: { auth: { user: 'u', password: 'p', realm: '' } },
    target: { user: 'u', password: 'p' },
  },
  {
    name: 'SHA-256 nonces that expire in mid-session',
    camera: { auth: { user: 'u', password: 'p', schemes: ['sha-256'], nonceLifeMs: 300 } },
    target: { user: 'u', password: 'p', ...EVERY_SECOND },
    until: ({ seen }) => seen.some(({ method, status }) => method === 'GET_PARAMETER' && status === 200),
    check: (t, _seen, camera) => {
      t.equal(camera.seen.at(-1)!.status, 200, 'TEARDOWN too');
      t.equal(camera.wrongPasswords, 0);
    },
  },
  {
    name: 'every request needs another nonce, over UDP',
    camera: { auth: { user: 'u', password: 'p', nonceOnce: true, tellStale: false } },
    target: { user: 'u', password: 'p', transport: 'udp' },
    check: (t, _seen, camera) => t.equal(camera.wrongPasswords, 0),
  },
];

async function plays(t: Test, quirks: readonly Quirk[], host?: string): Promise<void> {
  const cameras = quirks.map(({ camera }, index) => ({ ...camera, path: `q${index}`, staggerMs: 0 }));
  const farm = await CameraFarm.start({ cameras, ...(host && { host }) });
  const deps = await makeDeps();
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });
  await t.test('each of them plays', { jobs: 12 }, async (t) => {
    for (const [index, { name, target, watch: options, until, check }] of quirks.entries()) {
      const camera = farm.camera(`q${index}`);
      void t.test(name, async (t) => {
        const seen = await watch({ url: farm.url(camera.path), ...target }, deps, {
          ...(until && { until: () => until(camera) }),
          ...options,
        });
        t.equal(seen.error, undefined, 'no error');
        check?.(t, seen, camera);
        t.equal(camera.seen.at(-1)?.method, 'TEARDOWN', 'the camera was told');
      });
    }
  });
  t.equal(deps.pool.usage.inUseBytes, 0, 'every block came back');
}

t.jobs = 4;

t.test('keep-alive', (t) => plays(t, KEEP_ALIVE));
t.test('handshake', (t) => plays(t, HANDSHAKE));
t.test('description', (t) => plays(t, DESCRIPTION));
t.test('media', (t) => plays(t, MEDIA));
t.test('logins', (t) => plays(t, LOGINS));

t.test('IPv6', (t) =>
  plays(
    t,
    [
      { name: 'TCP', camera: { audio: 'aac' }, watch: { audio: 1 } },
      { name: 'UDP', target: { transport: 'udp' }, check: (t, seen) => t.equal(seen.transport, 'udp') },
      { name: 'with a login', camera: { auth: { user: 'u', password: 'p' } }, target: { user: 'u', password: 'p' } },
    ],
    '::1',
  ),
);

t.test('a login in the URL, percent-encoded or not', async (t) => {
  const farm = await CameraFarm.start({
    cameras: PASSWORDS.map((password, index) => ({ path: `p${index}`, auth: { user: 'ad min', password } })),
  });
  const deps = await makeDeps();
  t.teardown(async () => {
    await farm.stop();
    await deps.beat.stop();
  });
  for (const [index, password] of PASSWORDS.entries()) {
    const login = `${encodeURIComponent('ad min')}:${encodeURIComponent(password)}@`;
    const seen = await watch({ url: farm.url(`p${index}`).replace('//', `//${login}`) }, deps);
    t.equal(seen.error, undefined, `password ${index}`);
    const requests = farm.camera(`p${index}`).seen;
    t.ok(
      requests.every(({ uri }) => !uri.includes('@')),
      'no login in request lines',
    );
  }
});

t.test('requests of the camera are answered with their number', async (t) => {
  const asked = [
    'ANNOUNCE rtsp://x RTSP/1.0\r\nCSeq: 71\r\nContent-Length: 4\r\n\r\nv=0\n',
    'OPTIONS * RTSP/1.0\r\nCSeq: 72 \r\n\r\n',
    'PLAY_NOTIFY rtsp://x RTSP/1.0\r\nCSeq: 73\r\n\r\n',
  ];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(asked.join('\r\n'));
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString();
      if (/CSeq: 73/.test(heard)) stop.abort();
    });
  });
  let heard = '';
  const stop = new AbortController();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const deps = await makeDeps();
  t.teardown(async () => {
    server.close();
    await deps.beat.stop();
  });
  const { port } = server.address() as AddressInfo;
  const nothing = (): void => undefined;
  const sink = { description: nothing, playing: nothing, frame: nothing, note: nothing };
  await new RtspSession(resolveTarget({ url: `rtsp://127.0.0.1:${port}/x` }), deps, sink).run(stop.signal);
  const answers = [...heard.matchAll(/RTSP\/1\.0 (\d+) .*\r\nCSeq: (\d+)/g)].map(
    ([, status, cseq]) => `${cseq} ${status}`,
  );
  t.same(answers, ['71 405', '72 200', '73 501']);
});
