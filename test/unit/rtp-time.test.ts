import t from 'tap';
import { ArrivalFit } from '../../firmware/rtsp/rtp/arrival-fit.ts';
import { DecodeOrder } from '../../firmware/rtsp/rtp/decode-order.ts';
import { SessionClock } from '../../firmware/rtsp/rtp/session-clock.ts';
import { seeded } from '../support/rtp-lab.ts';

const VIDEO = 90_000;
const FRAME = 3600;
const FRAME_US = 40_000;
const START_US = 5_000_000_000;

/** A video track and a function that stamps its n-th frame. */
function video() {
  const session = new SessionClock();
  const track = session.join('video', VIDEO);
  const stamp = (timestamp: number, atUs: number): number => track.stamp(timestamp >>> 0, START_US + atUs);
  return { session, track, stamp };
}

t.test('time stamps are unwrapped over 32 bits, several times', (t) => {
  const { stamp } = video();
  const first = 0xffff_f000;
  for (let n = 0; n < 40_000; n++) {
    // Frames 2.5 s apart, so that the 13 hours of a wrap pass quickly.
    const ticks = n * 225_000;
    if (stamp(first + ticks, n * 2_500_000) !== ticks) t.fail(`frame ${n}`);
  }
  t.end();
});

t.test('a lone outlier leaves no trace', (t) => {
  const { stamp, track } = video();
  const times: number[] = [];
  for (let n = 0; n < 100; n++) {
    const hours = n % 20 === 10 ? 3600 * 3 * VIDEO : 0;
    times.push(stamp(n * FRAME + hours, n * FRAME_US));
  }
  t.same(
    times,
    Array.from({ length: 100 }, (_, n) => n * FRAME),
  );
  t.equal(track.timeline.rebases, 0);
  t.end();
});

t.test('a step that lasts is re-based, forward, backward and to zero', (t) => {
  for (const step of [100 * VIDEO, -100 * VIDEO, -1.5 * VIDEO, 0x7fffff00]) {
    const { stamp, track } = video();
    const times: number[] = [];
    for (let n = 0; n < 50; n++) times.push(stamp(1_000_000_000 + n * FRAME + (n >= 25 ? step : 0), n * FRAME_US));
    t.same(
      times,
      Array.from({ length: 50 }, (_, n) => n * FRAME),
      `step ${step}`,
    );
    t.equal(track.timeline.rebases, 1);
  }
  t.end();
});

t.test('a pause of the camera is a pause on the timeline', (t) => {
  const { stamp, track } = video();
  stamp(0, 0);
  stamp(FRAME, FRAME_US);
  t.equal(stamp(FRAME + 60 * VIDEO, FRAME_US + 60_300_000), FRAME + 60 * VIDEO, 'its clock went on');
  t.equal(track.timeline.rebases, 0);
  const base = FRAME + 60 * VIDEO;
  const after = stamp(77, 200_000_000);
  t.ok(Math.abs(after - 200 * VIDEO) < VIDEO, 'its clock started anew: arrival tells the time');
  t.equal(stamp(77 + FRAME, 200_040_000), after + FRAME);
  t.ok(after > base);
  t.equal(track.timeline.rebases, 1);
  t.end();
});

t.test('a stall of the network moves nothing', (t) => {
  const { stamp, track } = video();
  for (let n = 0; n < 1000; n++) {
    const stalled = n >= 500 && n < 700;
    const arrivalUs = stalled ? 700 * FRAME_US : n * FRAME_US;
    if (stamp(n * FRAME, arrivalUs) !== n * FRAME) t.fail(`frame ${n}`);
  }
  t.equal(track.timeline.rebases, 0);
  t.end();
});

t.test('senseless time stamps: arrival tells the time, and it never stands still', (t) => {
  const { stamp } = video();
  const random = seeded(4);
  let before = -1;
  for (let n = 0; n < 500; n++) {
    const time = stamp(random(0xffff_ffff), n * FRAME_US);
    if (n > 10 && Math.abs(time - n * FRAME) > 5 * VIDEO) t.fail(`frame ${n} at ${time}`);
    if (time < before) t.fail(`frame ${n} goes back`);
    before = time;
  }
  t.end();
});

t.test('variable frame rates are taken as they are', (t) => {
  const { stamp } = video();
  let ticks = 0;
  let atUs = 0;
  for (const ms of [40, 40, 83, 200, 66, 1000, 2500, 40]) {
    ticks += ms * 90;
    atUs += ms * 1000;
    stamp(0, 0);
    t.equal(stamp(ticks, atUs), ticks);
  }
  t.end();
});

t.test('drift of the camera clock is taken up slowly by mediaToMonoUs', (t) => {
  const { session, stamp } = video();
  const random = seeded(9);
  let worst = 0;
  for (let n = 0; n < 25 * 600; n++) {
    const trueUs = n * FRAME_US * 1.0002;
    stamp(n * FRAME, trueUs + random(60_000));
    if (n > 100) worst = Math.max(worst, Math.abs(session.mediaToMonoUs(n * FRAME_US) - START_US - trueUs));
  }
  t.ok(worst < 60_000, `within the jitter: ${worst} us`);
  t.equal(stamp(25 * 600 * FRAME, 600e6 * 1.0002), 25 * 600 * FRAME, 'the timeline itself is the media clock');
  t.end();
});

