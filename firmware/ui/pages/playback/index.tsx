import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import '../../media/media.css';
import { boxNow } from '../../box/client.ts';
import { foundAmong } from '../../media/camera-groups.ts';
import { GroupedList } from '../../media/grouped-list.tsx';
import type { Camera } from '../../media/my-cameras.ts';
import { MOST_IN_STEP, PlayClock } from '../../media/play-clock.ts';
import { dayRange } from '../../media/site-time.ts';
import { WithCameras } from '../../media/with-cameras.tsx';
import { Button } from '../../parts/controls.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { MomentField } from '../../parts/moment-field.tsx';
import { Chip } from '../../parts/show.tsx';
import { fold, isFolded } from '../../shell/folded.ts';
import { path, query, setQuery } from '../../shell/route.ts';
import { dayOf } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import { Calendar } from './calendar.tsx';
import { Controls, usePlayKeys } from './controls.tsx';
import { Footage, type Span } from './footage.ts';
import type { Marks } from './marks.ts';
import { Stage } from './stage.tsx';
import { Timeline } from './timeline.tsx';

const HOUR = 3_600_000;
const START_BACK_MS = 5 * 60_000;
/** Fewer cameras are seen at a glance. */
const SEARCHED_FROM = 9;

/** `/playback?c=&t=&z=&i=&o=&p=`: cameras, time, length of the timeline in seconds, selection, playing at once. */
export function Playback(): JSX.Element {
  return <WithCameras kind="playback">{(cameras) => <Player cameras={cameras} />}</WithCameras>;
}

const timeIn = (name: string): number | undefined => {
  const at = Date.parse(query.peek().get(name) ?? '');
  return Number.isNaN(at) ? undefined : at;
};

/** What was in the address when the page was opened. */
function opening(cameras: readonly Camera[]): { ids: string[]; at: number; view: Span } {
  const wanted = query.peek().get('c')?.split('.') ?? [];
  const ids = wanted.filter((id) => cameras.some((each) => each.id === id)).slice(0, MOST_IN_STEP);
  const at = timeIn('t') ?? boxNow() - START_BACK_MS;
  const long = Number(query.peek().get('z')) * 1000 || 2 * HOUR;
  return {
    ids: ids.length > 0 ? ids : cameras.slice(0, 1).map(({ id }) => id),
    at,
    view: { from: at - long / 2, to: at + long / 2 },
  };
}

function Player({ cameras }: { cameras: readonly Camera[] }): JSX.Element {
  const start = useMemo(() => opening(cameras), []);
  const play = useMemo(() => new PlayClock(start.at * 1000), []);
  const footage = useMemo(() => new Footage(), []);
  const [ids, setIds] = useState(start.ids);
  const view = useSignal<Span>(start.view);
  const marks: Marks = useSignal({ in: timeIn('i'), out: timeIn('o') });
  useEffect(() => {
    play.start();
    if (query.peek().get('p') !== null) play.play();
    void footage.lookForLocks();
    return () => play.stop();
  }, []);
  useEffect(() => play.show(ids), [ids.join()]);
  useAddress(play, ids, view, marks);
  useFollowingView(play, view);
  usePlayKeys(play, marks, view);
  const shown = ids.flatMap((id) => cameras.find((each) => each.id === id) ?? []);
  const day = dayOf(play.atUs.value / 1000);
  return (
    <div class={`play-page${isFolded('side') ? ' folded' : ''}`}>
      <section class="play-main">
        <header class="wall-head">
          <h1>{t('nav.playback')}</h1>
          {ids.length > 1 && <Chip tone="acc">{t('play.inStep', { n: ids.length })}</Chip>}
          <div class="actions">
            <MomentField
              class="moment"
              label={t('play.moment')}
              at={play.atUs.value / 1000}
              onAt={(at) => play.seek(at * 1000)}
            />
            <Button pressed={play.live.value} onPress={() => play.toLive()}>
              {t('play.toLive')}
            </Button>
            <Button
              kind="quiet"
              icon={isFolded('side') ? 'left' : 'right'}
              label={isFolded('side') ? t('play.unfold') : t('play.fold')}
              onPress={() => fold('side')}
            />
          </div>
        </header>
        <Stage play={play} cameras={cameras} />
        <Controls play={play} marks={marks} cameras={shown} footage={footage} />
        <Timeline play={play} footage={footage} cameras={shown} view={view} marks={marks} />
      </section>
      {!isFolded('side') && (
        <aside class="play-side">
          <Calendar
            footage={footage}
            cameras={ids}
            day={day}
            onDay={(each) => {
              const { from, to } = dayRange(each);
              view.value = { from, to };
              const first = Math.min(
                ...ids.flatMap((id) =>
                  footage.lane(id, { from, to }).recorded.map((span) => Math.max(from, span.from)),
                ),
              );
              play.seek((Number.isFinite(first) ? first : from) * 1000);
            }}
          />
          <Choice cameras={cameras} ids={ids} onIds={setIds} />
        </aside>
      )}
    </div>
  );
}

