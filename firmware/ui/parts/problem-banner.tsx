import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { request } from '../box/client.ts';
import { cameras, type Problem } from '../box/live.ts';
import { may } from '../box/session.ts';
import { moment, since } from '../words/format.ts';
import { t } from '../words/index.ts';
import { placeOf, problemWords, subjectName } from '../words/problem-words.ts';
import { Button, CopyText } from './controls.tsx';
import { Confirm } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { tell } from './toasts.tsx';

/** One sentence about what is wrong and since when, what to do, and where. */
export function ProblemBanner({ problem, here = false }: { problem: Problem; here?: boolean }): JSX.Element {
  const { what, advice } = problemWords(problem);
  return (
    <article class={`banner ${problem.severity}`}>
      <Icon name="warning" />
      <div>
        <p>
          <strong>
            <bdi>{subjectName(problem.subject, cameras.value)}</bdi>
            {t('colon')}
            {what}
          </strong>{' '}
          {advice}
        </p>
        <p class="when">{since(problem.since)}</p>
        {here && (
          <details>
            <summary>{t('details')}</summary>
            <CopyText text={`${problem.code} ${problem.subject}`} />
            {` ${moment(problem.since)}`}
          </details>
        )}
      </div>
      <div class="actions">
        {problem.repairs
          .filter(({ right }) => may(right))
          .map((repair) => (
            <RepairButton key={JSON.stringify(repair.input)} problem={problem} repair={repair} />
          ))}
        <a class="button" href={placeOf(problem.subject)}>
          {t('look')}
        </a>
      </div>
    </article>
  );
}

/** What the box can do about it itself, after a second thought. */
function RepairButton({ problem, repair }: { problem: Problem; repair: Problem['repairs'][number] }): JSX.Element {
  const [asks, setAsks] = useState(false);
  const { what } = problemWords(problem);
  const verb = t(`repair.${repair.id}`);
  return (
    <>
      <Button onPress={() => setAsks(true)}>{verb}</Button>
      {asks && (
        <Confirm
          title={verb}
          verb={verb}
          act={async () => {
            await request('POST', `/api/${repair.operation.replaceAll('.', '/')}`, repair.input);
            tell(t('repair.begun'));
          }}
          onClose={() => setAsks(false)}
        >
          <p>
            <bdi>{subjectName(problem.subject, cameras.value)}</bdi>
            {t('colon')}
            {what}
          </p>
          <p>{t(`repair.${repair.id}.means`)}</p>
        </Confirm>
      )}
    </>
  );
}

/** At most so many; the rest folds into one line. */
export function ProblemBanners({
  problems,
  most = 2,
}: {
  problems: readonly Problem[];
  most?: number;
}): JSX.Element | null {
  if (problems.length === 0) return null;
  const left = problems.length - most;
  return (
    <div class="banners" role="region" aria-label={t('nav.problems')}>
      {problems.slice(0, most).map((each) => (
        <ProblemBanner key={`${each.code} ${each.subject}`} problem={each} />
      ))}
      {left > 0 && (
        <a class="link" href="/problems">
          {t('problems.more', { n: left })}
        </a>
      )}
    </div>
  );
}
