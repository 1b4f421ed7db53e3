import { createHash } from 'node:crypto';
import t from 'tap';

import { Authenticator, chooseChallenge, parseChallenges } from '../../../firmware/base/authenticator.ts';

const USER = { user: 'Mufasa', password: 'Circle of Life' };

t.test('several challenges in several headers are all seen', (t) => {
  const challenges = parseChallenges([
    'Basic realm="a, b", Digest realm="r",nonce= "n1" , algorithm=MD5, qop="auth,auth-int", stale=FALSE',
    'Digest realm="r", nonce="n2", algorithm="SHA-256", opaque=""',
    'Negotiate',
  ]);
  t.same(
    challenges.map(({ scheme }) => scheme),
    ['basic', 'digest', 'digest', 'negotiate'],
  );
  t.equal(challenges[0]!.parameters.get('realm'), 'a, b');
  t.equal(challenges[1]!.parameters.get('qop'), 'auth,auth-int');
  t.equal(chooseChallenge(challenges)!.parameters.get('nonce'), 'n2', 'SHA-256 first');
  t.equal(chooseChallenge(challenges.slice(0, 2))!.scheme, 'digest', 'Digest before Basic, whatever comes first');
  t.equal(chooseChallenge(challenges.slice(0, 1), false), undefined, 'no Basic where it is not allowed');
  t.end();
});

t.test('the answers of RFC 7616 section 3.9.1', (t) => {
  const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v';
  const opaque = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS';
  const answers = {
    MD5: '8ca523f5e9506fed4657c9700eebdbec',
    'SHA-256': '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  };
  for (const [algorithm, response] of Object.entries(answers)) {
    const login = new Authenticator(USER, { makeCnonce: () => 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' });
    const value = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="${opaque}"`;
    t.equal(login.challenge([value], false), 'answer');
    const header = login.header('GET', '/dir/index.html')!;
    t.match(header, `response="${response}"`);
    t.match(header, `algorithm=${algorithm},`);
    t.match(header, 'qop=auth, nc=00000001,');
    t.match(header, `opaque="${opaque}"`);
    t.match(login.header('GET', '/dir/index.html'), 'nc=00000002', 'each use of a nonce is counted');
  }
  t.end();
});

t.test('without qop the old form is used, and neither nc nor cnonce is sent', (t) => {
  const md5 = (text: string): string => createHash('md5').update(text, 'utf8').digest('hex');
  const login = new Authenticator({ user: 'ädmin', password: 'p:ä/ß' });
  login.challenge(['Digest realm="", nonce="98481030"'], false);
  const header = login.header('DESCRIBE', 'rtsp://h/a?b=c')!;
  const response = md5(`${md5('ädmin::p:ä/ß')}:98481030:${md5('DESCRIBE:rtsp://h/a?b=c')}`);
  t.match(header, `response="${response}"`);
  t.match(header, 'uri="rtsp://h/a?b=c"');
  t.notMatch(header, /nc=|cnonce|qop|algorithm/);
  t.end();
});

t.test('a fresh nonce deserves one more answer, the same one confirms the refusal', (t) => {
  const login = new Authenticator(USER);
  const offer = (nonce: string, more = ''): string[] => [`Digest realm="r", nonce="${nonce}"${more}`];
  t.equal(login.header('PLAY', 'rtsp://h'), undefined, 'nothing is sent unasked');
  t.equal(login.challenge(offer('a'), false), 'answer');
  t.equal(login.challenge(offer('a'), true), 'refused');
  t.equal(login.challenge(offer('b'), true), 'answer');
  t.equal(login.challenge(offer('b', ', stale=true'), true), 'answer');
  t.equal(login.challenge(offer('b', ', stale="TRUE"'), true), 'answer');
  t.equal(login.challenge([], true), 'refused');
  t.equal(new Authenticator(USER).challenge(['Negotiate x'], false), 'unsupported');
  t.equal(
    new Authenticator(USER).challenge(['Digest realm="r", nonce="a", algorithm=SHA-512-256'], false),
    'unsupported',
  );
  t.end();
});

t.test('Basic', (t) => {
  const login = new Authenticator(USER);
  t.equal(login.challenge(['Basic realm="x"'], false), 'answer');
  t.equal(login.header('PLAY', 'u'), `Basic ${Buffer.from('Mufasa:Circle of Life').toString('base64')}`);
  t.equal(login.challenge(['Basic realm="x"'], true), 'refused');
  t.end();
});

t.test('realm and nonce are strings and nothing else', (t) => {
  for (const [realm, nonce] of [
    ['', '98481030'],
    ['IP Camera(C1234)', 'zz/+=!'],
    ['a, b="', '0'],
  ] as const) {
    const login = new Authenticator({ user: 'u', password: 'p' });
    const quoted = realm.replaceAll('"', '\\"');
    t.equal(login.challenge([`Digest realm="${quoted}", nonce="${nonce}"`], false), 'answer');
    const header = login.header('PLAY', 'rtsp://h')!;
    t.ok(header.includes(`realm="${quoted}", nonce="${nonce}"`), header);
  }
  const login = new Authenticator({ user: 'u', password: 'p' });
  login.challenge(['Digest realm="first", nonce="a"'], false);
  t.equal(login.challenge(['Digest realm="second", nonce="b"'], true), 'answer');
  t.match(login.header('PLAY', 'rtsp://h'), 'realm="second", nonce="b"');
  t.end();
});
