import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { LiveQueue } from '../../firmware/live/live-queue.ts';
import { LiveStream, type Watcher } from '../../firmware/live/live-stream.ts';
import { chooseStream, LinePatience } from '../../firmware/live/stream-choice.ts';
import type { MediaPart } from '../../firmware/media/index.ts';

const FPS = 10;

/** A viewer that takes what the test lets it take. */
class Screen {
  free = true;
  readonly shown: string[] = [];
  overflows = 0;
  dropped = 0;
  readonly queue = new LiveQueue({
    isFree: () => this.free,
    wantsSound: () => false,
    track: ({ mime }) => void this.shown.push(mime),
    part: ({ kind, wallUs, jump }) => void this.shown.push(`${kind} ${(wallUs / 1e6) * FPS}${jump ? ' jump' : ''}`),
    overflowed: () => this.overflows++,
    dropped: (pictures) => (this.dropped += pictures),
  });

  introduce(mime = 'h264'): void {
    this.queue.introduce({ track: 'video', mime, codec: 'H.264' }, { ...picture(0, 100), kind: 'init' });
  }
}

/** Picture number so and so of a stream with a key frame every ten. */
function picture(number: number, bytes: number): MediaPart {
  const wallUs = (number / FPS) * 1e6;
  return {
    track: 'video',
    kind: 'media',
    bytes: Buffer.alloc(bytes),
    frames: 1,
    key: number % 10 === 0,
    wallUs,
    zeroUs: 0,
  };
}

t.test('who keeps up gets every picture, from a key frame on', async (t) => {
  const screen = new Screen();
  screen.introduce();
  for (let i = 5; i < 13; i++) screen.queue.offer(picture(i, 1000));
  t.strictSame(screen.shown, ['h264', 'init 0', 'media 10 jump', 'media 11', 'media 12']);
});

t.test('R1: what waits for one viewer is bounded, in time and in bytes, and goes on with a key frame', async (t) => {
  for (const bytes of [1000, 200_000]) {
    const screen = new Screen();
    screen.introduce();
    screen.queue.offer(picture(0, bytes));
    screen.free = false;
    for (let i = 1; i < 205; i++) {
      screen.queue.offer(picture(i, bytes));
      t.ok(screen.queue.bytes <= 2 << 20, 'bounded in bytes');
    }
    const before = screen.shown.length;
    screen.free = true;
    screen.queue.pump();
    const [first, ...rest] = screen.shown.slice(before);
    t.match(first, /^media \d+0 jump$/, 'a key frame that says that something is missing');
    t.ok(rest.length < 30, 'at most three seconds');
    t.ok(
      rest.every((each, i) => each === `media ${Number(first!.split(' ')[1]) + i + 1}`),
      'and no hole behind it',
    );
    t.ok(screen.overflows > 0);
    t.equal(screen.dropped, 204 - rest.length - 1, 'each picture that was left out is counted');
  }
});

t.test('another track begins anew, whatever waited of the one before', async (t) => {
  const screen = new Screen();
  screen.introduce();
  screen.free = false;
  screen.queue.offer(picture(0, 1000));
  screen.introduce('h265');
  screen.queue.offer(picture(21, 1000));
  screen.queue.offer(picture(30, 1000));
  screen.free = true;
  screen.queue.pump();
  t.strictSame(screen.shown, ['h264', 'init 0', 'h265', 'init 0', 'media 30 jump']);
});

t.test('auto takes the lightest stream that fills the tile, and a lighter one on a slow line', async (t) => {
  const both = [
    { id: 'main', height: 1080 },
    { id: 'sub', height: 360 },
  ];
  t.strictSame(chooseStream(both, 300, 0), { stream: 'sub', because: 'tile' });
  t.strictSame(chooseStream(both, 700, 0), { stream: 'main', because: 'tile' });
  t.strictSame(chooseStream(both, 700, 1), { stream: 'sub', because: 'slow' });
  t.strictSame(chooseStream(both, undefined, 0), { stream: 'main', because: 'tile' });
  t.strictSame(chooseStream([{ id: 'main' }], 200, 3), { stream: 'main', because: 'only' });
  const patience = new LinePatience();
  t.equal(patience.dropped(0), false, 'one hiccup is none');
  t.equal(patience.dropped(5e6), true);
  t.equal(patience.lighter, 1);
  t.equal(patience.recovered(60e6), false);
  t.equal(patience.recovered(66e6), true);
  t.equal(patience.lighter, 0);
});

t.test('who joins before the first picture and wants sound gets it', async (t) => {
  const asked: boolean[] = [];
  const tap = { taken: () => undefined, shut: () => undefined, setSound: (sound: boolean) => void asked.push(sound) };
  const source = { expect: () => undefined, open: async () => tap };
  const stream = new LiveStream({ camera: 'gate', stream: 'main', form: 'mp4' }, source, () => undefined);
  const watcher = (wantsSound: boolean): Watcher => ({
    queue: new Screen().queue,
    wantsSound,
    state: () => undefined,
    failed: (error) => void t.fail(String(error)),
  });
  stream.add(watcher(false));
  await turn();
  stream.add(watcher(true));
  t.strictSame(asked, [false, true]);
});