/** What can be shared stands in the address, but for the running time: that would fill the history of the browser. */
function useAddress(play: PlayClock, ids: readonly string[], view: Signal<Span>, marks: Marks): void {
  useEffect(() => {
    const iso = (at: number | undefined): string | undefined =>
      at === undefined ? undefined : new Date(at).toISOString();
    const page = path.peek();
    const write = (): void => {
      // Somebody may have left already, before this page is taken off: the address is another page's then.
      if (path.peek() !== page) return;
      const { from, to } = view.peek();
      const at = play.live.peek() ? undefined : iso(play.atUs.peek() / 1000);
      const { in: start, out: end } = marks.peek();
      const long = String(Math.round((to - from) / 1000));
      setQuery({ c: ids.join('.'), t: at, z: long, i: iso(start), o: iso(end), p: undefined });
    };
    const timer = setInterval(write, 1000);
    return () => clearInterval(timer);
  }, [ids.join()]);
}

/** The playhead stays in view while it runs. */
function useFollowingView(play: PlayClock, view: Signal<Span>): void {
  useSignalEffect(() => {
    const at = play.atUs.value / 1000;
    const { from, to } = view.peek();
    if (at >= from && at <= to) return;
    const span = to - from;
    view.value = { from: at - span * 0.25, to: at + span * 0.75 };
  });
}

/** Up to nine cameras at once. */
function Choice(props: {
  cameras: readonly Camera[];
  ids: readonly string[];
  onIds: (ids: string[]) => void;
}): JSX.Element {
  const { cameras, ids, onIds } = props;
  const full = ids.length >= MOST_IN_STEP;
  const [wanted, setWanted] = useState('');
  const found = foundAmong(cameras, wanted);
  return (
    <section class="choice">
      <header>
        <h2>{t('nav.cameras')}</h2>
        <span class="quiet-text">{t('play.of', { n: ids.length, of: cameras.length })}</span>
      </header>
      {cameras.length >= SEARCHED_FROM && <SearchField label={t('wall.search')} value={wanted} onValue={setWanted} />}
      <GroupedList cameras={found}>
        {({ id, name }) => {
          const on = ids.includes(id);
          return (
            <label class="check">
              <input
                type="checkbox"
                checked={on}
                disabled={on ? ids.length === 1 : full}
                onChange={() => onIds(on ? ids.filter((each) => each !== id) : [...ids, id])}
              />
              <bdi>{name}</bdi>
            </label>
          );
        }}
      </GroupedList>
      {found.length === 0 && <p class="quiet-text">{t('wall.noneFound', { text: wanted })}</p>}
      {full && <p class="hint">{t('play.most', { n: MOST_IN_STEP })}</p>}
    </section>
  );
}
