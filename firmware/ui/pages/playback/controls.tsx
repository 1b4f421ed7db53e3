import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import type { Camera } from '../../media/my-cameras.ts';
import type { PlayClock } from '../../media/play-clock.ts';
import { saveRange } from '../../media/save.ts';
import { dayRange } from '../../media/site-time.ts';
import { Button, Segments, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { tell } from '../../parts/toasts.tsx';
import { fold } from '../../shell/folded.ts';
import { pageKeys } from '../../shell/key-state.ts';
import { clock, dayOf, length } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import type { Footage, Span } from './footage.ts';
import type { Marks } from './marks.ts';
import { zoomed } from './timeline.tsx';

const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16] as const;
const SPEED_WORDS: Readonly<Record<number, string>> = { 0.25: '¼×', 0.5: '½×' };
const KEYS_ONLY_ABOVE = 4;

function markedSpan(marks: Marks): Span | undefined {
  const { in: start, out: end } = marks.value;
  if (start === undefined || end === undefined || start === end) return undefined;
  return { from: Math.min(start, end), to: Math.max(start, end) };
}

/** What runs the clock, and what is done with a part of the time. */
export function Controls(props: {
  play: PlayClock;
  marks: Marks;
  cameras: readonly Camera[];
  footage: Footage;
}): JSX.Element {
  const { play, marks, cameras, footage } = props;
  const running = play.running.value;
  const speed = play.speed.value;
  const by = (ms: number) => () => play.seek(play.atUs.peek() + ms * 1000);
  return (
    <div class="controls">
      <div class="row transport">
        <Button kind="quiet" icon="slower" label={t('play.back10')} onPress={by(-10_000)} />
        <Button kind="quiet" icon="back" label={t('play.stepBack')} onPress={() => play.step(-1)} />
        <Button
          kind="primary"
          icon={running ? 'pause' : 'play'}
          label={running ? t('play.pause') : t('play.play')}
          onPress={() => (running ? play.pause() : play.play())}
        />
        <Button kind="quiet" icon="forth" label={t('play.stepOn')} onPress={() => play.step(1)} />
        <Button kind="quiet" icon="faster" label={t('play.on10')} onPress={by(10_000)} />
      </div>
      <Segments
        label={t('play.speed')}
        value={String(speed)}
        options={SPEEDS.map((each) => ({ value: String(each), label: SPEED_WORDS[each] ?? `${each}×` }))}
        onValue={(each) => play.setSpeed(Number(each))}
      />
      {play.live.value ? (
        <span class="ok">{t('play.isLive')}</span>
      ) : (
        speed > KEYS_ONLY_ABOVE && <span class="quiet-text">{t('play.keysOnly')}</span>
      )}
      <Selection marks={marks} play={play} cameras={cameras} footage={footage} />
    </div>
  );
}

function Selection(props: {
  play: PlayClock;
  marks: Marks;
  cameras: readonly Camera[];
  footage: Footage;
}): JSX.Element {
  const { play, marks, cameras, footage } = props;
  const [doing, setDoing] = useState<'export' | 'lock'>();
  const span = markedSpan(marks);
  const here = (): number => play.atUs.peek() / 1000;
  return (
    <div class="selection">
      <Button kind="quiet" title={t('play.in')} onPress={() => (marks.value = { ...marks.value, in: here() })}>
        {t('play.inShort')}
      </Button>
      <Button kind="quiet" title={t('play.out')} onPress={() => (marks.value = { ...marks.value, out: here() })}>
        {t('play.outShort')}
      </Button>
      {span && (
        <>
          <span class="range">
            {clock(span.from)} – {clock(span.to)}
            <small>{length((span.to - span.from) / 1000)}</small>
          </span>
          {may('lock') && (
            <Button icon="lock" onPress={() => setDoing('lock')}>
              {t('play.lock')}
            </Button>
          )}
          {may('export') && (
            <Button kind="primary" icon="download" onPress={() => setDoing('export')}>
              {t('play.export')}
            </Button>
          )}
          <Button
            kind="quiet"
            icon="close"
            label={t('clear')}
            onPress={() => (marks.value = { in: undefined, out: undefined })}
          />
        </>
      )}
      {doing && span && (
        <Reason
          lock={doing === 'lock'}
          span={span}
          cameras={cameras}
          onClose={() => setDoing(undefined)}
          onLocked={() => void footage.lookForLocks()}
        />
      )}
    </div>
  );
}

