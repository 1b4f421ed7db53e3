import t from 'tap';
import { formatCameras, formatGaps, formatSegments, formatStatus, formatVerify } from '../../firmware/cli/text.ts';

const CAMERA = {
  id: 'door',
  name: 'Front door',
  stream: 'main',
  mode: 'continuous',
  connection: 'playing',
  recording: 'recording',
  because: 'continuous',
  video: { codec: 'H.264', width: 640, height: 360, fps: 15, gopS: 2 },
  audio: 'AAC-LC',
  bitsPerSecond: 123_456,
  packetsLost: 0,
  framesRecorded: 1,
  recordedTodayS: 3725,
  bytesToday: 5,
  notes: [],
};
const PROBLEM = { code: 'rtsp.refused', what: 'Nothing accepts connections.', advice: 'Check the port.' };
const STATUS = {
  box: 'x',
  name: 'n',
  version: '1',
  startedAt: '',
  recording: 1,
  expected: 2,
  cameras: [
    CAMERA,
    {
      ...CAMERA,
      name: 'Yard',
      connection: 'retrying',
      recording: 'waiting-for-key-frame',
      problem: PROBLEM,
      video: undefined,
      recordedTodayS: 0,
    },
  ],
  volumes: [
    {
      id: 'disk1',
      folder: '/',
      state: 'ready',
      usedBytes: 1500,
      budgetBytes: 2e9,
      freeBytes: 0,
      queuedBytes: 0,
      writeMsP99: 0,
      syncMsP99: 0,
    },
  ],
  problems: [{ ...PROBLEM, severity: 'warning', subject: 'yard', repairs: [] }],
  process: { rssBytes: 0, loopDelayMsP99: 0, recordLoopDelayMsP99: 0, mediaBytesHeld: 0, cpuSeconds: 0 },
};

t.test('status in words', async (t) => {
  const lines = formatStatus(STATUS).split('\n');
  t.match(lines[0], 'Recording 1 of 2 streams.');
  t.match(lines[2], /^Front door +recording +H\.264 640x360 \+ AAC-LC +123 +0 +01:02:05$/);
  t.match(lines[3], /^Yard +Nothing accepts connections\. +- /);
  t.match(lines[4], 'disk disk1: ready, 1.50 kB of 2.00 GB used');
  t.match(lines[5], 'problem: yard: Nothing accepts connections. Check the port.');
});

t.test('lists that are empty say so', async (t) => {
  t.match(formatCameras([]), /No cameras yet/);
  t.match(formatSegments([]), /Nothing was recorded/);
  t.match(formatGaps([]), /No gaps/);
});

t.test('rows stand in columns', async (t) => {
  const gaps = [
    { start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T00:00:12.500Z', seconds: 12.5, reason: 'camera-down' },
  ];
  t.equal(formatGaps(gaps).split('\n')[1], '2026-01-01T00:00:00.000Z  2026-01-01T00:00:12.500Z  12.5     camera-down');
  const segment = { start: 's', startUs: 0, endUs: 61e6, bytes: 1e6, open: false, suspect: true, file: '/a.mp4' };
  t.match(formatSegments([segment, { ...segment, open: true }]), /61\.0 +1\.00 MB +suspect +\/a\.mp4\n.*growing/);
});

t.test('a verdict with its findings', async (t) => {
  t.match(formatVerify({ ok: true, volumes: 1, segments: 3, findings: [] }), /3 segments .* in order/);
  const findings = [{ code: 'file.open', path: 'a.mp4', detail: 'repairable: x' }];
  t.match(
    formatVerify({ ok: false, volumes: 1, segments: 3, findings }),
    /1 finding\(s\)\.\nfile\.open  a\.mp4  repairable: x/,
  );
});
