import type { JSX } from 'preact';
import { ask } from '../../box/client.ts';
import { jobs, type Job } from '../../box/live.ts';
import { ActButton } from '../../parts/controls.tsx';
import { Bar, Card } from '../../parts/show.tsx';
import { ago, number } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';

function shareOf({ state, progress }: Job): number {
  return state === 'done' ? 1 : (progress ?? 0);
}

/** What runs on while nobody waits for it, and what came of it. */
export function DiskJobs(): JSX.Element | null {
  const own = jobs.value.filter(({ operation }) => operation.startsWith('disks.'));
  if (own.length === 0) return null;
  return (
    <Card title={t('jobs')}>
      {own.map((job) => (
        <div key={job.id} class="job">
          <p>
            {tOf('job', job.operation)}
            {job.subject !== undefined && (
              <>
                {t('comma')}
                <bdi>{job.subject}</bdi>
              </>
            )}
            <span class="sub">
              {job.error ? faultWords(job.error).what : tOf('jobState', job.state)} {ago(job.endedAt ?? job.startedAt)}
            </span>
          </p>
          <Bar
            label={`${number(shareOf(job) * 100)} %`}
            segments={[
              {
                kind: job.state === 'failed' ? 'bad' : 'progress',
                share: shareOf(job),
              },
            ]}
          />
          {job.cancellable ? (
            <ActButton act={() => ask('jobs.cancel', { id: job.id })}>{t('stop')}</ActButton>
          ) : (
            <span />
          )}
        </div>
      ))}
    </Card>
  );
}
