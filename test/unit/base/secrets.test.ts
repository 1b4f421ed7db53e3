import t from 'tap';
import { maskSecrets, maskText } from '../../../firmware/base/index.ts';

t.test('credentials are masked in text', async (t) => {
  const table: [string, string][] = [
    ['rtsp://admin:pw@10.0.0.1:554/a', 'rtsp://***@10.0.0.1:554/a'],
    ['rtsp://admin@10.0.0.1/a', 'rtsp://***@10.0.0.1/a'],
    ['open RTSPS://admin:p@ss/w#o?rd@cam.local/a failed', 'open RTSPS://***@cam.local/a failed'],
    ['rtsp://1.2.3.4/user=admin_password=tlJw&channel=1', 'rtsp://1.2.3.4/user=admin_password=***&channel=1'],
    ['rtsp://1.2.3.4/a?loginuse=x&pwd=abc&b=1', 'rtsp://1.2.3.4/a?loginuse=x&pwd=***&b=1'],
    ['https://a.example/in?api_key=abc&x=1&sig=d%2Fe#f', 'https://a.example/in?api_key=***&x=1&sig=***#f'],
    ['/in?key=abc', '/in?key=***'],
    ['Authorization: Digest username="a", nonce="b"\r\nCSeq: 1', 'Authorization: ***\r\nCSeq: 1'],
    ['"password":"abc"', '"password":"***"'],
  ];
  for (const [text, masked] of table) t.equal(maskText(text), masked);
});

t.test('harmless text stays as it is', async (t) => {
  for (const text of [
    'rtsp://10.0.0.1:554/a',
    'mail a@b.example',
    'rtsp://[fe80::1]:554/a',
    'the passage: 5 m',
    'a?monkey=1&design=2',
  ]) {
    t.equal(maskText(text), text);
  }
});

t.test('masking text takes linear time', async (t) => {
  const hostile = [
    'a://'.repeat(20_000),
    'a://x:'.repeat(20_000),
    'password='.repeat(20_000),
    `a://${'x'.repeat(200_000)}`,
  ];
  for (const text of hostile) t.type(maskText(text), 'string');
});

t.test('values of any shape become plain and bounded', async (t) => {
  const loop: Record<string, unknown> = { name: 'loop' };
  loop.self = loop;
  t.equal(typeof JSON.stringify(maskSecrets(loop)), 'string');
  t.strictSame(
    maskSecrets({
      big: 5n,
      bytes: new Uint8Array(7),
      map: new Map([['password', 'x']]),
      set: new Set([1]),
      when: new Date(0),
      socket: new AbortController(),
      call: () => 1,
      none: undefined,
      username: 'x',
    }),
    {
      big: '5',
      bytes: '<7 bytes>',
      map: { password: '***' },
      set: [1],
      when: '1970-01-01T00:00:00.000Z',
      socket: '<AbortController>',
      call: '<function>',
      none: undefined,
      username: '***',
    },
  );
  const masked = maskSecrets(new Error('a', { cause: new Error('rtsp://u:p@h/') })) as Record<string, unknown>;
  t.match(masked, { name: 'Error', message: 'a', cause: { message: 'rtsp://***@h/' } });
  t.equal((maskSecrets(Array.from({ length: 1000 }, () => 0)) as unknown[]).length, 200);
});
