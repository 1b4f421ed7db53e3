import { join } from 'node:path';
import t from 'tap';
import { forecast } from '../../firmware/planning/index.ts';
import { daysSince, runNineWeeks, SITE } from '../support/forecast-world.ts';

/** Of two hundred seeds: `node scripts/run.js forecast`. */
for (const seed of [1, 2]) {
  t.test(`seed ${seed}: what is forecast is what retention then keeps`, { timeout: 280_000 }, async (t) => {
    const { early, late, kept: keptOf, filledAfterDays } = runNineWeeks(seed, join(t.testdir(), 'catalogue.db'));
    const [first, second] = [forecast(early), forecast(late)];
    for (const { camera, days, lowDays, highDays, leastDays } of second.cameras) {
      const kept = keptOf.get(camera)!;
      const { events } = SITE.find(({ id }) => id === camera)!;
      const said = `${camera}: ${days.toFixed(2)} days forecast, ${kept.toFixed(2)} kept`;
      // Around events even who knows how the dice are loaded is often wrong by more than 5 %: there the confidence tells how much.
      if (!events) t.ok(Math.abs(days / kept - 1) < 0.05, said);
      // Nine of ten are in the confidence; half as much again is hardly ever left.
      const isLikely = kept > days - 1.5 * (days - lowDays) && kept < days + 1.5 * (highDays - days);
      t.ok(isLikely, `${said}, likely ${lowDays.toFixed(2)} to ${highDays.toFixed(2)}`);
      const width = (highDays - lowDays) / 2 / days;
      t.ok(width < (events?.each === 'quarter' ? 0.15 : 0.08), `${camera}: ${(100 * width).toFixed(1)} % either way`);
      t.ok(lowDays <= days && days <= highDays && leastDays <= days, `${camera}: least ${leastDays}`);
      const atFirst = first.cameras.find((each) => each.camera === camera)!;
      t.ok(Math.abs(atFirst.days / kept - 1) < 0.15, `${camera}: ${atFirst.days.toFixed(2)} after a week`);
    }
    for (const { id, fillsAtUs } of first.volumes) {
      // A disk that was full when the forecast was made is full at once.
      const expected = Math.max(filledAfterDays.get(id)!, daysSince(first.madeUs));
      const days = daysSince(fillsAtUs!);
      t.ok(Math.abs(days / expected - 1) < 0.05, `${id} fills after ${days.toFixed(2)} days, not ${expected}`);
    }
  });
}
