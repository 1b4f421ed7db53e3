/** The runners of the conformance folders against a small folder of the same form, made here: what holds passes, what does not fails. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { readCorpus, runCase, type CaseResult } from '../conformance/corpus.ts';
import { rtpPacket, setsOf } from '../support/rtp-lab.ts';
import { hddReading } from '../support/smart-readings.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';

interface Entry {
  readonly kind: string;
  readonly file: string;
  readonly content: string;
  readonly expect: Record<string, unknown>;
}

const [SPS, PPS] = setsOf('small.h264').map((set) => set.toString('hex')) as [string, string];
const IDR = '65888400aabbccdd';
const SLICE = '419a0211223344';

const packet = (sequence: number, timestamp: number, payload: string, marker = true): string =>
  rtpPacket({ sequence, timestamp, payload: Buffer.from(payload, 'hex'), marker }).toString('hex');

function interleaved(channel: number, hex: string): string {
  return `24${channel.toString(16).padStart(2, '0')}${(hex.length / 2).toString(16).padStart(4, '0')}${hex}`;
}

const ANSWER = 'RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n';

async function results(t: Teardown, entries: readonly Entry[]): Promise<CaseResult[]> {
  const folder = await tempFolder(t);
  for (const { file, content } of entries) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
  const index = entries.map(({ kind, file, expect }) => ({ kind, file, expect }));
  await writeFile(join(folder, 'INDEX.json'), JSON.stringify({ entries: index }));
  const found: CaseResult[] = [];
  for (const entry of await readCorpus(folder)) found.push(await runCase(entry, folder));
  return found;
}

const HOLDS: readonly Entry[] = [
  {
    kind: 'params',
    file: 'params/remarks.hex',
    content: `# the sets of a camera\n${SPS.replaceAll(/(..)/g, '$1 ')} # SPS\n\n${PPS}\n`,
    expect: { codec: 'avc', width: 320, height: 240, nal_types: [7, 8], nal_count: 2, bit_depth_luma: 8 },
  },
  {
    kind: 'params',
    file: 'params/stream.hex',
    content: `00000001${SPS}000001${PPS}0000000001${IDR}`,
    expect: { codec: 'h264', width: 320, nal_types: [7, 8, 5], coded_width: 320 },
  },
  {
    kind: 'params',
    file: 'params/he-aac.hex',
    content: '2b098800\n',
    expect: { codec: 'aac', sample_rate: 24000, extension_sample_rate: 48000, object_type: 2, rfc6381: 'mp4a.40.5' },
  },
  {
    kind: 'params',
    file: 'params/broken.hex',
    content: '67ff\n',
    expect: { codec: 'h264', error: 'too short' },
  },
  {
    kind: 'rtp',
    file: 'rtp/sets-missing.hex',
    content: `${packet(1, 0, IDR)}\n${packet(2, 3600, SLICE)}\n`,
    expect: {
      codec: 'h264',
      frame_count: 2,
      access_units: [
        { rtp_timestamp: 900, nals_hex: [IDR] },
        { rtp_timestamp: 4500, nals_hex: [SLICE] },
      ],
    },
  },
  {
    kind: 'rtp',
    file: 'rtp/sets-made-up.hex',
    content: `${packet(1, 0, '6701', false)}\n${packet(2, 0, '6801', false)}\n${packet(3, 0, IDR)}\n`,
    expect: { codec: 'h264', frame_count: 1, access_units: [{ nal_types: [7, 8, 5], nal_sizes: [2, 2, 8] }] },
  },
  {
    kind: 'rtp',
    file: 'rtp/another-codec.hex',
    content: packet(1, 0, '00'),
    expect: { codec: 'h264', frame_count: 0, access_units: [], error: true },
  },
  {
    kind: 'rtp',
    file: 'rtp/a-stream.hex',
    content: [
      interleaved(4, packet(1, 0, SPS, false)),
      Buffer.from(ANSWER).toString('hex'),
      interleaved(4, packet(2, 0, PPS, false)),
      interleaved(5, '80c80006000012340000000000000000000000000000000000000000'),
      interleaved(4, packet(3, 0, IDR)),
    ].join('\n'),
    expect: {
      frames_per_channel: { 4: 3, 5: 1 },
      rtsp_messages: 1,
      video: { channel: 4, payload_type: 96, codec: 'h264', access_units: 1, au_nal_types: [[7, 8, 5]] },
    },
  },
  {
    kind: 'rtcp',
    file: 'rtcp/goodbye.hex',
    content: '80c9000100001234 81cb000200001234 02 6279 00',
    expect: { packets: ['RR', 'BYE'], bye_ssrc: 0x1234, bye_reason: 'by', ssrc: 0x1234 },
  },
  {
    kind: 'rtsp',
    file: 'rtsp/login.rtsp',
    content:
      'RTSP/1.0 401 Unauthorized\r\nCSeq: 2\r\nWWW-Authenticate: Basic realm="a"\r\n' +
      'WWW-Authenticate: Digest realm="b", nonce="c", algorithm=SHA-256\r\n\r\n',
    expect: {
      status: 401,
      reason: 'Unauthorized',
      auth_schemes: ['Basic', 'Digest'],
      challenges: [
        { scheme: 'Basic', realm: 'a' },
        { scheme: 'Digest', nonce: 'c' },
      ],
      realm: 'b',
      session: null,
    },
  },
  {
    kind: 'rtsp',
    file: 'rtsp/of-the-camera.rtsp',
    content: 'OPTIONS rtsp://box/ RTSP/1.0\r\nCSeq: 4\r\n\r\n',
    expect: { method: 'OPTIONS', cseq: 4, headers: { cseq: '4' } },
  },
  { kind: 'rtsp', file: 'rtsp/no-answer.rtsp', content: 'HELLO\r\n\r\n', expect: { parse_error: 'no start line' } },
  {
    kind: 'sdp',
    file: 'sdp/two.sdp',
    content:
      'v=0\na=control:*\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\na=framerate:12.5\na=control:t1\n' +
      'm=audio 0 RTP/AVP 97\na=rtpmap:97 opus/48000/2\na=control:t2\n',
    expect: {
      stream_count: 2,
      streams: [
        { codec: 'h264', recordable: true, sdp_framerate_raw: ['12.5'], parameters_usable_from_sdp: false },
        { codec: 'opus', encoding: 'opus', clock_rate: 48000, control_raw: 't2', recordable: false },
      ],
    },
  },
  {
    kind: 'smart',
    file: 'disk.json',
    content: JSON.stringify(hddReading()),
    expect: { verdict: 'ok', passed: true, attributes: { 5: 0 } },
  },
];

t.test('what holds passes', async (t) => {
  for (const [at, result] of (await results(t, HOLDS)).entries()) {
    t.strictSame([result.outcome, result.words], ['passed', []], HOLDS[at]!.file);
  }
});

/** An expectation of each kind that does not hold. */
const WRONG: Readonly<Record<string, Record<string, unknown>>> = {
  'params/remarks.hex': { codec: 'h264', width: 321 },
  'params/stream.hex': { codec: 'h264', invalid: true },
  'params/he-aac.hex': { codec: 'aac', sample_rate: 48000 },
  'rtp/sets-missing.hex': { codec: 'h264', frame_count: 1 },
  'rtp/sets-made-up.hex': { codec: 'h264', frame_count: 1, access_units: [{ nal_types: [5], nal_sizes: [7] }] },
  'rtp/a-stream.hex': { frames_per_channel: { 4: 2 } },
  'rtcp/goodbye.hex': { packets: ['BYE'] },
  'rtsp/login.rtsp': { status: 401, realm: 'a' },
  'rtsp/of-the-camera.rtsp': { method: 'PLAY' },
  'sdp/two.sdp': { stream_count: 2, streams: [{ codec: 'h265' }] },
  'disk.json': { verdict: 'notice' },
};

t.test('what does not hold fails', async (t) => {
  const entries = HOLDS.filter(({ file }) => file in WRONG).map((entry) => ({ ...entry, expect: WRONG[entry.file]! }));
  t.equal(entries.length, Object.keys(WRONG).length);
  for (const [at, { outcome }] of (await results(t, entries)).entries()) t.equal(outcome, 'failed', entries[at]!.file);
});

t.test('what the box does not take is skipped, never passed', async (t) => {
  const entries = [
    { kind: 'rtp', file: 'a.hex', content: packet(1, 0, '00'), expect: { codec: 'mjpeg', frame_count: 1 } },
    { kind: 'params', file: 'b.hex', content: '00', expect: { codec: 'vp8', width: 9 } },
    { kind: 'params', file: 'c.hex', content: SPS, expect: {} },
    { kind: 'poetry', file: 'd.txt', content: '', expect: { rhymes: true } },
  ];
  for (const { outcome } of await results(t, entries)) t.equal(outcome, 'skipped');
});
