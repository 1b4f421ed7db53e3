import t from 'tap';
import { AudioPace } from '../../firmware/rtsp/rtp/audio-pace.ts';

t.test('a very short frame is never overtaken by a long one that is drawn back', (t) => {
  const pace = new AudioPace(8000);
  const placed = [
    pace.place(1000, 400, false),
    pace.place(1400, 1, false),
    pace.place(1400 - 700, 1000, false),
    pace.place(1400, 1000, false),
  ];
  t.ok(
    placed.every((dts, n) => n === 0 || dts! > placed[n - 1]!),
    placed.join(),
  );
  t.end();
});
