import t from 'tap';
import { adviceFor, type SeenStream } from '../../../firmware/cameras/index.ts';

const GOOD: SeenStream = {
  codec: 'h264',
  width: 1920,
  height: 1080,
  fps: 25,
  bitsPerSecond: 4e6,
  keyFrameIntervalS: 2,
  seconds: 10,
  packetsLost: 0,
  transport: 'tcp',
  clockOffsetS: 0.1,
};

function codes(change: Partial<SeenStream>): string[] {
  return adviceFor({ ...GOOD, ...change }).map(({ code }) => code);
}

t.test('a camera that is set well is left alone', async (t) => {
  t.strictSame(codes({}), []);
  t.strictSame(codes({ fps: 0, bitsPerSecond: 0, clockOffsetS: undefined }), [], 'nothing is said of what nobody saw');
});

t.test('each fault is named with what to change', async (t) => {
  t.match(adviceFor({ ...GOOD, keyFrameIntervalS: 5 }), [
    { code: 'advice.long-gop', text: /to 50 pictures, that is 2 s/ },
  ]);
  t.strictSame(codes({ keyFrameIntervalS: 10 }), ['advice.smart-codec']);
  t.strictSame(codes({ keyFrameIntervalS: undefined }), ['advice.smart-codec'], 'none came within ten seconds');
  t.strictSame(codes({ keyFrameIntervalS: undefined, seconds: 3 }), [], 'three seconds say nothing');
  t.match(adviceFor({ ...GOOD, bitsPerSecond: 16e6 }), [
    { code: 'advice.high-bitrate', text: /16\.0 Mbit\/s are more/ },
  ]);
  t.match(
    adviceFor({ ...GOOD, width: 320, height: 192, fps: 10, bitsPerSecond: 0.4e6 }),
    [{ text: /400 kbit\/s are more.* 77 kbit\/s/ }],
    'small ones are not rounded away',
  );
  t.strictSame(codes({ bitsPerSecond: 0.5e6 }), ['advice.low-bitrate']);
  t.strictSame(codes({ fps: 5, bitsPerSecond: 1e6 }), ['advice.low-rate']);
  t.strictSame(codes({ codec: 'h265' }), ['advice.h265']);
  t.strictSame(codes({ packetsLost: 3, transport: 'udp' }), ['advice.use-tcp']);
  t.match(adviceFor({ ...GOOD, clockOffsetS: -3600 }), [{ code: 'advice.clock', text: /3600 s behind/ }]);
});
