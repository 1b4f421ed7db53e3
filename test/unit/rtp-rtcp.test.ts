import t from 'tap';
import { buildReceiverReport, parseRtcp, unixUsOf, type SenderReport } from '../../firmware/rtsp/rtp/rtcp.ts';

const SR = '80c80006 00000007 e9000000 80000000 00001000 00000005 000000c8';

function parse(hex: string) {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return parseRtcp(Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(20, 1)]), 3, 3 + bytes.length);
}

t.test('a compound packet is read', (t) => {
  const name = Buffer.from('cam@10.0.0.1').toString('hex');
  const packets = parse(`${SR} 81ca0005 00000007 010c ${name} 0000 81cb0003 00000007 056c61746572 0000`);
  t.match(packets, [
    { type: 'SR', ssrc: 7, rtpTimestamp: 0x1000, packetCount: 5, octetCount: 200 },
    { type: 'SDES', cname: 'cam@10.0.0.1' },
    { type: 'BYE', ssrc: 7, reason: 'later' },
  ]);
  t.equal(new Date(unixUsOf(packets[0] as SenderReport) / 1000).toISOString(), '2023-11-16T02:42:08.500Z');
  t.end();
});

t.test('the sender report counts even if the rest is broken', (t) => {
  t.match(parse(`${SR} 81ca0003 00000007 0106 63616d`), [{ type: 'SR' }, { type: 'SDES', cname: 'cam' }], 'cut off');
  t.match(parse(`${SR} 81ca00ff 00000007`), [{ type: 'SR' }, { type: 'SDES' }], 'a length beyond the end');
  t.match(parse(`${SR} 0000`), [{ type: 'SR' }], 'trailing bytes');
  t.match(
    parse('80c90001 00000001 80cd0000 80cc0002 00000001 41424344'),
    [{ type: 'RR' }, { type: 'APP' }],
    'unknown types',
  );
  t.same(parse('80c80006 00000007 e9000000'), [], 'a sender report cut off');
  t.same(parse(''), []);
  t.end();
});

t.test('the second chunk has the name', (t) => {
  t.match(parse('82ca0006 00000001 02016100 00000002 0103 6e6577 000000'), [{ type: 'SDES', cname: 'new' }]);
  t.end();
});

t.test('a receiver report is what it reads back as', (t) => {
  const source = {
    ssrc: 9,
    fractionLost: 128,
    cumulativeLost: -3,
    highest: 0x10005,
    jitter: 12.4,
    lastReport: 1,
    delay: 2,
  };
  const report = buildReceiverReport({ ownSsrc: 0xfffffffe, cname: 'box', source });
  t.equal(report.length % 4, 0);
  t.match(parseRtcp(report, 0, report.length), [
    { type: 'RR', ssrc: 0xfffffffe },
    { type: 'SDES', cname: 'box' },
  ]);
  t.equal(report.toString('hex', 8, 32), '0000000980fffffd000100050000000c0000000100000002');
  t.equal(report.readUInt16BE(2), 7, 'length in words less one');
  t.end();
});
