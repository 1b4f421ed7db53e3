import { effect, signal } from '@preact/signals';
import { cameras, jobs, known, problems, silentSince, type Problem } from '../box/live.ts';
import { tell } from '../parts/toasts.tsx';
import { faultWords, t, tOf } from '../words/index.ts';
import { subjectName } from '../words/problem-words.ts';
import { go } from './route.ts';

/** The first state comes in pieces. */
const SETTLES_MS = 2500;

const keyOf = ({ code, subject }: Problem): string => `${code} ${subject}`;

/** Tells what begins and ends while somebody looks: problems, jobs, the box itself. What stood before is no news. */
export function watchChanges(): void {
  let before: ReadonlyMap<string, Problem> | undefined;
  const settled = signal(false);
  effect(() => {
    if (known.value) setTimeout(() => (settled.value = true), SETTLES_MS);
  });
  effect(() => {
    const now = new Map(problems.value.map((each) => [keyOf(each), each]));
    if (!settled.value) return;
    if (before) tellProblems(before, now);
    before = now;
  });
  let running: ReadonlySet<string> | undefined;
  effect(() => {
    const all = jobs.value;
    for (const { id, operation, state } of all) {
      if (state === 'running' || running?.has(id) !== true) continue;
      // Only who began an export can have stopped it.
      if (state === 'stopped' && operation === 'exports.prepare') continue;
      const words = { what: tOf('job', operation) };
      const where = operation === 'exports.prepare' ? '/files' : undefined;
      if (state === 'done') tell(t('job.done', words), 'ok', where && { label: t('open'), run: () => go(where) });
      else tell(t('job.failed', words), 'bad');
    }
    running = new Set(all.filter(({ state }) => state === 'running').map(({ id }) => id));
  });
  let wasSilent = false;
  effect(() => {
    const silent = silentSince.value !== undefined;
    if (wasSilent && !silent) tell(t('lost.back'));
    wasSilent = silent;
  });
}

function tellProblems(before: ReadonlyMap<string, Problem>, now: ReadonlyMap<string, Problem>): void {
  for (const [key, problem] of now) {
    if (before.has(key)) continue;
    const text = `${subjectName(problem.subject, cameras.peek())}: ${faultWords(problem).what}`;
    tell(text, 'warn', { label: t('open'), run: () => go('/problems') });
  }
  for (const [key, problem] of before) {
    if (now.has(key)) continue;
    tell(t('problem.over', { name: subjectName(problem.subject, cameras.peek()), what: faultWords(problem).what }));
  }
}