t.test('a clock rate that is quite wrong is held near arrival', (t) => {
  const { session, stamp } = video();
  const realUs = 1e6 / 21;
  let time = 0;
  let before = -1;
  for (let n = 0; n < 21 * 300; n++) {
    time = stamp(n * FRAME, n * realUs);
    if (time <= before) t.fail('time stands still');
    before = time;
  }
  const behindUs = 300e6 - time / 0.09;
  t.ok(behindUs < 5e6, `behind by ${behindUs} us after five minutes, not by 48 s`);
  t.ok(Math.abs(session.mediaToMonoUs(time / 0.09) - START_US - 300e6) < 5e6);
  t.end();
});

t.test('the arrival estimate follows the least delayed frames', (t) => {
  const fit = new ArrivalFit();
  t.equal(fit.known, false);
  fit.observe(0, 700);
  t.equal(fit.lagUs, 700);
  for (let n = 1; n < 1000; n++) fit.observe(n * FRAME_US, n * FRAME_US + (n % 10 === 0 ? 100 : 90_000));
  t.equal(fit.lagUs, 100);
  fit.shift(50);
  t.equal(fit.lagUs, 50);
  t.end();
});

/** Sender report of a camera whose clock shows `cameraUs` while its RTP clock shows `rtpTimestamp`. */
function report(cameraUs: number, rtpTimestamp: number) {
  const seconds = Math.floor(cameraUs / 1e6) + 2_208_988_800;
  const ntpFraction = Math.round(((cameraUs % 1e6) / 1e6) * 2 ** 32);
  return {
    type: 'SR',
    ssrc: 1,
    ntpSeconds: seconds,
    ntpFraction,
    rtpTimestamp: rtpTimestamp >>> 0,
    packetCount: 0,
    octetCount: 0,
  } as const;
}

const CAMERA_US = Date.UTC(2026, 5, 1) * 1000;

interface Talk {
  seconds: number;
  audioLateUs?: number;
  audioRate?: number;
  reports?: (second: number) => { video?: number; audio?: number } | undefined;
}

/** Video and audio of one session. Gives by how much audio lies too late on the timeline, second by second, in microseconds. */
function talk({ seconds, audioLateUs = 0, audioRate = 1, reports }: Talk): number[] {
  const session = new SessionClock();
  const picture = session.join('video', VIDEO);
  const sound = session.join('audio', 8000);
  const errors: number[] = [];
  for (let n = 0; n < seconds * 25; n++) {
    const us = n * FRAME_US;
    const atUs = START_US + us;
    const videoTime = picture.stamp(n * FRAME, atUs) / 0.09;
    const soundTicks = Math.round(n * 320 * audioRate);
    const audioTime = sound.stamp(soundTicks, atUs + audioLateUs) / 0.008;
    if (n % 25 !== 0) continue;
    errors.push(audioTime - videoTime);
    const off = reports?.(n / 25);
    if (!off) continue;
    picture.senderReport(report(CAMERA_US + us + (off.video ?? 0), n * FRAME), atUs);
    sound.senderReport(report(CAMERA_US + us + (off.audio ?? 0), soundTicks), atUs);
  }
  return errors;
}

t.test('tracks are tied by their first arrival', (t) => {
  const errors = talk({ seconds: 60, audioLateUs: 15_000 });
  t.ok(
    errors.every((error) => Math.abs(error - 15_000) < 1000),
    'and stay as long as arrival is steady',
  );
  t.end();
});

t.test('a picture that began before the first sound keeps its time, although it is whole only later', (t) => {
  const session = new SessionClock();
  const picture = session.join('video', VIDEO);
  const sound = session.join('audio', 8000);
  picture.expect(START_US);
  t.equal(sound.stamp(0, START_US + 90_000), 720);
  t.same([picture.stamp(0, START_US), picture.stamp(FRAME, START_US + 90_000)], [0, FRAME], 'never before zero');
  t.end();
});

t.test('sender reports refine the relation, by a few ms per second', (t) => {
  const errors = talk({ seconds: 120, audioLateUs: 300_000, reports: () => ({}) });
  t.ok(Math.abs(errors.at(-1)!) < 2000, `in step in the end: ${errors.at(-1)}`);
  errors.forEach((error, n) => {
    if (n > 0 && Math.abs(error - errors[n - 1]!) > 5500) t.fail(`a jump at second ${n}`);
  });
  t.end();
});

t.test('reports of senseless clocks are ignored', (t) => {
  const apart = talk({ seconds: 60, reports: () => ({ audio: 40_000_000 }) });
  t.ok(
    apart.every((error) => Math.abs(error) < 1000),
    'tracks that are 40 s apart',
  );
  const jumping = talk({
    seconds: 60,
    audioLateUs: 0,
    reports: (second) => ({ video: second % 2 === 0 ? 0 : 7e6, audio: second * 3e6 }),
  });
  t.ok(
    jumping.every((error) => Math.abs(error) < 50_000),
    'a clock that steps all the time',
  );
  t.end();
});