/** Asks why: it stands in the manifest, in the list of locks and in the log. */
function Reason(props: {
  lock: boolean;
  span: Span;
  cameras: readonly Camera[];
  onClose: () => void;
  onLocked: () => void;
}): JSX.Element {
  const { lock, span, cameras, onClose, onLocked } = props;
  const [reason, setReason] = useState('');
  const [days, setDays] = useState('30');
  const act = async (): Promise<void> => {
    if (!lock) {
      await saveRange(
        cameras.map(({ id }) => id),
        span.from,
        span.to,
        { reason },
      );
      return;
    }
    const range = { from: new Date(span.from).toISOString(), to: new Date(span.to).toISOString() };
    const term = Number(days) > 0 ? { days: Number(days) } : {};
    for (const { id } of cameras) await ask('locks.add', { camera: id, ...range, reason, ...term });
    tell(t('files.lockedNow', { n: cameras.length }));
    onLocked();
  };
  return (
    <Confirm
      title={lock ? t('play.lock') : t('play.export')}
      verb={lock ? t('play.lock') : t('play.export')}
      act={act}
      onClose={onClose}
    >
      <p>
        {clock(span.from)} – {clock(span.to)}, {length((span.to - span.from) / 1000)}{' '}
        <bdi>{cameras.map(({ name }) => name).join(t('comma'))}</bdi>
      </p>
      {!lock && cameras.length > 1 && <p>{t('files.asArchive')}</p>}
      <TextField label={t('files.reason')} value={reason} onValue={setReason} required={lock} autofocus />
      {lock && (
        <TextField label={t('files.days')} hint={t('files.days.hint')} type="number" value={days} onValue={setDays} />
      )}
    </Confirm>
  );
}

export function usePlayKeys(play: PlayClock, marks: Marks, view: Signal<Span>): void {
  useEffect(() => {
    const by = (ms: number) => () => play.seek(play.atUs.peek() + ms * 1000);
    const faster = (on: number) => () => {
      const at = SPEEDS.findIndex((each) => each === play.speed.peek());
      play.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + on))]!);
    };
    const zoom = (factor: number) => () => (view.value = zoomed(view.peek(), factor, play.atUs.peek() / 1000));
    const toggle = (): void => (play.running.peek() ? play.pause() : play.play());
    const mark = (which: 'in' | 'out') => () => (marks.value = { ...marks.peek(), [which]: play.atUs.peek() / 1000 });
    const sideways = (pictures: number) => () => (play.running.peek() ? by(pictures * 5000)() : play.step(pictures));
    pageKeys.value = [
      { key: ' ', words: t('play.toggle'), run: toggle },
      { key: 'k', words: t('play.toggle'), run: toggle },
      { key: 'j', words: t('play.slower'), run: faster(-1) },
      { key: 'l', words: t('play.faster'), run: faster(1) },
      { key: 'ArrowLeft', words: t('play.stepBack'), run: sideways(-1) },
      { key: 'ArrowRight', words: t('play.stepOn'), run: sideways(1) },
      { key: 'PageUp', words: t('play.backMin'), run: by(-60_000) },
      { key: 'PageDown', words: t('play.onMin'), run: by(60_000) },
      { key: 'i', words: t('play.in'), run: mark('in') },
      { key: 'o', words: t('play.out'), run: mark('out') },
      { key: '+', words: t('play.zoomIn'), run: zoom(0.5) },
      { key: '-', words: t('play.zoomOut'), run: zoom(2) },
      { key: ']', words: t('play.fold'), run: () => fold('side') },
      { key: '0', words: t('play.wholeDay'), run: () => (view.value = dayRange(dayOf(play.atUs.peek() / 1000))) },
    ];
    return () => {
      pageKeys.value = [];
    };
  }, []);
}
