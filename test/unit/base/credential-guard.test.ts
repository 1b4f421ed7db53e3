import t from 'tap';

import { CredentialGuard, type Clock } from '../../../firmware/base/index.ts';
import { KeepAlive } from '../../../firmware/rtsp/keep-alive.ts';

class HandClock implements Clock {
  nowUs = 1e12;
  wallUs(): number {
    return this.nowUs;
  }
  monoUs(): number {
    return this.nowUs;
  }
  async sleep(ms: number): Promise<void> {
    this.nowUs += ms * 1000;
  }
}

const MINUTE_MS = 60_000;

t.test('a wrong password waits for minutes, growing, and one at a time tries', async (t) => {
  const clock = new HandClock();
  const guard = new CredentialGuard(clock, () => 1);
  const key = guard.key('Cam', 554, { user: 'a', password: 'b' });
  t.equal(guard.key('cam', 554, { user: 'a', password: 'b' }), key, 'one guard for all links to the host');
  t.notMatch(key, /cam|b"/);
  t.same(guard.admit(key), { go: true });
  t.match(guard.admit(key), { go: false, why: 'being-tried' }, 'the second link waits for what the first finds out');
  const pauses: number[] = [];
  for (let i = 0; i < 5; i++) {
    t.equal(guard.refused(key), 'wrong-password');
    pauses.push(guard.blockedMs(key) / MINUTE_MS);
    t.match(guard.admit(key), { go: false, why: 'refused' });
    await clock.sleep(guard.blockedMs(key) + 1);
    t.same(guard.admit(key), { go: true });
  }
  t.equal(pauses[0], 5);
  t.equal(pauses.at(-1), 30);
  t.same(
    pauses.toSorted((a, b) => a - b),
    pauses,
  );
  t.same(
    guard.admit(guard.key('cam', 554, { user: 'a', password: 'c' })),
    { go: true },
    'another password is free to try',
  );
});

t.test('a password that has worked is not called wrong at once', (t) => {
  const guard = new CredentialGuard(new HandClock());
  const key = guard.key('cam', 554, { user: 'a', password: 'b' });
  guard.admit(key);
  guard.accepted(key);
  t.same([guard.admit(key), guard.admit(key)], [{ go: true }, { go: true }], 'proven logins are used side by side');
  for (let i = 0; i < 5; i++) t.equal(guard.refused(key), 'too-many-clients');
  guard.accepted(key);
  t.equal(guard.refused(key), 'too-many-clients');
  for (let i = 0; i < 4; i++) guard.refused(key);
  t.equal(guard.refused(key), 'wrong-password', 'after many in a row it was changed in the camera');
  guard.release(key);
  t.same(guard.admit(key), { go: true }, 'a person asks for another try');
  t.end();
});

t.test('an attempt that ends undecided lets the next one try', (t) => {
  const guard = new CredentialGuard(new HandClock());
  const key = guard.key('cam', 554, { user: 'a', password: 'b' });
  guard.admit(key);
  guard.undecided(key);
  t.same(guard.admit(key), { go: true });
  t.end();
});

t.test('keep-alives: what is offered first, another method after a refusal', (t) => {
  const rich = new KeepAlive(new Set(['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER']));
  const used = [200, 400, 501, 405, 454].map((status) => {
    const { method } = rich;
    rich.answered(status);
    return method;
  });
  t.same(used, ['GET_PARAMETER', 'GET_PARAMETER', 'GET_PARAMETER', 'OPTIONS', 'SET_PARAMETER']);
  t.equal(rich.method, 'GET_PARAMETER');
  t.equal(new KeepAlive(new Set(['OPTIONS', 'PLAY'])).method, 'OPTIONS');
  t.ok(rich.intervalMs(60) < 30_000);
  t.ok(rich.intervalMs(10) <= 5_000);
  t.ok(rich.intervalMs(100_000) <= 30_000);
  t.equal(new KeepAlive(new Set(), 7).intervalMs(60), 7);
  t.end();
});
