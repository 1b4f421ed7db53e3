import t from 'tap';

import { AnswerHead } from '../../firmware/rtsp/http-tunnel.ts';
import { parseHead, parsePublic, serializeRequest } from '../../firmware/rtsp/message.ts';
import { parseRtpInfo } from '../../firmware/rtsp/rtp-info.ts';
import { parseSession } from '../../firmware/rtsp/session-header.ts';
import { parseTransport } from '../../firmware/rtsp/transport-header.ts';

t.test('a response with untidy lines is read', (t) => {
  const message = parseHead('RTSP/1.0 200 OK \nCseq : 7 \r\nno colon here\nPublic: OPTIONS,\n  PLAY\nX: a:b\n');
  if (message?.kind !== 'response') throw new Error('not a response');
  t.equal(message.status, 200);
  t.equal(message.reason, 'OK');
  t.equal(message.headers.get('CSEQ'), '7');
  t.same([...parsePublic(message.headers.all('public'))], ['OPTIONS', 'PLAY']);
  t.equal(message.headers.get('x'), 'a:b');
  t.end();
});

t.test('a status line without a reason, and what is no message', (t) => {
  t.match(parseHead('RTSP/1.0 454\r\nCSeq: 1'), { kind: 'response', status: 454, reason: '' });
  t.match(parseHead('OPTIONS * RTSP/1.0\r\nCSeq: 1'), { kind: 'request', method: 'OPTIONS', url: '*' });
  t.equal(parseHead('HTTP/1.1 200 OK'), undefined);
  t.equal(parseHead(''), undefined);
  t.end();
});

t.test('line breaks cannot be smuggled into a request', (t) => {
  const text = serializeRequest('PLAY', 'rtsp://h/\r\nEvil: 1', [['Session', 'a\r\nEvil: 2']]).toString();
  t.equal(text, 'PLAY rtsp://h/ Evil: 1 RTSP/1.0\r\nSession: a Evil: 2\r\n\r\n');
  t.end();
});

t.test('Transport: any order, any case, single numbers, empty values', (t) => {
  const cases: [string, object][] = [
    ['RTP/AVP/TCP;unicast;interleaved=0-1;ssrc=30A98EE7', { lower: 'tcp', interleaved: [0, 1], ssrc: 0x30a98ee7 }],
    ['RTP/AVP/TCP;ssrc=22345684;interleaved=0-1', { lower: 'tcp', interleaved: [0, 1], ssrc: 0x22345684 }],
    ['RTP/AVP;interleaved=0', { lower: 'tcp', interleaved: [0, 1] }],
    [
      'rtp/avp;UNICAST;Client_Port=5000-5001;SERVER_PORT=6000;source=;mode="PLAY"',
      { lower: 'udp', serverPort: [6000, 6001] },
    ],
    ['RTP/AVP/UDP;multicast;destination=232.1.1.1;ttl=5', { lower: 'udp', multicast: true, destination: '232.1.1.1' }],
    ['RTP/AVP/TCP;unicast;interleaved=4-5;ssrc= 1 2 ab', { interleaved: [4, 5], ssrc: 0x12ab }],
    ['RTP/AVP/TCP;interleaved=300-301;ssrc=zz', { lower: 'tcp', interleaved: undefined, ssrc: undefined }],
    ['RTP/AVP/TCP;unicast;interleaved=2-3,RTP/AVP;unicast', { lower: 'tcp', interleaved: [2, 3] }],
    ['', { lower: 'udp', multicast: false }],
  ];
  for (const [value, wanted] of cases)
    t.match({ interleaved: undefined, ssrc: undefined, ...parseTransport(value) }, wanted, value);
  t.end();
});

t.test('RTP-Info: optional in every part', (t) => {
  t.same(parseRtpInfo('url=trackID=0;seq=47121;rtptime=3475222385,url=trackID=1;seq=45186;rtptime=2234446919'), [
    { url: 'trackID=0', seq: 47121, rtptime: 3475222385 },
    { url: 'trackID=1', seq: 45186, rtptime: 2234446919 },
  ]);
  t.same(parseRtpInfo('url=rtsp://h/a,b;seq=1;rtptime=-5; , URL=x;ssrc=0;'), [
    { url: 'rtsp://h/a,b', seq: 1 },
    { url: 'x' },
  ]);
  t.same(parseRtpInfo(';;,'), []);
  t.end();
});

t.test('Session: the id as it came, the time-out if it makes sense', (t) => {
  t.same(parseSession('9a90de54; timeout=120'), { id: '9a90de54', timeoutS: 120, timeoutGiven: true });
  t.same(parseSession('12345678'), { id: '12345678', timeoutS: 60, timeoutGiven: false });
  t.same(parseSession('a;Timeout = "30" ;x=1'), { id: 'a', timeoutS: 30, timeoutGiven: true });
  t.same(parseSession('a;timeout=0'), { id: 'a', timeoutS: 60, timeoutGiven: false });
  t.equal(parseSession(' ;timeout=5'), undefined);
  t.end();
});

t.test('the head of a tunnel has a longest length, which does not depend on how it comes', (t) => {
  const head = (bytes: number): Buffer => {
    const start = 'HTTP/1.0 200 OK\r\nX: ';
    return Buffer.from(`${start}${'x'.repeat(bytes - start.length)}\r\n\r\n`);
  };
  const verdicts = (bytes: Buffer, step: number): string => {
    const reader = new AnswerHead();
    for (let at = 0; at < bytes.length; at += step) {
      const said = reader.push(bytes, at, Math.min(bytes.length, at + step));
      if (said !== 'more') return said === 'bad' ? 'bad' : String(said.status);
    }
    return 'more';
  };
  for (const step of [7, 1460, 1 << 20]) {
    t.equal(verdicts(head(16_384), step), '200', `in pieces of ${step}`);
    t.equal(verdicts(head(16_385), step), 'bad', `too long in pieces of ${step}`);
  }
  t.end();
});
