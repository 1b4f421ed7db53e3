import type { JSX } from 'preact';
import { Awaited, Empty } from '../parts/show.tsx';
import { t } from '../words/index.ts';
import { useCameras, type Camera } from './my-cameras.ts';

/** A page about the cameras that one may watch in this way; says so if there are none. */
export function WithCameras({
  kind,
  children,
}: {
  kind: Parameters<typeof useCameras>[0];
  children: (cameras: readonly Camera[]) => JSX.Element;
}): JSX.Element {
  const asked = useCameras(kind);
  return (
    <Awaited asked={asked}>
      {(cameras) =>
        cameras.length === 0 ? (
          <Empty>
            <strong role="heading" aria-level={1}>
              {t('wall.none')}
            </strong>
          </Empty>
        ) : (
          children(cameras)
        )
      }
    </Awaited>
  );
}
