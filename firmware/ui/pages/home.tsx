import type { JSX } from 'preact';
import { box, cameras, known, problems, volumes } from '../box/live.ts';
import { may } from '../box/session.ts';
import { useAsked } from '../parts/asked.ts';
import { ProblemBanners } from '../parts/problem-banner.tsx';
import { Icon } from '../parts/icon.tsx';
import { Bar, Card, Empty, PageHead } from '../parts/show.tsx';
import { ago, bits, bytes, day, days as daysWords, hours, length, share } from '../words/format.ts';
import { t, tOf } from '../words/index.ts';
import { cameraState, recordingCounts, streamName } from '../words/camera-words.ts';
import { byWeight } from '../words/problem-words.ts';
import { eventWords } from '../words/log-words.ts';

const MINUTES_5 = 300_000;
/** Shares of a day that are missing. */
const SHORT_PART = 0.02;
const LOST_PART = 0.5;

/** Is it recording? How far back can one look? What needs a person? */
export function Home(): JSX.Element {
  if (!known.value) return <div class="skeleton" aria-busy="true" />;
  if (cameras.value.length === 0) return <NoCamera />;
  const urgent = problems.value.filter(({ severity }) => severity !== 'notice').toSorted(byWeight);
  return (
    <>
      <PageHead title={verdict()} explain={today()} />
      <ProblemBanners problems={urgent} />
      <div class="split five-three">
        <div class="stack">
          <Kept />
          <CameraCards />
        </div>
        <div class="stack">
          <Disks />
          {may('logs') && <Lately />}
        </div>
      </div>
    </>
  );
}

function verdict(): string {
  const { recording, planned, off } = recordingCounts(cameras.value, box.value);
  if (planned === 0) return t('home.allOff');
  if (recording < planned) return t('home.missing', { n: planned - recording, of: planned });
  return off > 0 ? t('home.allPlanned', { n: recording, off }) : t('home.all', { n: recording });
}

function today(): string {
  const seconds = cameras.value.reduce((sum, { recordedTodayS }) => sum + recordedTodayS, 0);
  const size = cameras.value.reduce((sum, { bytesToday }) => sum + bytesToday, 0);
  return t('home.today', { length: length(seconds), bytes: bytes(size) });
}

function NoCamera(): JSX.Element {
  return (
    <>
      <PageHead title={t('home.ready')} />
      <Card>
        <Empty
          act={
            may('cameras') ? (
              <a class="button primary" href="/cameras/add">
                <Icon name="plus" />
                {t('cameras.add')}
              </a>
            ) : undefined
          }
        >
          {t('cameras.none')}
        </Empty>
      </Card>
    </>
  );
}

/** The month so far, day by day: what was to be recorded, and how much of it there is. */
function Kept(): JSX.Element | null {
  const report = useAsked('assurance.report', may('state') ? {} : undefined, { everyMs: MINUTES_5 }).value;
  const plan = useAsked('plan.show', may('disks') ? {} : undefined, { everyMs: MINUTES_5 }).value;
  if (!report) return null;
  const days = [...new Set(report.cameras.flatMap((each) => each.days.map((one) => one.day)))].toSorted();
  const ofDay = days.map((one) => {
    const all = report.cameras.flatMap((each) => each.days.filter(({ day: own }) => own === one));
    const expected = all.reduce((sum, { expectedS }) => sum + expectedS, 0);
    const missing = all.reduce((sum, { missingS }) => sum + missingS, 0);
    return { day: one, expected, missing };
  });
  const least =
    plan && plan.cameras.length > 0 ? Math.min(...plan.cameras.map(({ keptNowDays }) => keptNowDays)) : undefined;
  const { expectedS, missingS } = report.total;
  return (
    <Card
      title={t('home.month')}
      aside={
        <a class="link" href="/assurance">
          {t('nav.assurance')}
        </a>
      }
    >
      <div class="figure-line">
        {least !== undefined && (
          <p>
            <span class="sub-line">{t('home.keptNow')}</span>
            <span class="figure">{daysWords(least)}</span>
          </p>
        )}
        {expectedS > 0 && (
          <p>
            <span class="sub-line">{t('home.monthShare')}</span>
            <span class="figure">
              {share(expectedS - missingS, expectedS)}
              <small>%</small>
            </span>
          </p>
        )}
      </div>
      {ofDay.length > 0 && (
        <>
          <div
            class="day-strip"
            role="img"
            aria-label={t('home.monthLabel', { share: share(expectedS - missingS, expectedS) })}
          >
            {ofDay.map((each) => (
              <i key={each.day} class={dayKind(each)} title={dayTitle(each)} />
            ))}
          </div>
          <p class="ends">
            <span>{day(`${days[0]}T12:00:00Z`)}</span>
            <span>{t('today')}</span>
          </p>
        </>
      )}
    </Card>
  );
}

