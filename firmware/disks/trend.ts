import { finding, type Finding, type Verdict } from './finding.ts';
import type { KeyFigures } from './smart-reading.ts';
import type { FindingCode, Words } from './words.ts';

/** The figures of a disk at one time. */
export interface DiskSample extends KeyFigures {
  /** UTC microseconds. */
  readonly atUs: number;
  /** What was made of it then. */
  readonly verdict?: Verdict;
}

export interface Growth {
  readonly figure: keyof KeyFigures;
  readonly from: number;
  readonly to: number;
  /** Over how many days, to one decimal. */
  readonly days: number;
}

/** What a disk's history says. */
export interface Trend {
  /** Days from the first sample to now. */
  readonly days: number;
  /** Counters that grew in the last week. */
  readonly week: readonly Growth[];
  /** Counters that grew in the last month. */
  readonly month: readonly Growth[];
  /** How much warmer the last day is than the weeks before it; undefined before there is enough to compare. */
  readonly warmerC: number | undefined;
  /** Wear per year in per cent of the promised life, and when it is used up; undefined while it cannot be told. */
  readonly wear: { readonly percentPerYear: number; readonly endsUs: number } | undefined;
}

const DAY_US = 86_400_000_000;
const YEAR_DAYS = 365.25;
const WARMER_MIN_SAMPLES = 24;
/** Less than that, and one step of a per cent is the whole line. */
const WEAR_MIN_DAYS = 14;
const WEAR_MIN_STEP = 2;

interface Counter {
  readonly figure: keyof KeyFigures;
  readonly names: Words;
  readonly code: FindingCode;
  readonly level: 'notice' | 'warning';
  /** From so many more in a week the word is said at all. */
  readonly from: number;
  /** From so many more in a week it is a warning, if the level is a notice. */
  readonly warning?: number;
  /** From so many more in a month the disk is dying. */
  readonly failing?: number;
}

const sectors = (figure: keyof KeyFigures, en: string, zh: string, failing: number): Counter => ({
  figure,
  names: { en, zh },
  code: 'grows',
  level: 'warning',
  from: 1,
  failing,
});

const COUNTERS: readonly Counter[] = [
  sectors('reallocated', 'replaced sectors', '已替换扇区', 100),
  sectors('pending', 'unreadable sectors', '不可读扇区', 50),
  sectors('uncorrectable', 'sectors that could not be mended', '无法修复的扇区', 50),
  sectors('reported', 'errors that could not be corrected', '无法纠正的错误', 50),
  sectors('mediaErrors', 'data that could not be read back', '无法读回的数据', 50),
  sectors('grownDefects', 'defects', '缺陷', 100),
  sectors('uncorrectedIo', 'reads and writes that could not be corrected', '无法纠正的读写错误', 50),
  sectors('selfTestFailures', 'failed self-tests', '失败的自检', Infinity),
  { figure: 'crc', names: same('crc'), code: 'link-errors-grow', level: 'notice', from: 1, warning: 10 },
  { figure: 'timeouts', names: same('timeouts'), code: 'timeouts-grow', level: 'notice', from: 5, warning: 50 },
  { figure: 'errorLog', names: same('errors'), code: 'errors-grow', level: 'notice', from: 1, warning: 20 },
];

/** `samples` from the oldest on, the last of them is now. Samples from a clock that stood wrong (later than now) are passed over. */
export function trendOf(samples: readonly DiskSample[]): Trend {
  const now = samples.at(-1);
  if (!now) return { days: 0, week: [], month: [], warmerC: undefined, wear: undefined };
  const past = samples.filter(({ atUs }) => atUs <= now.atUs);
  return {
    days: days(past[0]!, now),
    week: growths(past, now, 7),
    month: growths(past, now, 30),
    warmerC: warmer(past, now),
    wear: wearForecast(past, now),
  };
}

