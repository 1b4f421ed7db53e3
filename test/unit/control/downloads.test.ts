import t from 'tap';
import {
  DownloadDesk,
  ExportQuota,
  MediaDesk,
  type AuditLine,
  type MediaWire,
} from '../../../firmware/control/index.ts';
import { systemClock } from '../../../firmware/base/index.ts';
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
  settings = false;

  constructor(name: string) {
    this.name = name;
  }

  may(right: string): boolean {
    return this.sees && (right !== 'export' || this.exports) && (right !== 'settings' || this.settings);
  }
}

function deskWith(by: string, given: { quota?: ExportQuota; lines?: AuditLine[] } = {}): DownloadDesk {
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
  const quota = given.quota ?? new ExportQuota({ clock: systemClock, most: () => 0 });
  return new DownloadDesk({ find }, { note: (line) => void given.lines?.push(line) }, quota);
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

const HOUR_US = 3600e6;

/** A quota of so many bytes, with its hours in the test's hand; the wall clock is set back meanwhile, which gives nobody more. */
function quotaOf(most: number): { quota: ExportQuota; at: { hour: number; wallUs: number } } {
  const at = { hour: 100, wallUs: Date.UTC(2026, 4, 31, 8) * 1000 };
  const clock = { wallUs: () => at.wallUs, monoUs: () => at.hour * HOUR_US };
  return { quota: new ExportQuota({ clock, most: () => most }), at };
}

async function take(desk: DownloadDesk, person: Person, times: number, to = 100): Promise<void> {
  const reading = desk.open('an-id', person).read(0, to);
  for (let i = 0; i < times; i++) await reading.next();
  await reading.return();
}

t.test('41. a user takes so many bytes in a day, and is told until when', async (t) => {
  const { quota, at } = quotaOf(120);
  const lines: AuditLine[] = [];
  const desk = deskWith('owner', { quota, lines });
  const owner = new Person('owner');
  await take(desk, owner, 5);
  t.match(quota.allowed(owner), { mostBytes: 120, leftBytes: 70, moreAt: '2026-06-01T09:00:00.000Z' });
  at.hour += 3;
  await take(desk, owner, 1, 70);
  t.equal(quota.allowed(owner)?.leftBytes, 60, 'what was asked for and not taken is given back');
  t.throws(() => desk.open('an-id', owner).read(0, 100), {
    code: 'exports.quota',
    context: { mostBytes: 120, leftBytes: 60, until: '2026-06-01T06:00:00.000Z' },
  });
  t.throws(() => desk.open('an-id', owner).read(0, 100), { code: 'exports.quota' });
  t.match(
    lines.filter(({ result }) => result === 'exports.quota'),
    [{ who: 'owner', operation: 'exports.download', subject: 'gate', detail: { export: 'an-id' } }],
    'one line, however often it is tried',
  );
  at.wallUs += 400 * 24 * HOUR_US;
  t.throws(() => quota.check(owner, 100), { code: 'exports.quota' }, 'a clock that was set gives nothing');
  at.hour += 22;
  t.equal(quota.allowed(owner)?.leftBytes, 110);
  await take(desk, owner, 1);
  t.throws(() => quota.check(owner, 121), { code: 'exports.quota', context: { until: undefined } }, 'never');
});

t.test('41. downloads side by side take no more together', async (t) => {
  const { quota } = quotaOf(150);
  const desk = deskWith('owner', { quota });
  const owner = new Person('owner');
  const [one, other] = [desk.open('an-id', owner).read(0, 100), desk.open('an-id', owner).read(0, 100)];
  await one.next();
  await t.rejects(other.next(), { code: 'exports.quota' });
  t.equal(quota.allowed(owner)?.leftBytes, 50);
  t.equal(quota.allowed(new Person('guard'))?.leftBytes, 150, 'others have their own');
  await one.return();
  t.equal(quota.allowed(owner)?.leftBytes, 140);
  owner.settings = true;
  t.equal(quota.allowed(owner), undefined, 'whoever may change the setting is not held by it');
  await take(desk, owner, 20);
  t.equal(quotaOf(0).quota.allowed(new Person('guard')), undefined, 'none is set');
});

for (const [kind, most] of [
  ['live', 256],
  ['play', 64],
] as const) {
  t.test(`41. a user has so many pictures on all screens together: ${kind}`, async (t) => {
    const nothing = (): void => undefined;
    const view = { change: nothing, tick: nothing, pump: nothing, end: nothing };
    const player = { stream: 'main', seek: nothing, setSound: nothing, pump: nothing, end: nothing };
    const desk = new MediaDesk({
      live: { watch: () => view as never, attend: () => nothing },
      playback: { play: () => player as never },
      audit: { note: nothing },
      isTrusted: () => true,
      log: nothing,
    });
    const refused: string[] = [];
    const wire: MediaWire = {
      backlogBytes: 0,
      text: (answer) => void (answer.type === 'media.error' && refused.push(answer.code)),
      binary: nothing,
    };
    const about = { epoch: 1, camera: 'gate', sound: false };
    const open = (session: ReturnType<MediaDesk['connect']>, channel: number): void => {
      if (kind === 'live')
        session.receive({ type: 'media.live', channel, stream: 'auto', form: 'mp4', anyway: false, ...about });
      else session.receive({ type: 'media.play', channel, stream: 'main', atUs: 0, speed: 1, ...about });
    };
    const sessions = Array.from({ length: most / 32 }, () => desk.connect(new Person('owner'), wire));
    for (const session of sessions) for (let channel = 1; channel <= 32; channel++) open(session, channel);
    t.strictSame(refused, []);
    const more = desk.connect(new Person('owner'), wire);
    open(more, 1);
    t.strictSame(refused, ['live.user-full']);
    open(desk.connect(new Person('guard'), wire), 1);
    t.equal(refused.length, 1, 'others have their own');
    sessions[0]!.end();
    open(more, 1);
    t.equal(refused.length, 1, 'a screen was switched off');
  });
}
