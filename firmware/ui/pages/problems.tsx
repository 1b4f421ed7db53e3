import type { JSX } from 'preact';
import { known, problems } from '../box/live.ts';
import { ProblemBanner } from '../parts/problem-banner.tsx';
import { Card, Empty, PageHead } from '../parts/show.tsx';
import { t } from '../words/index.ts';
import { byWeight } from '../words/problem-words.ts';

/** What stands now, the gravest first, each with what to do. */
export function Problems(): JSX.Element {
  if (!known.value) return <div class="skeleton" aria-busy="true" />;
  const all = problems.value.toSorted(byWeight);
  const errors = all.filter(({ severity }) => severity === 'error').length;
  const title = all.length === 0 ? t('problems.none') : t('problems.some', { n: all.length });
  return (
    <>
      <PageHead
        title={title}
        explain={all.length > 0 ? (errors > 0 ? t('problems.now', { n: errors }) : t('problems.soon')) : undefined}
      />
      {all.length === 0 && (
        <Card>
          <Empty>{t('problems.noneMore')}</Empty>
        </Card>
      )}
      <div class="banners">
        {all.map((each) => (
          <ProblemBanner key={`${each.code} ${each.subject}`} problem={each} here />
        ))}
      </div>
    </>
  );
}
