import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { ask, boxNow } from '../../box/client.ts';
import { cameras, problems, type CameraStatus } from '../../box/live.ts';
import { may } from '../../box/session.ts';
import { ActButton, Button } from '../../parts/controls.tsx';
import { Card, Chip, Empty, Facts } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { go, query } from '../../shell/route.ts';
import { cameraState, codecName, streamName } from '../../words/camera-words.ts';
import { bits, bytes, clock, hours, number, since } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';
import { History } from '../../parts/history.tsx';
import { CameraEdit } from './edit.tsx';
import { CameraRtsp } from './rtsp-card.tsx';
import { CameraTerminals } from './terminals.tsx';
import { CameraTrust } from './trust.tsx';

const HOUR_MS = 3_600_000;

/** One camera: how it is, why, and what can be done. */
export function CameraInspector({ id }: { id: string }): JSX.Element {
  const streams = cameras.value.filter((camera) => camera.id === id);
  const [first] = streams;
  const back = `/cameras${query.value.toString() === '' ? '' : `?${query.value.toString()}`}`;
  if (!first) {
    return (
      <Card>
        <Empty
          act={
            <a class="button" href={back}>
              {t('close')}
            </a>
          }
        >
          {t('notFound')}
        </Empty>
      </Card>
    );
  }
  return (
    <aside class="stack inspector" aria-label={first.name}>
      <Card
        title={<bdi>{first.name}</bdi>}
        aside={<Button kind="quiet" icon="close" label={t('close')} onPress={() => go(back)} />}
      >
        {streams.map((stream) => (
          <StreamFacts key={stream.stream} camera={stream} several={streams.length > 1} />
        ))}
        <ByHand camera={first} />
      </Card>
      <CameraTrust id={first.id} name={first.name} />
      {may('state') && (
        <Card title={t('cameras.rateHour')}>
          <RateHistory camera={first} />
        </Card>
      )}
      <Notes camera={first} />
      <CameraRtsp id={first.id} />
      <CameraTerminals id={first.id} />
      {may('cameras') && <CameraEdit key={first.id} id={first.id} name={first.name} />}
    </aside>
  );
}

function StreamFacts({ camera, several }: { camera: CameraStatus; several: boolean }): JSX.Element {
  const { tone, text } = cameraState(camera);
  const problem = camera.problem && faultWords(camera.problem);
  const wide = camera.video;
  return (
    <>
      {several && <h3>{streamName(camera)}</h3>}
      <p class={`state-line ${tone}`}>{text}</p>
      {camera.gapSince !== undefined && camera.recording !== 'recording' && (
        <p class="quiet-text">
          {since(camera.gapSince)}
          {camera.gapReason !== undefined && `${t('comma')}${tOf('gap', camera.gapReason)}`}
        </p>
      )}
      {problem && <p>{problem.advice}</p>}
      {camera.nextTry !== undefined && camera.problem && (
        <p class="quiet-text">{t('cameras.nextTry', { at: clock(camera.nextTry) })}</p>
      )}
      <Facts
        of={[
          [t('cameras.mode'), tOf('mode', camera.mode)],
          [t('cameras.codec'), wide ? codecName(wide.codec) : '–'],
          [t('cameras.resolution'), wide ? `${wide.width}×${wide.height}` : '–'],
          [t('cameras.fps'), wide && wide.fps > 0 ? number(wide.fps, 1) : '–'],
          [t('cameras.gop'), wide && wide.gopS > 0 ? t('unit.s', { n: number(wide.gopS, 1) }) : '–'],
          [t('cameras.audio'), camera.audio?.toUpperCase() ?? t('none')],
          [t('cameras.rate'), bits(camera.bitsPerSecond)],
          [t('cameras.lost'), number(camera.packetsLost)],
          [t('cameras.today'), `${hours(camera.recordedTodayS)}, ${bytes(camera.bytesToday)}`],
          [t('cameras.disk'), camera.volumes.join(', ') || t('none')],
        ]}
      />
    </>
  );
}

function RateHistory({ camera }: { camera: CameraStatus }): JSX.Element {
  const series = useMemo(
    () => [{ series: `camera.${camera.id}.${camera.stream}.bits`, name: t('cameras.rate'), colour: 'acc' }],
    [camera.id, camera.stream],
  );
  const to = useMemo(() => boxNow(), [camera.id]);
  return <History title="" series={series} from={to - HOUR_MS} to={to} format={bits} />;
}

/** Recording by hand, beside what its plan says. */
function ByHand({ camera }: { camera: CameraStatus }): JSX.Element | null {
  if (!may('record')) return null;
  const manual = camera.because === 'manual';
  const act = async (): Promise<void> => {
    await ask(manual ? 'recording.stop' : 'recording.start', { camera: camera.id });
    tell(manual ? t('cameras.manualStopped') : t('cameras.manualStarted'));
  };
  return (
    <div class="row">
      <ActButton icon="record" act={act}>
        {manual ? t('cameras.stopManual') : t('cameras.startManual')}
      </ActButton>
    </div>
  );
}

/** What is odd about it, and problems that are about it but not about its connection. */
function Notes({ camera }: { camera: CameraStatus }): JSX.Element | null {
  const own = problems.value.filter(
    ({ subject, code }) => subject.startsWith(`camera/${camera.id}`) && code !== camera.problem?.code,
  );
  if (own.length === 0 && camera.notes.length === 0) return null;
  return (
    <Card title={t('cameras.notes')}>
      {own.map((problem) => {
        const { what, advice } = faultWords(problem);
        return (
          <p key={problem.code}>
            <Chip tone={problem.severity === 'error' ? 'bad' : 'warn'}>{since(problem.since)}</Chip>{' '}
            <strong>{what}</strong> {advice}
          </p>
        );
      })}
      {camera.notes.map((note) => (
        <p key={note}>{tOf('note', note)}</p>
      ))}
    </Card>
  );
}
