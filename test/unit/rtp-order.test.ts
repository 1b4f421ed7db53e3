import t from 'tap';
import { ReorderWindow } from '../../firmware/rtsp/rtp/reorder.ts';
import { Reception } from '../../firmware/rtsp/rtp/reception.ts';
import { SequenceSpace } from '../../firmware/rtsp/rtp/sequence.ts';
import { seeded } from '../support/rtp-lab.ts';

t.test('sequence numbers wrap, gaps and repeats are told', (t) => {
  const space = new SequenceSpace({ cautious: false });
  t.equal(space.accept(65534), 1, 'the first one is due whatever its number');
  t.equal(space.accept(65535), 1);
  t.equal(space.accept(0), 1, 'over the wrap');
  t.equal(space.highest, 65536);
  t.equal(space.accept(0), 0, 'an exact repeat');
  t.equal(space.accept(65535), -1, 'a late one');
  t.equal(space.accept(5), 5, 'four are missing');
  t.equal(space.accept(20_005), SequenceSpace.RESTART, 'a large jump is a new start');
  t.equal(space.accept(20_006), 1);
  t.end();
});

t.test('over UDP one stray packet is no new start, two in a row are', (t) => {
  const space = new SequenceSpace({ cautious: true });
  space.accept(100);
  t.equal(space.accept(40_000), 0, 'stray');
  t.equal(space.accept(101), 1, 'the stream goes on');
  t.equal(space.accept(40_000), 0);
  t.equal(space.accept(40_001), SequenceSpace.RESTART);
  t.equal(space.accept(40_002), 1);
  t.end();
});

t.test('losses are reported as RFC 3550 A.3 has it', (t) => {
  const space = new SequenceSpace({ cautious: false });
  for (let n = 65_530; n < 65_530 + 100; n++) if (n % 4 !== 0) space.accept(n & 0xffff);
  const { fractionLost, cumulativeLost, highest } = space.report();
  t.equal(cumulativeLost, 25, 'one of four');
  t.equal(fractionLost, 64);
  t.equal(highest, 65_530 + 99, 'with the cycle in the upper half');
  for (let n = 65_630; n < 65_650; n++) space.accept(n & 0xffff);
  t.equal(space.report().fractionLost, 0, 'nothing lost since the last report');
  t.equal(space.report().cumulativeLost, 25);
  t.end();
});

interface Arrival {
  readonly number: number;
  readonly lost: number;
}

function windowOf(limits: { packets: number; ms: number }) {
  const out: Arrival[] = [];
  const window = new ReorderWindow(
    {
      packet: (buffer, start, _end, _timestamp, _marker, _arrivalUs, lost) =>
        out.push({ number: buffer.readUInt32BE(start), lost }),
    },
    limits,
  );
  const push = (number: number, arrivalUs = 0): boolean => {
    const buffer = Buffer.alloc(8);
    buffer.writeUInt32BE(number, 2);
    const taken = window.push(number, buffer, 2, 6, 0, false, arrivalUs);
    buffer.fill(0xcc);
    return taken;
  };
  return { out, window, push, numbers: () => out.map(({ number }) => number) };
}

t.test('packets that overtook others are put back in order', (t) => {
  const { out, push, numbers, window } = windowOf({ packets: 8, ms: 50 });
  for (const number of [10, 12, 11, 13, 16, 15, 14, 17]) push(number);
  t.same(numbers(), [10, 11, 12, 13, 14, 15, 16, 17]);
  t.ok(out.every(({ lost }) => lost === 0));
  t.equal(window.held, 0);
  t.equal(push(12), false, 'a repeat');
  push(19);
  t.equal(push(19), false, 'a repeat of one that waits');
  t.end();
});

t.test('a missing packet is given up when the window is full or the time is over', (t) => {
  const full = windowOf({ packets: 4, ms: 1000 });
  for (const number of [1, 3, 4, 5, 6]) full.push(number);
  t.same(full.out, [
    { number: 1, lost: 0 },
    { number: 3, lost: 1 },
    { number: 4, lost: 0 },
    { number: 5, lost: 0 },
    { number: 6, lost: 0 },
  ]);
  const late = windowOf({ packets: 16, ms: 50 });
  late.push(1, 0);
  late.push(3, 10_000);
  late.window.poll(59_000);
  t.same(late.numbers(), [1]);
  late.window.poll(60_000);
  t.same(late.out, [
    { number: 1, lost: 0 },
    { number: 3, lost: 1 },
  ]);
  t.equal(late.window.lost, 1);
  t.equal(late.push(2, 61_000), false, 'too late');
  t.end();
});

t.test('whatever order packets come in, they leave in order and every missing one is counted', (t) => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed);
    const { out, push, window } = windowOf({ packets: 1 + random(12), ms: 30 });
    const order = Array.from({ length: 300 }, (_, n) => ({
      n: n + 1,
      at: n * 1000 + random(random(8) === 0 ? 40_000 : 3000),
    }));
    const sent = order.filter(({ n }) => n === 1 || random(20) > 0).sort((a, b) => a.at - b.at);
    push(0, 0);
    for (const { n, at } of sent) push(n, at);
    window.flush();
    const numbers = out.map(({ number }) => number);
    if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!))
      t.fail(`out of order, seed ${seed}`);
    const lost = out.reduce((sum, one) => sum + one.lost, 0);
    if (lost + out.length !== numbers.at(-1)! + 1) t.fail(`miscounted, seed ${seed}: ${lost} + ${out.length}`);
    if (window.lost !== lost) t.fail(`two counts differ, seed ${seed}`);
  }
  t.end();
});

t.test('a receiver report says what was received', (t) => {
  const reception = new Reception({ clockRate: 90_000, cautious: false, ownSsrc: 7, cname: 'me' });
  t.equal(reception.build(0).toString('hex', 0, 8), '80c9000100000007', 'an empty report before the first packet');
  reception.changeSource(0xabcd);
  for (let n = 0; n < 50; n++) {
    reception.sequence.accept(n);
    reception.arrived(n * 3600, n * 40_000 + (n % 2) * 2000);
  }
  reception.reported(
    {
      type: 'SR',
      ssrc: 1,
      ntpSeconds: 0x12345678,
      ntpFraction: 0x9abcdef0,
      rtpTimestamp: 0,
      packetCount: 0,
      octetCount: 0,
    },
    1_000_000,
  );
  const report = reception.build(1_500_000);
  t.equal(report.toString('hex', 0, 2), '81c9');
  t.equal(report.readUInt32BE(8), 0xabcd);
  t.equal(report.readUInt32BE(16), 49, 'highest sequence');
  const jitter = report.readUInt32BE(20);
  t.ok(jitter > 150 && jitter <= 180, `2 ms of jitter are 180 ticks, slowly reached: ${jitter}`);
  t.equal(report.readUInt32BE(24), 0x56789abc, 'middle of the NTP time');
  t.equal(report.readUInt32BE(28), 32_768, 'half a second later');
  t.equal(report.toString('hex', 32), '81ca00030000000701026d6500000000', 'and the name');
  t.end();
});
