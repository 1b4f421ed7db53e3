/**
 * node scripts/run.js forecast [--seeds N --from SEED]: simulated weeks of a site of ten cameras, and how far its forecasts are from what
 * retention then keeps; beside them those of an oracle that knows the true mean of every rate, so that what it misses is chance.
 */
import { parseArgs } from 'node:util';
import { forecast } from '../firmware/planning/index.ts';
import { oracleInput, runNineWeeks, SITE, trueRates } from '../test/support/forecast-world.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '200' }, from: { type: 'string', default: '1' } },
});

interface Tally {
  readonly forecast: number[];
  readonly oracle: number[];
  inside: number;
  width: number;
}

const tallies = new Map<string, Tally>(SITE.map(({ id }) => [id, { forecast: [], oracle: [], inside: 0, width: 0 }]));
const rates = trueRates();
const [from, seeds] = [Number(values.from), Number(values.seeds)];
for (let seed = from; seed < from + seeds; seed++) {
  const { late, kept } = runNineWeeks(seed, ':memory:');
  const oracle = new Map(forecast(oracleInput(late, rates)).cameras.map(({ camera, days }) => [camera, days]));
  for (const { camera, days, lowDays, highDays } of forecast(late).cameras) {
    const tally = tallies.get(camera)!;
    const keptDays = kept.get(camera)!;
    tally.forecast.push(days / keptDays - 1);
    tally.oracle.push(oracle.get(camera)! / keptDays - 1);
    tally.inside += lowDays <= keptDays && keptDays <= highDays ? 1 : 0;
    tally.width += (highDays - lowDays) / 2 / days;
  }
}

const percent = (value: number): string => (100 * value).toFixed(1).padStart(6);

/** Mean, standard deviation, nine of ten are within, the worst, and how many are within 5 %; all in per cent. */
function figures(errors: readonly number[]): string[] {
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length);
  const sorted = errors.map(Math.abs).sort((a, b) => a - b);
  const within = sorted.filter((error) => error < 0.05).length / errors.length;
  return [mean, deviation, sorted[Math.floor(sorted.length * 0.9)]!, sorted.at(-1)!, within].map(percent);
}

console.log(`${seeds} seeds from ${from}; per cent`);
console.log('| camera |        |   mean |     sd |    90% |  worst | within 5% | in the confidence, half as wide as |');
for (const [camera, { forecast: own, oracle, inside, width }] of tallies) {
  const said = [percent(inside / own.length), percent(width / own.length)];
  console.log(`| ${camera.padEnd(6)} | box    | ${[...figures(own), ...said].join(' | ')} |`);
  console.log(`|        | oracle | ${figures(oracle).join(' | ')} |`);
}