t.test('a clock that is set once is believed again', (t) => {
  const set = (second: number) => (second < 20 ? -40e9 : 0);
  const errors = talk({
    seconds: 120,
    audioLateUs: 200_000,
    reports: (second) => ({ video: set(second), audio: set(second - 1) }),
  });
  t.ok(Math.abs(errors.at(-1)!) < 2000);
  t.end();
});

t.test('without reports drifting audio is held by arrival', (t) => {
  const errors = talk({ seconds: 600, audioRate: 1.001 });
  t.ok(Math.abs(errors.at(-1)!) < 100_000, `${errors.at(-1)} us instead of 600 ms`);
  const hopeless = talk({ seconds: 300, audioRate: 1.05 });
  t.ok(Math.abs(hopeless.at(-1)!) < 4e6, 'even if its rate is 5 % off');
  t.end();
});

t.test('the offset of the camera clock is measured', (t) => {
  const wallUs = CAMERA_US + 1000;
  const session = new SessionClock({ wallUs: () => wallUs, monoUs: () => START_US + 5000 });
  const track = session.join('video', VIDEO);
  t.equal(session.clockOffsetUs, undefined);
  t.equal(session.begun, false);
  track.stamp(0, START_US);
  track.senderReport(report(CAMERA_US + 2_000_000, 0), START_US);
  t.ok(Math.abs(session.clockOffsetUs! - 2_004_000) <= 1, 'read 5 ms ago, 2 s ahead, ours is 1 ms further');
  t.equal(session.begun, true);
  t.end();
});

/** Runs display times through a DecodeOrder. */
function order(
  declared: number | undefined,
  times: readonly number[],
): { dts: number[]; pts: number[]; depth: number } {
  const decode = new DecodeOrder();
  decode.declare(declared);
  const out = { dts: [] as number[], pts: [] as number[] };
  times.forEach((time, n) => {
    decode.next(time, n % 12 === 0, FRAME);
    out.dts.push(decode.dts);
    out.pts.push(decode.pts);
  });
  return { ...out, depth: decode.depth };
}

function check(t: Tap, { dts, pts }: { dts: number[]; pts: number[] }): void {
  dts.forEach((time, n) => {
    if (n > 0 && time <= dts[n - 1]!) t.fail(`decode time ${n} does not increase`);
    if (pts[n]! < time) t.fail(`picture ${n} is shown before it is decoded`);
  });
}
type Tap = { fail(message: string): unknown };

/** Display order of I B B P B B P ... in decoding order, starting at `from`. */
function withB(count: number, from = 10 * FRAME): number[] {
  const times = [from];
  for (let n = 3; times.length < count; n += 3)
    times.push(from + n * FRAME, from + (n - 2) * FRAME, from + (n - 1) * FRAME);
  return times;
}

t.test('B-frames of declared depth keep their display times', (t) => {
  const times = withB(100);
  const result = order(1, times);
  t.same(result.pts, times);
  check(t, result);
  const steady = result.dts.slice(2).map((time, n) => time - result.dts[n + 1]!);
  t.ok(
    steady.every((step) => step === FRAME),
    'evenly decoded',
  );
  check(t, order(1, withB(100, 0)));
  t.same(
    order(1, withB(100, 0))
      .dts.slice(0, 3)
      .map((time) => time >= 0),
    [true, true, true],
    'never below zero',
  );
  t.end();
});

t.test('B-frames that nobody declared are learned', (t) => {
  const times = withB(100);
  const result = order(undefined, times);
  check(t, result);
  t.equal(result.depth, 1);
  t.same(result.pts.slice(20), times.slice(20), 'right after the start');
  t.end();
});

t.test('a declared depth that is never used costs nothing in the end', (t) => {
  const times = Array.from({ length: 400 }, (_, n) => n * FRAME);
  const result = order(2, times);
  check(t, result);
  t.same(result.dts.slice(200), times.slice(200));
  t.same(result.pts, times);
  t.end();
});

t.test('streams without B-frames decode when they show; backward steps do not stop them', (t) => {
  const times = Array.from({ length: 400 }, (_, n) => n * FRAME - (n >= 50 ? 20 * FRAME : 0));
  for (const declared of [0, undefined]) {
    const result = order(declared, times);
    check(t, result);
    t.same(result.dts.slice(0, 50), times.slice(0, 50));
    t.same(result.dts.slice(300), times.slice(300));
  }
  t.end();
});

t.test('any times at all give increasing decode times', (t) => {
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed);
    const times = Array.from({ length: 200 }, (_, n) => Math.max(0, (n + random(7) - 3) * FRAME + random(50)));
    check(t, order([undefined, 0, 1, 2, 4, 16][random(6)], times));
  }
  t.end();
});
