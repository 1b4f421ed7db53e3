import t from 'tap';
import { encode, hasFfmpeg } from '../support/encoded-media.ts';
import { nalsOf, RtpLab, setsInRecord, spropOf } from '../support/rtp-lab.ts';

const FRAME = 3600;

for (const codec of ['h264', 'h265'] as const) {
  for (const bFrames of [0, 1, 3]) {
    t.test(
      `${codec} with ${bFrames} B-frames from a real encoder`,
      { skip: !hasFfmpeg && 'ffmpeg is not here' },
      (t) => {
        const [track] = encode({ video: { codec, bFrames, gop: 50, size: '160x120' }, seconds: 6 });
        const { format, samples } = track!;
        const sets = setsInRecord(format).map((hex) => Buffer.from(hex, 'hex'));
        const lab = new RtpLab({ codec, fmtp: spropOf(codec, sets) });
        samples.forEach(({ dts, cts, bytes }) => {
          const units = nalsOf(bytes);
          units.forEach((nal, n) => {
            const marker = n === units.length - 1;
            lab.send(nal, dts + cts, { marker, arrivalUs: 1e6 + dts / 0.09 });
          });
        });
        lab.receiver.flush();
        const { frames } = lab;
        t.equal(frames.length, samples.length);
        const start = frames[0]!.pts - (samples[0]!.dts + samples[0]!.cts);
        t.same(
          frames.map(({ pts }) => pts - start),
          samples.map(({ dts, cts }) => dts + cts),
          'display times are those of the encoder',
        );
        t.ok(frames.every(({ dts, pts }) => dts <= pts && dts >= 0));
        t.ok(frames.every(({ dts }, n) => n === 0 || dts > frames[n - 1]!.dts));
        const settled = frames.slice(10).map(({ dts }, n) => dts - frames[n + 9]!.dts);
        t.ok(
          settled.every((step) => step === FRAME),
          'evenly decoded',
        );
        if (bFrames === 0)
          t.ok(
            frames.slice(-1).every(({ dts, pts }) => dts === pts),
            'nothing is delayed without need',
          );
        t.equal(lab.end(), 0);
        t.end();
      },
    );
  }
}
