import t from 'tap';
import { systemClock } from '../../../firmware/base/index.ts';
import { EventBook, EventIntake } from '../../../firmware/cameras/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { until } from '../../support/until.ts';

t.test('42. however many sources a camera makes up, recording is told of it once at a time', async (t) => {
  const folder = await tempFolder(t);
  const clock = systemClock;
  const book = new EventBook({ folder, clock, keepDays: () => 1, trouble: () => undefined, log: () => undefined });
  const told: string[] = [];
  const intake = new EventIntake({
    book,
    kindsOf: () => ['motion'],
    record: (camera, kind, again) => told.push(`${camera} ${kind} ${again ? 'again' : 'new'}`),
  });
  const motion = { topic: '', kind: 'motion', active: true, initial: false, atMs: Date.now(), items: [] } as const;
  for (let n = 0; n < 1500; n++) intake.take('flood', { ...motion, source: `s${n}` });
  intake.take('steady', { ...motion, source: 's' });
  t.equal(told.filter((each) => each === 'flood motion new').length, 1500, 'each begins');
  intake.take('flood', { ...motion, source: 's1' });
  t.equal(told.at(-1), 'flood motion again', 'and is known to go on');
  told.length = 0;
  intake.start();
  await until(() => told.length > 0);
  intake.stop();
  t.strictSame(told.toSorted(), ['flood motion again', 'steady motion again']);
});
