import t from 'tap';
import {
  findStartCode,
  isAud,
  isEndOfSequence,
  isFiller,
  isFirstSlice,
  isKey,
  isParameterSet,
  isSei,
  isSlice,
  nalType,
  recoveryPoint,
  splitAnnexB,
  type VideoCodec,
} from '../../firmware/media/index.ts';
import { BitWriter } from '../support/bit-writer.ts';
import { h264Slice } from '../support/parameter-sets.ts';

function split(...bytes: number[]): string[] {
  const buffer = Buffer.from([9, 9, ...bytes, 0, 0, 1, 9]);
  return splitAnnexB(buffer, 2, bytes.length + 2).map(({ start, end }) => buffer.toString('hex', start, end));
}

t.test('annex B is split at start codes of either length', async (t) => {
  t.strictSame(split(0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2, 0, 0, 1, 0x65, 3), ['6701', '6802', '6503']);
  t.strictSame(split(0, 0, 0, 1, 0x67, 1, 0, 0), ['6701'], 'trailing zeros');
  t.strictSame(split(0x67, 1), ['6701'], 'no start code at all');
  t.strictSame(split(0x67, 1, 0, 0, 1, 0x68), ['6701', '68'], 'first unit without start code');
  t.strictSame(split(0x67, 0, 0, 3, 1, 0, 0, 0, 0, 1, 0x68), ['6700000301', '68'], 'emulation prevention stays');
  t.strictSame(split(0, 0, 1, 0, 0, 1, 0, 0, 0, 1), [], 'nothing but start codes');
  t.strictSame(split(), []);
  t.strictSame(split(0x67, 1, 0, 0), ['6701'], 'a start code that lies half outside does not count');
});

t.test('start codes are found at every place, and only whole ones', async (t) => {
  for (let at = 0; at < 12; at++) {
    const buffer = Buffer.alloc(16, 0xff);
    buffer.set([0, 0, 1], at);
    t.equal(findStartCode(buffer, 0, 16), at);
    t.equal(findStartCode(buffer, at + 1, 16), -1);
    t.equal(findStartCode(buffer, 0, at + 2), -1);
  }
  for (const size of [511, 512, 2000]) {
    for (const at of [0, 255, size - 3]) {
      const buffer = Buffer.alloc(size + 20, 0xff);
      buffer.set([0, 0, 1], at + 10);
      t.equal(findStartCode(buffer, 10, size + 10), at + 10, `${at} of ${size}`);
      t.equal(findStartCode(buffer, 10, at + 12), -1, 'cut off');
      t.equal(findStartCode(buffer, at + 11, size + 20), -1, 'begun before');
    }
  }
  t.equal(findStartCode(Buffer.from([1, 0, 1, 0, 0, 0, 0, 1]), 0, 8), 5);
  t.equal(findStartCode(Buffer.from([0, 0]), 0, 2), -1);
});

t.test('a stream of nothing but tiny units is bounded', async (t) => {
  const buffer = Buffer.alloc(400_000);
  for (let at = 0; at < buffer.length; at += 4) buffer.set([0, 0, 1, 0x41], at);
  t.equal(splitAnnexB(buffer, 0, buffer.length).length, 1024);
});

t.test('kinds of units', async (t) => {
  const types = (codec: VideoCodec, test: (codec: VideoCodec, type: number) => boolean) =>
    Array.from({ length: 64 }, (_, type) => type).filter((type) => test(codec, type));
  t.strictSame(types('h264', isSlice), [1, 2, 3, 4, 5]);
  t.strictSame(types('h264', isKey), [5]);
  t.strictSame(types('h264', isParameterSet), [7, 8]);
  t.strictSame(
    [isSei, isAud, isEndOfSequence, isFiller].map((test) => types('h264', test)),
    [[6], [9], [10, 11], [12]],
  );
  t.strictSame(types('h265', isSlice), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21]);
  t.strictSame(types('h265', isKey), [16, 17, 18, 19, 20, 21]);
  t.strictSame(types('h265', isParameterSet), [32, 33, 34]);
  t.strictSame(
    [isSei, isAud, isEndOfSequence, isFiller].map((test) => types('h265', test)),
    [[39, 40], [35], [36, 37], [38]],
  );
  t.equal(nalType('h264', 0x65), 5);
  t.equal(nalType('h265', 0x26), 19);
});

t.test('the first slice of a picture', async (t) => {
  const first = (codec: VideoCodec, bytes: Buffer) => isFirstSlice(codec, bytes, 0, bytes.length);
  t.ok(first('h264', h264Slice(0, 0)));
  t.notOk(first('h264', h264Slice(0, 1)));
  t.notOk(first('h264', Buffer.from([0x65])), 'cut off');
  t.notOk(first('h264', Buffer.from([0x43, 0x80])), 'data partition B has no such field');
  t.ok(first('h265', Buffer.from([0x26, 1, 0x80])));
  t.notOk(first('h265', Buffer.from([0x26, 1, 0x7f])));
  t.notOk(first('h265', Buffer.from([0x26, 1])));
});

/** An SEI unit of messages, each a type and its payload. */
function sei(codec: VideoCodec, ...messages: [type: number, payload: Buffer][]): Buffer {
  const bits = new BitWriter();
  for (const [type, payload] of messages) {
    for (let rest = type; ; rest -= 255) {
      bits.bits(Math.min(rest, 255), 8);
      if (rest < 255) break;
    }
    for (let rest = payload.length; ; rest -= 255) {
      bits.bits(Math.min(rest, 255), 8);
      if (rest < 255) break;
    }
    for (const byte of payload) bits.bits(byte, 8);
  }
  return codec === 'h264' ? bits.nal(6) : bits.nal(0x4e, 1);
}

t.test('recovery points', async (t) => {
  const find = (codec: VideoCodec, unit: Buffer) => recoveryPoint(codec, unit, 0, unit.length);
  const point = (frames: number) => new BitWriter().ue(frames).bits(0b1000, 4).bytes();
  t.equal(find('h264', sei('h264', [6, point(0)])), 0);
  t.equal(find('h264', sei('h264', [6, point(14)])), 14, 'gradual refresh');
  t.equal(
    find('h264', sei('h264', [1, Buffer.alloc(3)], [5, Buffer.alloc(300, 0)], [6, point(0)])),
    0,
    'behind others',
  );
  t.equal(find('h264', sei('h264', [261, Buffer.alloc(3, 7)], [6, point(2)])), 2, 'behind a long type number');
  t.equal(find('h265', sei('h265', [6, new BitWriter().se(0).bits(0b10, 2).bytes()])), 0);
  t.equal(find('h265', sei('h265', [6, new BitWriter().se(3).bits(0b10, 2).bytes()])), 3);
  t.equal(find('h264', sei('h264', [5, Buffer.alloc(20, 6)])), undefined, 'another message that looks like one');
  t.equal(find('h264', sei('h264', [5, Buffer.alloc(2000, 1)], [6, point(0)])), undefined, 'too far behind');
  t.equal(find('h264', Buffer.from([6, 6, 1])), undefined, 'cut off');
  t.equal(find('h264', Buffer.alloc(5000, 0xff)), undefined);
});
