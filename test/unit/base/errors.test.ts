import t from 'tap';
import { asBoxError, BoxError, ERROR_CODES } from '../../../firmware/base/index.ts';

t.test('an error reports its code, words and context', async (t) => {
  const error = new BoxError('rtsp.not-found', { camera: 'gate', status: 404 });
  t.equal(error.kind, 'missing');
  t.strictSame(JSON.parse(JSON.stringify(error)), {
    code: 'rtsp.not-found',
    what: ERROR_CODES['rtsp.not-found'].what,
    advice: ERROR_CODES['rtsp.not-found'].advice,
    context: { camera: 'gate', status: 404 },
  });
  t.match(error.message, 'rtsp.not-found');
  t.match(error.message, 'camera=gate');
});

t.test('a secret put into the context is in no text of the error', async (t) => {
  const error = new BoxError('rtsp.unauthorized', {
    url: 'rtsp://admin:canary@10.0.0.1/stream',
    headers: { Authorization: 'Digest username="a", response="canary"' },
    nested: [{ password: 'canary' }, 'Authorization: Basic canary\r\nCSeq: 2'],
  });
  for (const text of [error.message, String(error.stack), JSON.stringify(error), JSON.stringify(error.context)]) {
    t.notMatch(text, /canary/);
  }
  t.match(JSON.stringify(error), 'CSeq: 2', 'what is no secret stays');
});

t.test('a foreign error becomes a BoxError that keeps it', async (t) => {
  const cause = Object.assign(new Error('connect to rtsp://u:canary@h/ failed'), { code: 'ECONNREFUSED' });
  const error = asBoxError(cause, 'rtsp.refused');
  t.equal(error.code, 'rtsp.refused');
  t.equal(error.cause, cause);
  t.equal(error.context.errno, 'ECONNREFUSED');
  t.notMatch(JSON.stringify(error), /canary/);
  t.equal(asBoxError(error, 'box.bug'), error, 'a BoxError stays itself');
  t.equal(asBoxError('words', 'box.bug').context.reason, 'words');
});

t.test('an error survives the way through JSON', async (t) => {
  const error = new BoxError('storage.io', { volume: 'disk1' });
  t.strictSame(BoxError.fromJSON(JSON.parse(JSON.stringify(error))).toJSON(), error.toJSON());
  const unknown = BoxError.fromJSON({ code: 'toString', context: { a: 1 } });
  t.strictSame([unknown.code, unknown.context], ['box.bug', { a: 1, unknownCode: 'toString' }]);
});

t.test('every code of the table has words that end like sentences', async (t) => {
  for (const [code, info] of Object.entries(ERROR_CODES)) {
    t.match(code, /^[a-z0-9-]+\.[a-z0-9-]+$/);
    t.match(info.what, /^[A-Z].*\.$/s, code);
    t.match(info.advice, /^[A-Z].*\.$/s, code);
  }
});