/** What a history adds to the verdict of one reading: growth is graver than a level that has stood for years. */
export function judgeTrend({ week, month, warmerC, wear }: Trend, nowUs: number): Finding[] {
  const found: Finding[] = [];
  for (const counter of COUNTERS) {
    const slow = month.find(({ figure }) => figure === counter.figure);
    const quick = week.find(({ figure }) => figure === counter.figure);
    if (slow && slow.to - slow.from >= (counter.failing ?? Infinity)) {
      found.push(grown('grows-fast', 'failing', counter, slow));
    } else if (quick && quick.to - quick.from >= counter.from) {
      const grave = counter.level === 'warning' || quick.to - quick.from >= (counter.warning ?? Infinity);
      found.push(grown(counter.code, grave ? 'warning' : 'notice', counter, quick));
    }
  }
  const hot = week.find(({ figure }) => figure === 'hotMinutes');
  if (hot) found.push(finding('was-too-hot', 'notice', { minutes: hot.to - hot.from, days: hot.days }));
  if (warmerC !== undefined && warmerC >= WARMER_NOTICE_C)
    found.push(finding('hotter', 'notice', { celsius: warmerC }));
  const left = wear === undefined ? Infinity : Math.round((wear.endsUs - nowUs) / DAY_US);
  if (left < WEAR_NOTICE_DAYS) found.push(finding('wears-out', 'notice', { days: Math.max(0, left) }));
  return found;
}

const WARMER_NOTICE_C = 8;
const WEAR_NOTICE_DAYS = 90;

function grown(code: FindingCode, level: Finding['level'], { names }: Counter, { from, to, days }: Growth): Finding {
  return finding(code, level, { count: to - from, what: names.en, whatZh: names.zh, days });
}

function same(word: string): Words {
  return { en: word, zh: word };
}

function days(from: DiskSample, to: DiskSample): number {
  return Math.round(((to.atUs - from.atUs) / DAY_US) * 10) / 10;
}

/** Against the last sample from before the span, or the oldest there is. */
function growths(samples: readonly DiskSample[], now: DiskSample, span: number): Growth[] {
  const before = samples.findLast(({ atUs }) => atUs <= now.atUs - span * DAY_US) ?? samples[0]!;
  const figures = [...COUNTERS.map(({ figure }) => figure), 'hotMinutes' as const];
  return figures.flatMap((figure) => {
    // A figure that the disk did not tell then (another smartctl, another bridge) has not grown since.
    const [from, to] = [before[figure], now[figure]];
    if (from === undefined || to === undefined || to <= from) return [];
    return [{ figure, from, to, days: Math.max(0.1, days(before, now)) }];
  });
}

function warmer(samples: readonly DiskSample[], now: DiskSample): number | undefined {
  const degrees = (from: number, to: number): number[] =>
    samples
      .filter(({ atUs }) => atUs > now.atUs - from * DAY_US && atUs <= now.atUs - to * DAY_US)
      .flatMap(({ temperatureC }) => temperatureC ?? []);
  const [today, before] = [degrees(1, 0), degrees(30, 1)];
  if (today.length === 0 || before.length < WARMER_MIN_SAMPLES) return undefined;
  return Math.round(median(today) - median(before));
}

function wearForecast(samples: readonly DiskSample[], now: DiskSample): Trend['wear'] {
  const first = samples.find(({ wearPercent }) => wearPercent !== undefined);
  const [from, to] = [first?.wearPercent, now.wearPercent];
  if (!first || from === undefined || to === undefined) return undefined;
  const span = (now.atUs - first.atUs) / DAY_US;
  if (span < WEAR_MIN_DAYS || to - from < WEAR_MIN_STEP) return undefined;
  const perDay = (to - from) / span;
  return {
    percentPerYear: Math.round(perDay * YEAR_DAYS * 10) / 10,
    endsUs: now.atUs + Math.round((Math.max(0, 100 - to) / perDay) * DAY_US),
  };
}

/** Of a list with at least one member. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
