import t from 'tap';
import { BoxError } from '../../../firmware/base/index.ts';
import { checkSettings, describeSettings, maskSettings } from '../../../firmware/config/index.ts';

const CAMERA = { id: 'gate', streams: [{ id: 'main', url: 'rtsp://10.0.0.1/a' }] };

function refusal(raw: unknown): BoxError {
  try {
    checkSettings(raw);
  } catch (error) {
    if (error instanceof BoxError) return error;
    throw error;
  }
  throw new Error('accepted');
}

t.test('nothing at all gives complete settings', async (t) => {
  const settings = checkSettings({ cameras: [CAMERA] });
  t.match(settings, {
    volumes: [{ id: 'disk1', folder: 'recordings', recoveryPointMs: 2000, sync: 'auto' }],
    cameras: [{ mode: 'continuous', preRecordS: 5, postRecordS: 15, streams: [{ transport: 'tcp', record: true }] }],
    recording: { segmentSeconds: 300, fragmentMs: 1000, napMs: 250 },
    http: { port: 8080, host: '127.0.0.1' },
  });
});

t.test('unknown names are refused with their path', async (t) => {
  const table: [unknown, string][] = [
    [{ foo: 1 }, 'foo'],
    [{ http: { prot: 80 } }, 'http.prot'],
    [{ cameras: [{ ...CAMERA, streams: [{ ...CAMERA.streams[0], ulr: '' }] }] }, 'cameras[0].streams[0].ulr'],
    [JSON.parse('{"http":{"__proto__":{"port":1}}}'), 'http.__proto__'],
    [{ foo: 1, http: { port: -1 } }, 'foo'],
  ];
  for (const [raw, path] of table) {
    const { code, context } = refusal(raw);
    t.strictSame([code, context.path], ['config.unknown-key', path]);
  }
});

t.test('wrong values are refused with their path and without the value', async (t) => {
  const camera = (changes: object) => ({ cameras: [{ ...CAMERA, ...changes }] });
  const url = (text: string) => camera({ streams: [{ id: 'main', url: text }] });
  const table: [unknown, string][] = [
    [camera({ id: 'Gate' }), 'cameras[0].id'],
    [camera({ id: '../x' }), 'cameras[0].id'],
    [camera({ streams: [] }), 'cameras[0].streams'],
    [camera({ streams: [CAMERA.streams[0], CAMERA.streams[0]] }), 'cameras[0].streams'],
    [{ cameras: [CAMERA, CAMERA] }, 'cameras'],
    [url('http://canary/'), 'cameras[0].streams[0].url'],
    [url('rtsp://canary:canary@host/'), 'cameras[0].streams[0].url'],
    [url('rtsp://@canary/'), 'cameras[0].streams[0].url'],
    [url('rtsp://host/ca nary'), 'cameras[0].streams[0].url'],
    [url('rtsp://host/\r\ncanary'), 'cameras[0].streams[0].url'],
    [url('rtsp:///canary'), 'cameras[0].streams[0].url'],
    [camera({ mode: 'schedule' }), 'cameras[0].schedule'],
    [camera({ schedule: [{ day: 7, from: '00:00', to: '01:00' }] }), 'cameras[0].schedule[0].day'],
    [camera({ schedule: [{ day: 0, from: '22:00', to: '06:00' }] }), 'cameras[0].schedule[0].to'],
    [camera({ schedule: [{ day: 0, from: '8:00', to: '09:00' }] }), 'cameras[0].schedule[0].from'],
    [camera({ preRecordS: 61 }), 'cameras[0].preRecordS'],
    [camera({ name: 'a\u202eb' }), 'cameras[0].name'],
    [camera({ password: 5 }), 'cameras[0].password'],
    [{ volumes: [] }, 'volumes'],
    [{ volumes: [{ id: 'a', folder: '../x' }] }, 'volumes[0].folder'],
    [{ volumes: [1, 2].map((n) => ({ id: `a${n}`, folder: 'same' })) }, 'volumes'],
    [{ recording: { segmentSeconds: 4 } }, 'recording.segmentSeconds'],
    [{ recording: { fragmentMs: 1001 } }, 'recording.fragmentMs'],
    [{ http: { port: 65536 } }, 'http.port'],
    [{ site: { timeZone: 'Mars/Base' } }, 'site.timeZone'],
    [{ log: { level: 'loud' } }, 'log.level'],
    [[], ''],
  ];
  for (const [raw, path] of table) {
    const error = refusal(raw);
    t.strictSame([error.code, error.context.path], ['config.invalid', path], JSON.stringify(raw));
    t.notMatch(JSON.stringify(error), /canary/);
  }
});

