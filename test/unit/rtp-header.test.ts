import t from 'tap';
import { looksLikeRtcp, RtpHeader } from '../../firmware/rtsp/rtp/rtp-header.ts';

const header = new RtpHeader();
const FIXED = '0001 0000 0002 0000 0003';

function parse(hex: string, before = 0, after = 0): string | false {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const buffer = Buffer.concat([Buffer.alloc(before, 0xaa), bytes, Buffer.alloc(after, 0xbb)]);
  if (!header.parse(buffer, before, before + bytes.length)) return false;
  return buffer.toString('hex', header.payloadStart, header.payloadEnd);
}

t.test('the fixed header is read in place', (t) => {
  t.equal(parse(`80e1 ffff fffffffe 80000001 01020304`, 7, 9), '01020304');
  t.match(header, { payloadType: 97, marker: true, sequence: 65535, timestamp: 0xfffffffe, ssrc: 0x80000001 });
  t.equal(parse(`8061 ${FIXED} `), '', 'a packet without payload');
  t.equal(header.marker, false);
  t.end();
});

t.test('contributing sources, header extension and padding are skipped', (t) => {
  t.equal(parse(`8260 ${FIXED} aaaaaaaa bbbbbbbb 0506`), '0506', 'two contributing sources');
  t.equal(parse(`9060 ${FIXED} abac0003 000102030405060708090a0b 0506`), '0506', 'the extension of ONVIF replay');
  t.equal(parse(`a060 ${FIXED} 0506 000003`), '0506', 'padding');
  t.equal(parse(`b160 ${FIXED} aaaaaaaa bede0001 00000000 0506 0002`), '0506', 'all at once');
  t.equal(parse(`a060 ${FIXED} 0500`), '0500', 'a padding count of zero takes nothing away');
  t.end();
});

t.test('what is no whole RTP packet is refused', (t) => {
  t.equal(parse('8060 0001'), false, 'too short');
  t.equal(parse(`4060 ${FIXED} 01`), false, 'another version');
  t.equal(parse(`8f60 ${FIXED} 01`), false, 'more contributing sources than bytes');
  t.equal(parse(`9060 ${FIXED} bede`, 0, 20), false, 'a cut-off extension header');
  t.equal(parse(`9060 ${FIXED} bede00ff 01`, 0, 2000), false, 'an extension beyond the end');
  t.equal(parse(`a060 ${FIXED} 01ff`), false, 'more padding than payload');
  t.end();
});

t.test('RTCP is told from RTP by its packet type', (t) => {
  const is = (hex: string) => looksLikeRtcp(Buffer.from(hex, 'hex'), 0, hex.length / 2);
  for (const hex of ['80c80006', '81c90007', '81ca0001', '81cb0001', '80cc0001']) t.equal(is(hex), true, hex);
  for (const hex of ['80600001', '80e00001', '80c7', '40c80006', '80cd0001']) t.equal(is(hex), false, hex);
  t.end();
});
