import type { JSX } from 'preact';
import { t } from '../words/index.ts';
import { grouped } from './camera-groups.ts';
import type { Camera } from './my-cameras.ts';

/** Cameras under the names of their groups; without names where there are no groups. */
export function GroupedList(props: {
  cameras: readonly Camera[];
  children: (camera: Camera) => JSX.Element;
}): JSX.Element {
  const groups = grouped(props.cameras);
  const named = groups.some(({ name }) => name !== '');
  return (
    <div class="grouped-list">
      {groups.map(({ name, cameras }) => {
        const title = name === '' ? t('wall.noGroup') : name;
        return (
          <section key={name} {...(named && { 'aria-label': title })}>
            {named && (
              <h3>
                <bdi>{title}</bdi> <small>{cameras.length}</small>
              </h3>
            )}
            <ul>
              {cameras.map((camera) => (
                <li key={camera.id}>{props.children(camera)}</li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