interface DayOfAll {
  readonly day: string;
  readonly expected: number;
  readonly missing: number;
}

function dayKind({ expected, missing }: DayOfAll): string {
  if (expected === 0) return 'off';
  if (missing === 0) return '';
  const part = missing / expected;
  return part < SHORT_PART ? 'short' : part > LOST_PART ? 'lost' : 'gaps';
}

function dayTitle({ day: date, expected, missing }: DayOfAll): string {
  return `${date}${t('colon')}${expected === 0 ? t('assurance.off') : `${share(expected - missing, expected)} %`}`;
}

function CameraCards(): JSX.Element {
  const order = { bad: 0, warn: 1, acc: 2, plain: 3, ok: 4 } as const;
  const all = cameras.value
    .map((camera) => ({ camera, state: cameraState(camera) }))
    .toSorted((one, other) => order[one.state.tone] - order[other.state.tone]);
  return (
    <Card
      title={t('nav.cameras')}
      aside={
        <a class="link" href="/cameras">
          {t('home.allCameras', { n: all.length })}
        </a>
      }
      flush
    >
      <ul class="rows">
        {all.slice(0, 12).map(({ camera, state }) => (
          <li key={`${camera.id}/${camera.stream}`}>
            <a href={`/cameras/${camera.id}`}>
              <Icon name={state.tone === 'plain' ? 'camera' : 'warning'} />
              <span class="what">
                <bdi>{streamName(camera)}</bdi>
                <span class={`sub ${state.tone}`}>
                  {state.text}
                  {state.more !== undefined && ` ${state.more}`}
                </span>
              </span>
              <span class="number">
                {bits(camera.bitsPerSecond)}
                <span class="sub">{hours(camera.recordedTodayS)}</span>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Disks(): JSX.Element {
  return (
    <Card
      title={t('nav.storage')}
      aside={
        <a class="link" href="/storage">
          {t('details')}
        </a>
      }
    >
      {volumes.value.length === 0 && <p class="bad">{t('storage.none')}</p>}
      {volumes.value.map((volume) => (
        <div key={volume.id} class="disk-line">
          <p class="row between">
            <bdi>{volume.id}</bdi>
            <span class={volume.state === 'ready' ? 'quiet-text' : 'bad'}>{tOf('volume', volume.state)}</span>
          </p>
          <Bar
            label={t('storage.used', { used: bytes(volume.usedBytes), of: bytes(volume.budgetBytes) })}
            segments={[{ kind: 'used', share: volume.usedBytes / Math.max(1, volume.budgetBytes) }]}
          />
          <p class="sub">{t('storage.used', { used: bytes(volume.usedBytes), of: bytes(volume.budgetBytes) })}</p>
        </div>
      ))}
    </Card>
  );
}

function Lately(): JSX.Element {
  const { value } = useAsked('log.list', { kind: 'event', limit: 8 }, { everyMs: 15_000 });
  return (
    <Card
      title={t('home.lately')}
      aside={
        <a class="link" href="/system/log">
          {t('system.log')}
        </a>
      }
      flush
    >
      <ul class="rows">
        {value?.entries.map((entry) => (
          <li key={entry.number} class="line">
            <span class="what">
              {eventWords(entry)}
              <span class="sub">{ago(entry.at)}</span>
            </span>
          </li>
        ))}
      </ul>
      {value?.entries.length === 0 && <Empty>{t('log.none')}</Empty>}
    </Card>
  );
}
