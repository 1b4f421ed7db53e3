import t from 'tap';
import { DownloadDesk } from '../../../firmware/control/index.ts';
import type { Caller } from '../../../firmware/accounts/index.ts';
import type { PreparedExport } from '../../../firmware/playback/index.ts';

const BYTES = new Uint8Array(10);

/** A person whose rights are in the test's hand. */
class Person implements Caller {
  readonly kind = 'session';
  readonly id = 'session';
  readonly address = '192.0.2.7';
  readonly name: string;
  signedIn = true;
  exports = true;
  sees = true;

  constructor(name: string) {
    this.name = name;
  }

  may(right: string): boolean {
    return this.sees && (right !== 'export' || this.exports);
  }
}

function deskWith(by: string): DownloadDesk {
  const prepared: Omit<PreparedExport, 'films'> = {
    id: 'an-id',
    name: 'gate.mp4',
    format: 'mp4',
    bytes: 100,
    tag: 'tag',
    cameras: ['gate'],
    by,
    reason: '',
    atUs: 0,
    expiresUs: Infinity,
    read: async function* () {
      for (;;) yield BYTES;
    },
  };
  const find = (id: string): PreparedExport | undefined => (id === 'an-id' ? { ...prepared, films: [] } : undefined);
  return new DownloadDesk({ find }, { note: () => undefined });
}

t.test('14. an export is for whoever prepared it, and for nobody who knows its address', async (t) => {
  const desk = deskWith('owner');
  const owner = new Person('owner');
  t.equal(desk.open('an-id', owner).bytes, 100);
  t.throws(() => desk.open('another-id', owner), { code: 'exports.no-such-export' });
  t.throws(
    () => desk.open('an-id', new Person('guard')),
    { code: 'exports.no-such-export' },
    'not even that it exists',
  );
  owner.exports = false;
  t.throws(() => desk.open('an-id', owner), { code: 'control.forbidden' });
  owner.sees = false;
  t.throws(() => desk.open('an-id', owner), { code: 'control.no-such-camera' });
  owner.signedIn = false;
  t.throws(() => desk.open('an-id', owner), { code: 'control.not-signed-in' });
});

for (const [what, lose, code] of [
  ['the session ends', (person: Person) => (person.signedIn = false), 'control.not-signed-in'],
  ['the right is taken away', (person: Person) => (person.exports = false), 'control.forbidden'],
  ['the camera is hidden', (person: Person) => (person.sees = false), 'control.no-such-camera'],
] as const) {
  t.test(`9. a download ends when ${what}`, async (t) => {
    const person = new Person('owner');
    const reading = deskWith('owner').open('an-id', person).read(0, 100);
    t.same(await reading.next(), { done: false, value: BYTES });
    lose(person);
    await t.rejects(reading.next(), { code });
  });
}

t.test('41. only so many downloads run at a time', async (t) => {
  const desk = deskWith('owner');
  const owner = new Person('owner');
  const running = Array.from({ length: 8 }, () => desk.open('an-id', owner).read(0, 100));
  for (const each of running) await each.next();
  await t.rejects(desk.open('an-id', owner).read(0, 100).next(), { code: 'exports.too-many' });
  await running[0]!.return();
  t.same((await desk.open('an-id', owner).read(0, 100).next()).done, false, 'one has ended');
});