t.test('good values of every kind are taken', async (t) => {
  const streams = [
    'rtsp://cam.local',
    'rtsps://[fe80::1]:322/a?b=c&d#e',
    'RTSP://10.0.0.1:554/Streaming/Channels/101',
    'rtsp://10.0.0.1/user@home',
  ].map((url, at) => ({ id: `s${at}`, url }));
  const schedule = [{ day: 0, from: '00:00', to: '24:00' }];
  t.doesNotThrow(() =>
    checkSettings({
      cameras: [{ ...CAMERA, streams, schedule, mode: 'schedule', name: '大门 · Gate' }],
      site: { timeZone: 'Asia/Shanghai' },
      volumes: [{ id: 'a', folder: '/mnt/disk..1', budgetBytes: 1_000_000_000_000 }],
    }),
  );
});

t.test('groups that cameras name must be there', async (t) => {
  const volumes = [{ id: 'a', folder: 'a', group: 'vault' }];
  const cameraGroups = [{ id: 'tills', whenFull: 'stop' }];
  const check = (camera: object) => checkSettings({ cameras: [{ ...CAMERA, ...camera }], volumes, cameraGroups });
  t.match(check({ group: 'vault', cameraGroup: 'tills' }), { cameraGroups: [{ whenFull: 'stop' }] });
  t.match(check({}).cameras[0], { group: '', cameraGroup: '', copies: 1, retention: {} });
  for (const field of ['group', 'cameraGroup']) {
    const path = `cameras[0].${field}`;
    t.throws(() => check({ [field]: 'nowhere' }), { code: 'config.invalid', context: { path } });
  }
});

t.test('every setting is described', async (t) => {
  const described = describeSettings();
  for (const { path, title, help } of described) {
    t.match(title, /^[A-Z]/, path);
    t.match(help, /^[A-Za-z].*\.$/s, path);
  }
  t.strictSame(
    described.filter(({ secret }) => secret).map(({ path }) => path),
    ['cameras[].password', 'notices.email.password', 'notices.webhooks[].url', 'notices.webhooks[].secret'],
  );
  t.match(
    described.find(({ path }) => path === 'recording.napMs'),
    { type: 'integer 0..250', default: 250, required: false },
  );
});

t.test('shown settings hold no secret', async (t) => {
  const url = 'rtsp://10.0.0.1/user=admin&password=canary';
  const settings = checkSettings({ cameras: [{ ...CAMERA, password: 'canary', streams: [{ id: 'main', url }] }] });
  const shown = maskSettings(settings);
  t.notMatch(JSON.stringify(shown), /canary/);
  t.equal(shown.cameras[0]?.id, 'gate');
  t.equal(settings.cameras[0]?.password, 'canary', 'the settings themselves are untouched');
});

t.test('notices: what must not be set', async (t) => {
  const email = { host: 'mail.test', from: 'box@site.test', to: ['a@site.test'] };
  const webhook = { id: 'a', url: 'https://hub.test/x', secret: 'sixteen characters' };
  const refused: [Record<string, unknown>, string][] = [
    [{ email: { ...email, from: '' } }, 'notices.email.from'],
    [{ email: { ...email, to: [] } }, 'notices.email.to'],
    [{ email: { ...email, to: ['a@site.test\r\nBcc: b@site.test'] } }, 'notices.email.to[0]'],
    [{ email: { ...email, to: ['Guard <a@site.test>'] } }, 'notices.email.to[0]'],
    [{ email: { ...email, security: 'none', username: 'u' } }, 'notices.email.security'],
    [{ email: { ...email, ca: 'no certificate' } }, 'notices.email.ca'],
    [{ email: { ...email, quietHours: [{ from: '22:00', to: '22:00' }] } }, 'notices.email.quietHours[0].to'],
    [{ webhooks: [{ ...webhook, url: 'http://hub.test/x' }] }, 'notices.webhooks[0].url'],
    [{ webhooks: [{ ...webhook, url: 'https://user:pw@hub.test/x' }] }, 'notices.webhooks[0].url'],
    [{ webhooks: [{ ...webhook, url: 'file:///etc/passwd' }] }, 'notices.webhooks[0].url'],
    [{ webhooks: [{ ...webhook, secret: 'short' }] }, 'notices.webhooks[0].secret'],
    [{ webhooks: [webhook, webhook] }, 'notices.webhooks'],
    [{ allowNetworks: ['0.0.0.0/0'] }, 'notices.allowNetworks[0]'],
    [{ allowNetworks: ['10.0.0.0/33'] }, 'notices.allowNetworks[0]'],
  ];
  for (const [notices, path] of refused) {
    t.throws(() => checkSettings({ notices }), { code: 'config.invalid', context: { path } }, path);
  }
  t.equal(checkSettings({ notices: { email, webhooks: [webhook] } }).notices.email.security, 'starttls');
});
