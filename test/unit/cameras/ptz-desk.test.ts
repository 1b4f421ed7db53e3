import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import t, { type Test } from 'tap';
import { PtzDesk } from '../../../firmware/cameras/index.ts';

const there = (name: string, priority: number) => ({ name, priority, session: name, present: () => true });
const GUARD = there('guard', 2);
const OTHER = there('other', 2);
const CHIEF = there('chief', 3);

/** A desk over one camera that writes down what it is told. */
function desk(t: Test, failures = 0) {
  const told: string[] = [];
  const news = new EventEmitter();
  const clock = { nowUs: 1e6 };
  const failed: unknown[] = [];
  const made = new PtzDesk({
    nowUs: () => clock.nowUs,
    failed: (_camera, error) => failed.push(error),
    steering: async () => ({
      move: async ({ pan = 0 }) => void told.push(`move ${pan}`),
      stop: async () => {
        if (failures-- > 0) throw new Error('lost on the way');
        told.push('stop');
        news.emit('stop');
      },
    }),
  });
  t.teardown(() => made.close());
  return { made, told, news, clock, failed };
}

t.test('a move that nobody continues stops by itself', async (t) => {
  const { made, told, news } = desk(t);
  const stopped = once(news, 'stop');
  await made.move('a', GUARD, { pan: 1 }, 50);
  t.match(made.lease('a'), { name: 'guard', moving: true });
  await stopped;
  t.strictSame(told, ['move 1', 'stop']);
});

t.test('a stop that is lost on the way is told again', async (t) => {
  const { made, told, news, failed } = desk(t, 2);
  const stopped = once(news, 'stop');
  await made.move('a', GUARD, { pan: 1 }, 20);
  await stopped;
  t.strictSame([told, failed], [['move 1', 'stop'], []]);
});

t.test(
  'who steers keeps the camera; a higher priority takes it, and its move is not ended by the lease of the former',
  async (t) => {
    const { made, told, clock } = desk(t);
    await made.move('a', GUARD, { pan: 1 }, 60_000);
    await t.rejects(made.move('a', OTHER, { pan: -1 }, 60_000), { code: 'ptz.taken', context: { by: 'guard' } });
    await made.move('a', CHIEF, { pan: 0.5 }, 60_000);
    await t.rejects(made.move('a', GUARD, { pan: 1 }, 60_000), { code: 'ptz.taken', context: { by: 'chief' } });
    t.strictSame(told, ['move 1', 'move 0.5']);
    await made.stop('a');
    clock.nowUs += 31e6;
    t.equal(made.lease('a'), undefined, 'after a while it is free');
    await made.move('a', OTHER, { pan: -1 }, 60_000);
    t.equal(told.at(-1), 'move -1');
  },
);

t.test('whoever is gone moves nothing any more', async (t) => {
  const { made, told } = desk(t);
  await made.move('a', GUARD, { pan: 1 }, 60_000);
  await made.release('other');
  t.strictSame(told, ['move 1']);
  await made.release('guard');
  t.strictSame(told, ['move 1', 'stop']);
  await made.move('a', OTHER, { pan: 1 }, 60_000);
  await made.close();
  t.equal(told.at(-1), 'stop', 'the end of the box stops all');
});

t.test('whoever is signed out moves nothing any more, and holds no camera', async (t) => {
  const { made, told, news } = desk(t);
  let signedIn = true;
  const who = { ...GUARD, present: () => signedIn };
  await made.move('a', who, { pan: 1 }, 3_600_000);
  const stopped = once(news, 'stop');
  signedIn = false;
  await stopped;
  await made.move('a', OTHER, { pan: -1 }, 3_600_000);
  t.strictSame(told, ['move 1', 'stop', 'move -1']);
  signedIn = true;
  made.claim('b', who);
  signedIn = false;
  t.equal(made.lease('b'), undefined, 'also where nothing moved');
  await t.rejects(made.move('b', who, { pan: 1 }, 1000), { code: 'control.not-signed-in' });
});

t.test('a window that is lost stops what it moved, and nothing else', async (t) => {
  const { made, told, news } = desk(t);
  await made.move('a', { ...GUARD, session: 'one' }, { pan: 1 }, 3_600_000);
  await made.move('b', { ...GUARD, session: 'two' }, { pan: 0.5 }, 3_600_000);
  made.lost('');
  made.lost('three');
  const stopped = once(news, 'stop');
  made.lost('one');
  await stopped;
  t.equal(made.lease('a'), undefined);
  t.match(made.lease('b'), { moving: true });
  t.strictSame(told, ['move 1', 'move 0.5', 'stop']);
});

t.test('who is asked for a camera knows by whom, and who asked first has it when they let go', async (t) => {
  const { made, told, clock } = desk(t);
  t.equal(made.ask('a', GUARD), true, 'nobody steered');
  t.equal(made.ask('a', OTHER), false);
  clock.nowUs += 1e6;
  t.equal(made.ask('a', CHIEF), false, 'whoever comes before others may also ask');
  t.equal(made.ask('a', OTHER), false, 'who asks again keeps the place');
  t.match(made.lease('a'), { name: 'guard', asks: [{ name: 'other', sinceUs: 1e6 }, { name: 'chief' }] });
  await made.move('a', GUARD, { pan: 1 }, 60_000);
  await made.release('guard');
  t.strictSame(told, ['move 1', 'stop']);
  t.match(made.lease('a'), { name: 'other', moving: false, asks: [{ name: 'chief' }] });
  await t.rejects(made.move('a', GUARD, { pan: 1 }, 60_000), { code: 'ptz.taken', context: { by: 'other' } });
  made.lost('chief');
  await made.release('other');
  t.equal(made.lease('a'), undefined, 'who waited is gone');
});

t.test('a question is forgotten after a while, with the one who asked, and beyond a number', async (t) => {
  const { made, clock } = desk(t);
  made.claim('a', GUARD);
  let signedIn = true;
  made.ask('a', { ...OTHER, present: () => signedIn });
  signedIn = false;
  t.strictSame(made.lease('a')?.asks, [], 'signed out');
  made.ask('a', OTHER);
  await made.release('other');
  t.match(made.lease('a'), { name: 'guard', asks: [] }, 'taken back');
  made.ask('a', OTHER);
  for (let n = 0; n < 3; n++) {
    clock.nowUs += 25e6;
    made.claim('a', GUARD);
  }
  t.strictSame(made.lease('a')?.asks, [], 'too long ago');
  for (let n = 0; n < 8; n++) made.ask('a', there(`one ${n}`, 1));
  t.throws(() => made.ask('a', there('one more', 1)), { code: 'ptz.taken' });
});

t.test('whoever takes a camera without moving it stops what another one was moving', async (t) => {
  const { made, told } = desk(t);
  await made.move('a', GUARD, { pan: 1 }, 3_600_000);
  await t.rejects(made.take('a', OTHER), { code: 'ptz.taken' });
  t.strictSame(told, ['move 1']);
  await made.take('a', GUARD);
  t.strictSame(told, ['move 1'], 'one stops nothing of one’s own');
  await made.take('a', CHIEF);
  t.strictSame(told, ['move 1', 'stop']);
  t.match(made.lease('a'), { name: 'chief', moving: false });
});
