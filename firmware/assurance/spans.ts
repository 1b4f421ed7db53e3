import type { TimeSpan } from '../base/index.ts';

/** Sets of instants as ordered spans that neither touch nor overlap: pure arithmetic on whole microseconds. */
export type Spans = readonly TimeSpan[];

/** Any spans as such a set; empty ones vanish. */
export function unite(...sets: readonly Spans[]): TimeSpan[] {
  const all = sets.flat().filter(({ startUs, endUs }) => endUs > startUs);
  all.sort((a, b) => a.startUs - b.startUs);
  const united: { startUs: number; endUs: number }[] = [];
  for (const { startUs, endUs } of all) {
    const last = united.at(-1);
    if (last && startUs <= last.endUs) last.endUs = Math.max(last.endUs, endUs);
    else united.push({ startUs, endUs });
  }
  return united;
}

/** What both sets hold. */
export function intersect(a: Spans, b: Spans): TimeSpan[] {
  const common: TimeSpan[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [left, right] = [a[i]!, b[j]!];
    const startUs = Math.max(left.startUs, right.startUs);
    const endUs = Math.min(left.endUs, right.endUs);
    if (startUs < endUs) common.push({ startUs, endUs });
    if (left.endUs < right.endUs) i++;
    else j++;
  }
  return common;
}

/** What the first set holds and the second does not. */
export function subtract(from: Spans, taken: Spans): TimeSpan[] {
  const left: TimeSpan[] = [];
  let next = 0;
  for (const { startUs, endUs } of from) {
    let atUs = startUs;
    while (next < taken.length && taken[next]!.endUs <= startUs) next++;
    for (let index = next; index < taken.length && taken[index]!.startUs < endUs; index++) {
      const hole = taken[index]!;
      if (hole.startUs > atUs) left.push({ startUs: atUs, endUs: hole.startUs });
      atUs = Math.max(atUs, hole.endUs);
    }
    if (atUs < endUs) left.push({ startUs: atUs, endUs });
  }
  return left;
}

export function lengthUs(spans: Spans): number {
  return spans.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
}
