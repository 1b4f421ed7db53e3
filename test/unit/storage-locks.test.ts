import t from 'tap';
import { Catalogue } from '../../firmware/storage/catalogue/catalogue.ts';
import type { JournalEvent } from '../../firmware/storage/journal/journal.ts';
import { LockBook } from '../../firmware/storage/space/lock-book.ts';
import { LockDesk } from '../../firmware/storage/space/lock-desk.ts';
import { checkKept } from '../../firmware/storage/space/space-check.ts';

const LOCK = { lock: 'l', camera: 'yard', fromUs: 100, toUs: 200, reason: 'theft', atUs: 1 };
const SPAN = { camera: 'yard', stream: 'main', startUs: 150, endUs: 160 };

t.test('what a lock holds', async (t) => {
  const book = new LockBook();
  book.add(LOCK);
  t.ok(book.isLocked(SPAN, 0));
  t.ok(book.isLocked({ ...SPAN, startUs: 0, endUs: 101 }, 0), 'an instant is enough');
  t.notOk(book.isLocked({ ...SPAN, startUs: 0, endUs: 100 }, 0));
  t.notOk(book.isLocked({ ...SPAN, startUs: 200, endUs: 300 }, 0));
  t.notOk(book.isLocked({ ...SPAN, camera: 'door' }, 0));
  book.add({ ...LOCK, lock: 'sub', camera: 'door', stream: 'sub' });
  t.notOk(book.isLocked({ ...SPAN, camera: 'door' }, 0));
  t.ok(book.isLocked({ ...SPAN, camera: 'door', stream: 'sub' }, 0));
});

t.test('a lock runs out by a trusted clock only, and is lifted for good', async (t) => {
  const book = new LockBook();
  book.add({ ...LOCK, untilUs: 1000 });
  t.ok(book.isLocked(SPAN, 999));
  t.notOk(book.isLocked(SPAN, 1000));
  t.ok(book.isLocked(SPAN, undefined), 'the box does not know the time');
  book.lift('l', 5);
  t.notOk(book.isLocked(SPAN, 0));
  book.add(LOCK);
  t.notOk(book.isLocked(SPAN, 0), 'a disk that was away says it again');
});

t.test('which volume lacks what, across a forgotten volume and a reopened catalogue', async (t) => {
  const path = `${t.testdir()}/catalogue.db`;
  let catalogue = new Catalogue(path);
  let offset = 0;
  const say = (volume: string, record: Parameters<Catalogue['noteLock']>[0]): void => {
    catalogue.apply(volume, { record, at: { file: 1, offset: offset++ }, endOffset: offset });
  };
  const missing = (volume: string, nowUs: number | undefined = 0): string[] =>
    catalogue.locks.missing(catalogue.volumeNumber(volume), nowUs).map(({ t: kind }) => kind);
  const again = (): void => {
    catalogue.close();
    catalogue = new Catalogue(path);
  };
  catalogue.noteLock({ t: 'lock', ...LOCK, untilUs: 1000 });
  t.same([missing('a'), missing('b')], [['lock'], ['lock']]);
  say('a', { t: 'lock', ...LOCK, untilUs: 1000 });
  again();
  t.same([missing('a'), missing('b')], [[], ['lock']]);
  t.same(missing('b', 1000), ['lock'], 'for a while after its end, too: another disk may be late');
  t.same(missing('b', 1000 + 31 * 86_400_000_000), []);
  catalogue.forgetVolume('a');
  again();
  t.same(missing('a'), ['lock'], 'a lock does not go with the only disk that held it');
  say('a', { t: 'lock', ...LOCK });
  say('b', { t: 'unlock', lock: 'l', atUs: 7 });
  again();
  t.same([missing('a'), missing('b')], [['unlock'], []]);
  const needed = catalogue.locks.needed(['l', 'x'], 0);
  t.same([[...needed.locked], [...needed.lifted]], [[], ['l']]);
  catalogue.close();
});

t.test('the check of what is kept', async (t) => {
  const dayUs = 86_400_000_000;
  const nowUs = 100 * dayUs;
  const base = { camera: 'a', class: 'continuous' as const, limitDays: 30, wishDays: 20, cut: undefined };
  const check = (change: Partial<Parameters<typeof checkKept>[0]>): unknown[] =>
    checkKept({ ...base, oldestEndUs: undefined, ...change }, nowUs).map(({ what }) => what);
  t.same(check({}), []);
  t.same(check({ oldestEndUs: 69.8 * dayUs }), [], 'deletion is not at once');
  t.same(check({ oldestEndUs: 69 * dayUs }), ['too-old']);
  t.same(check({ oldestEndUs: 1, limitDays: undefined }), []);
  t.same(check({ cut: { days: 25, why: 'space', atUs: nowUs } }), []);
  t.same(check({ cut: { days: 19, why: 'space', atUs: nowUs } }), ['too-young']);
  t.same(check({ cut: { days: 1, why: 'space', atUs: nowUs }, wishDays: undefined }), []);
});

t.test('what was sent is remembered as long as the volume is here and lacks it', async (t) => {
  const catalogue = new Catalogue(':memory:');
  const sent: JournalEvent[] = [];
  const desk = new LockDesk(
    catalogue,
    () => undefined,
    (_volume, records) => sent.push(...records),
  );
  t.teardown(() => {
    desk.stop();
    catalogue.close();
  });
  desk.attach('v');
  const lock = { t: 'lock', ...LOCK } as const;
  void desk.lock(lock);
  desk.write();
  t.match(sent, [lock], 'once');
  desk.detach('v');
  desk.attach('v');
  t.match(sent, [lock, lock], 'the disk was away, and what was sent may have gone with it');
  catalogue.apply('v', { record: lock, at: { file: 1, offset: 0 }, endOffset: 1 });
  desk.write();
  t.equal(sent.length, 2);
});
