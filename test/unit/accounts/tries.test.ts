import t from 'tap';
import { networkOf, Tries } from '../../../firmware/accounts/tries.ts';

const RULE = { free: 3, firstMs: 1000, mostMs: 8000 };

function lab(): { tries: Tries; fail: (key?: string) => number; pass: (ms: number) => void } {
  let nowUs = 0;
  const tries = new Tries({ monoUs: () => nowUs });
  return {
    tries,
    pass: (ms) => (nowUs += ms * 1000),
    /** Seconds to wait; 0 if it was let through. */
    fail: (key = 'a') => {
      try {
        tries.begin([{ key, rule: RULE }]);
        return 0;
      } catch (error) {
        return (error as { context: { waitS: number } }).context.waitS;
      }
    },
  };
}

t.test('7. waits grow with each failure, up to a bound, and refused tries do not lengthen them', async (t) => {
  const { fail, pass } = lab();
  t.strictSame([fail(), fail(), fail(), fail()], [0, 0, 0, 0], 'three are free, the fourth has been heard');
  const waits: number[] = [];
  for (let n = 0; n < 6; n++) {
    const wait = fail();
    t.equal(fail(), wait, 'a refused try changes nothing');
    waits.push(wait);
    pass(wait * 1000);
    t.equal(fail(), 0, 'afterwards one is heard');
  }
  t.strictSame(waits, [1, 2, 4, 8, 8, 8]);
  t.equal(fail('b'), 0, 'others do not wait');
});

t.test('7. many at once are no way around the waits', async (t) => {
  const { tries } = lab();
  const begun = Array.from({ length: 100 }, () => {
    try {
      return tries.begin([{ key: 'a', rule: RULE }]);
    } catch {
      return undefined;
    }
  }).filter((attempt) => attempt !== undefined);
  t.equal(begun.length, 4);
});

t.test('7. success is forgiving, and old failures are forgotten', async (t) => {
  const { tries, fail, pass } = lab();
  for (let n = 0; n < 3; n++) fail();
  tries.begin([{ key: 'a', rule: RULE }]).succeeded();
  t.strictSame([fail(), fail(), fail(), fail()], [0, 0, 0, 0], 'as new');
  pass(25 * 3600 * 1000);
  t.strictSame([fail(), fail(), fail(), fail()], [0, 0, 0, 0], 'as new after a day');
  tries.forget('a');
  t.equal(fail(), 0);
});

t.test('7. a success does not wipe out what the same network did to others', async (t) => {
  const { tries } = lab();
  const keys = (name: string): { key: string; rule: typeof RULE }[] => [
    { key: name, rule: RULE },
    { key: 'network', rule: RULE },
  ];
  for (let n = 0; n < 3; n++) tries.begin(keys(`victim-${n}`));
  tries.begin(keys('own')).succeeded();
  tries.begin(keys('victim-4'));
  t.throws(() => tries.begin(keys('victim-5')), { code: 'accounts.too-many-tries' });
});

t.test('networks', async (t) => {
  t.equal(networkOf('192.0.2.7'), '192.0.2.7');
  t.equal(networkOf('::ffff:192.0.2.7'), '192.0.2.7');
  t.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:0DB8:1:2::9'));
  t.not(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'));
  t.equal(networkOf('fe80::1%eth0'), networkOf('fe80::2'));
  t.equal(networkOf('::1'), '0:0:0:0');
});
