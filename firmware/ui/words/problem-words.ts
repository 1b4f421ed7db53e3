import type { CameraStatus, Problem } from '../box/live.ts';
import { faultWords, t } from './index.ts';

/** What a problem is about, as people call it. */
export function subjectName(subject: string, cameras: readonly CameraStatus[]): string {
  const [kind = '', id = ''] = subject.split('/');
  if (kind === 'camera') return cameras.find((each) => each.id === id)?.name ?? id;
  if (kind === 'volume' || kind === 'disk') return t('subject.disk', { name: id });
  if (kind === 'camera-group') return t('subject.group', { name: id });
  return t('subject.box');
}

/** Where one can do something about it. */
export function placeOf(subject: string): string {
  const [kind = '', id = ''] = subject.split('/');
  if (kind === 'camera') return `/cameras/${id}`;
  if (kind === 'volume' || kind === 'disk' || kind === 'camera-group') return '/storage';
  return '/system/state';
}

export function problemWords(problem: Problem): { what: string; advice: string } {
  return faultWords(problem);
}

/** The gravest first, then the oldest. */
export function byWeight(one: Problem, other: Problem): number {
  const rank = { error: 0, warning: 1, notice: 2 } as Readonly<Record<string, number>>;
  return (rank[one.severity] ?? 3) - (rank[other.severity] ?? 3) || one.since.localeCompare(other.since);
}
