import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { foundAmong } from '../../media/camera-groups.ts';
import { GroupedList } from '../../media/grouped-list.tsx';
import { statusOf, type Camera } from '../../media/my-cameras.ts';
import { Icon } from '../../parts/icon.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import { t } from '../../words/index.ts';
import { press } from './drag.ts';

/** All cameras, with the place where each hangs. A press puts one into the chosen place, a drag anywhere. */
export function WallList(props: {
  cameras: readonly Camera[];
  placed: readonly string[];
  put: (camera: string, place?: number) => void;
}): JSX.Element {
  const { cameras, placed, put } = props;
  const [wanted, setWanted] = useState('');
  const found = foundAmong(cameras, wanted);
  return (
    <aside class="wall-list" aria-label={t('nav.cameras')}>
      <SearchField label={t('wall.search')} value={wanted} onValue={setWanted} />
      <p class="ends">{t('wall.count', { n: cameras.length })}</p>
      <GroupedList cameras={found}>
        {({ id, name }) => {
          const at = placed.indexOf(id);
          const status = statusOf(id);
          const problem = status?.problem !== undefined;
          const untrusted = status?.untrusted === true;
          return (
            <button
              type="button"
              data-list-camera={id}
              onClick={() => put(id)}
              onPointerDown={(event) => press(event, { camera: id }, (to) => to !== undefined && put(id, to))}
            >
              {problem || untrusted ? <Icon name="warning" size="s" /> : <i class="dot" />}
              <bdi>{name}</bdi>
              <small>
                {problem
                  ? t('wall.noPicture')
                  : untrusted
                    ? t('trust.short')
                    : at >= 0 && t('wall.place', { n: at + 1 })}
              </small>
            </button>
          );
        }}
      </GroupedList>
      {found.length === 0 && <p class="quiet-text">{t('wall.noneFound', { text: wanted })}</p>}
      <p class="hint">{t('wall.dragHint')}</p>
    </aside>
  );
}
