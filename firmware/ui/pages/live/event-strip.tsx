import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask, boxNow, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { allows, type Camera } from '../../media/my-cameras.ts';
import { clock } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';

type CameraEvent = Output<'events.list'>['events'][number];

const EVERY_MS = 15_000;
const BACK_MS = 24 * 3_600_000;
const MOST_OF_CAMERA = 20;
const MOST = 40;
/** Playback begins so long before an event. */
const BEFORE_MS = 5000;

/** What has happened lately at the cameras on the wall, the newest first; each leads to its recording. Nothing where nothing has. */
export function EventStrip({
  cameras,
  shown,
}: {
  cameras: readonly Camera[];
  shown: readonly string[];
}): JSX.Element | null {
  const ids = [...new Set(shown)].filter((id) => id !== '' && may('playback') && allows(id, 'playback')).toSorted();
  const events = useEvents(ids);
  if (events.length === 0) return null;
  const nameOf = (id: string): string => cameras.find((each) => each.id === id)?.name ?? id;
  return (
    <aside class="event-strip" aria-label={t('strip.title')}>
      <h2>{t('strip.title')}</h2>
      <ol>
        {events.map(({ id, camera, kind, start, count }) => (
          <li key={`${camera} ${id}`}>
            <a href={`/playback?c=${camera}&t=${new Date(Date.parse(start) - BEFORE_MS).toISOString()}&p=1&z=600`}>
              <b class={kind === 'untrusted' || kind === 'tamper' ? 'bad' : 'warn'}>
                {tOf('happened', kind)}
                {count > 1 && ` ×${count}`}
              </b>
              <bdi>{nameOf(camera)}</bdi>
              <small>{clock(start)}</small>
            </a>
          </li>
        ))}
      </ol>
    </aside>
  );
}

/** Of one camera after another, again and again while the page is to be seen. */
function useEvents(ids: readonly string[]): readonly CameraEvent[] {
  const [events, setEvents] = useState<readonly CameraEvent[]>([]);
  useEffect(() => {
    const own = new AbortController();
    const { signal } = own;
    const look = async (): Promise<void> => {
      const to = boxNow() + 60_000;
      const found: CameraEvent[] = [];
      for (const camera of ids) {
        const range = { from: new Date(to - BACK_MS).toISOString(), to: new Date(to).toISOString() };
        try {
          found.push(...(await ask('events.list', { camera, ...range, limit: MOST_OF_CAMERA }, { signal })).events);
        } catch (error) {
          if (signal.aborted) return;
          // A camera that was removed meanwhile, or a box that is away: the tile says so.
          console.debug('events', camera, error);
        }
      }
      setEvents(found.toSorted((one, other) => other.startUs - one.startUs).slice(0, MOST));
    };
    void look();
    const timer = setInterval(() => !document.hidden && void look(), EVERY_MS);
    return () => {
      clearInterval(timer);
      own.abort();
    };
  }, [ids.join()]);
  return events;
}
