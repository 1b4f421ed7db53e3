import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ask, boxNow, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { jobs, type Job } from '../../box/live.ts';
import type { Camera } from '../../media/my-cameras.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button } from '../../parts/controls.tsx';
import { untilWords } from '../../parts/fault.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Awaited, Bar, Card, Empty, Facts } from '../../parts/show.tsx';
import { ago, bytes, length, moment, number } from '../../words/format.ts';
import { faultWords, t } from '../../words/index.ts';
import { SmallPicture } from './small-picture.tsx';

type Allowance = Output<'exports.allowance'>;
type Prepared = Output<'exports.list'>[number];

const EVERY_MS = 30_000;
/** What went wrong longer ago is told by the log. */
const FAILED_MS = 3_600_000;

/** What is being prepared and what can be downloaded: kept by the box, so a page that is loaded anew shows the same. */
export function Exports({ cameras }: { cameras: readonly Camera[] }): JSX.Element {
  const asked = useAsked('exports.list', {}, { everyMs: EVERY_MS });
  const allowance = useAsked('exports.allowance', {}, { everyMs: EVERY_MS });
  const own = jobs.value.filter(({ operation }) => operation === 'exports.prepare');
  const running = own.filter(({ state }) => state === 'running');
  const failed = own.filter(({ state, endedAt }) => {
    return state === 'failed' && endedAt !== undefined && boxNow() - Date.parse(endedAt) < FAILED_MS;
  });
  const over = own.filter(({ state }) => state === 'done').map(({ id }) => id);
  useEffect(() => {
    if (over.length > 0) void asked.again();
  }, [over.join()]);
  const nameOf = (id: string): string => cameras.find((each) => each.id === id)?.name ?? id;
  return (
    <Card title={t('files.ready')}>
      {running.map((job) => (
        <Running key={job.id} job={job} nameOf={nameOf} />
      ))}
      {failed.map((job) => (
        <Failed key={job.id} job={job} nameOf={nameOf} />
      ))}
      <Awaited asked={asked}>
        {(ready) =>
          ready.length === 0 && running.length === 0 ? (
            <Empty>{t('files.noneReady')}</Empty>
          ) : (
            ready.map((each) => (
              <Ready key={each.id} prepared={each} nameOf={nameOf} again={asked.again} allowance={allowance.value} />
            ))
          )
        }
      </Awaited>
    </Card>
  );
}

type NameOf = (camera: string) => string;

function camerasOf({ subject = '' }: Job, nameOf: NameOf): string {
  return subject.split(' ').filter(Boolean).map(nameOf).join(t('comma'));
}

/** On its way, with how far it has come. */
function Running({ job, nameOf }: { job: Job; nameOf: NameOf }): JSX.Element {
  const share = job.progress ?? 0;
  return (
    <article class="ready">
      <p>
        {t('files.preparing')} <bdi>{camerasOf(job, nameOf)}</bdi> <span class="sub">{ago(job.startedAt)}</span>
      </p>
      <Bar label={`${number(share * 100)} %`} segments={[{ kind: 'progress', share }]} />
      {job.cancellable && (
        <div class="row">
          <ActButton act={() => ask('jobs.cancel', { id: job.id })}>{t('cancel')}</ActButton>
        </div>
      )}
    </article>
  );
}

function Failed({ job, nameOf }: { job: Job; nameOf: NameOf }): JSX.Element {
  const words = job.error && faultWords(job.error);
  return (
    <article class="ready">
      <p class="with-icon bad">
        <Icon name="warning" size="s" />
        <span>
          {t('files.notPrepared')} <bdi>{camerasOf(job, nameOf)}</bdi>
        </span>
      </p>
      {words && (
        <p class="quiet-text">{[words.what, ...untilWords(job.error?.context['until']), words.advice].join(' ')}</p>
      )}
    </article>
  );
}

/** One file that waits to be taken. */
function Ready(props: {
  prepared: Prepared;
  nameOf: NameOf;
  again: () => Promise<void>;
  allowance: Allowance | undefined;
}): JSX.Element {
  const { prepared, nameOf, again, allowance } = props;
  const { id, url, name, bytes: size, parts, expires, reason } = prepared;
  const { mostBytes, leftBytes, moreAt } = allowance ?? {};
  const isTooMuch = leftBytes !== undefined && leftBytes < size;
  const gaps = parts.reduce((sum, part) => sum + part.gaps.length, 0);
  const discard = async (): Promise<void> => {
    await ask('exports.discard', { id });
    await again();
  };
  return (
    <article class="ready">
      <div class="row">
        {isTooMuch ? (
          <Button disabled>{t('files.download', { size: bytes(size) })}</Button>
        ) : (
          <a class="button primary" href={url} download={name}>
            {t('files.download', { size: bytes(size) })}
          </a>
        )}
        <ActButton kind="quiet" act={discard}>
          {t('files.discard')}
        </ActButton>
      </div>
      {isTooMuch && (
        <p class="with-icon">
          <Icon name="warning" size="s" />
          <span>
            {t('files.quota', { most: bytes(mostBytes ?? 0), left: bytes(leftBytes ?? 0) })}{' '}
            {moreAt !== undefined && t('files.quotaMore', { time: moment(moreAt) })}
          </span>
        </p>
      )}
      <p class="file-name">
        <code>{name}</code>
      </p>
      {may('playback') && (
        <div class="small-pictures">
          {parts.map(({ camera, start, end }) => (
            <SmallPicture key={camera} camera={camera} fromMs={Date.parse(start)} toMs={Date.parse(end)} />
          ))}
        </div>
      )}
      <Facts
        of={[
          ...parts.map(
            (part) =>
              [nameOf(part.camera), `${moment(part.start)}, ${length(part.seconds)}, ${bytes(part.bytes)}`] as const,
          ),
          ...(reason === '' ? [] : [[t('files.reason'), <bdi key="reason">{reason}</bdi>] as const]),
          [t('files.gaps'), gaps === 0 ? t('none') : t('files.gapsClosed', { n: gaps }), gaps > 0 ? 'warn' : undefined],
          [t('files.until'), moment(expires)],
        ]}
      />
    </article>
  );
}
