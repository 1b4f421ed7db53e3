import type { JSX } from 'preact';
import { statusOf, type Camera } from '../../media/my-cameras.ts';
import type { Picture } from '../../media/picture.ts';
import { useZoom, ZoomChip } from '../../media/picture-zoom.tsx';
import { sayState } from '../../media/picture-words.ts';
import type { PlayClock } from '../../media/play-clock.ts';
import { saveSnapshot } from '../../media/save.ts';
import { may } from '../../box/session.ts';
import { Button } from '../../parts/controls.tsx';
import { clock } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import { Screen } from '../live/tile.tsx';

/** The pictures of the cameras that are played, all at one instant. */
export function Stage({ play, cameras }: { play: PlayClock; cameras: readonly Camera[] }): JSX.Element {
  const pictures = play.pictures.value;
  const columns = Math.ceil(Math.sqrt(pictures.length));
  const grid = { '--columns': columns, '--rows': Math.ceil(pictures.length / Math.max(1, columns)) };
  return (
    <div class="stage" data-theme="dark">
      <div class="wall" style={grid}>
        {pictures.map((picture) => (
          <PlayTile
            key={picture.camera}
            picture={picture}
            play={play}
            name={cameras.find(({ id }) => id === picture.camera)?.name ?? ''}
          />
        ))}
      </div>
    </div>
  );
}

function PlayTile({ picture, play, name }: { picture: Picture; play: PlayClock; name: string }): JSX.Element {
  const state = picture.state.value;
  const { camera = '' } = picture;
  const said = sayState(state, play.live.value ? statusOf(camera) : undefined, 0);
  const hears = play.sounding.value === camera;
  const hands = useZoom(true);
  const { zoom } = hands;
  return (
    <div
      class={`tile ${state.kind}${zoom.zoomed.value ? ' zoomed' : ''}`}
      data-camera={camera}
      role="group"
      aria-label={t('zoom.tile', { name })}
      tabIndex={0}
      onKeyDown={hands.onKeyDown}
      {...hands.rest}
      onPointerDown={(event) => !(event.target as Element).closest('button') && hands.down(event)}
      onDblClick={hands.back}
    >
      <Screen picture={picture} zoom={zoom} />
      <ZoomChip zoom={zoom} />
      {said && (
        <div class={`said ${said.tone}`} role="status">
          <strong>{said.what}</strong>
          {said.more !== undefined && <p>{said.more}</p>}
        </div>
      )}
      {play.waits.value && !said && <i class="coming" />}
      <div class="name-bar">
        <bdi>{name}</bdi>
        <span class="figures">
          <Instant picture={picture} play={play} />
        </span>
      </div>
      <div class="tools">
        <Button
          kind="quiet"
          icon={hears ? 'sound' : 'mute'}
          label={hears ? t('wall.mute') : t('wall.sound')}
          pressed={hears}
          onPress={() => play.hear(hears ? undefined : camera)}
        />
        {may('playback') && (
          <Button
            kind="quiet"
            icon="snapshot"
            label={t('media.snapshot')}
            onPress={() => void saveSnapshot(picture, name)}
          />
        )}
      </div>
    </div>
  );
}

/** Of the picture that is shown, not of the clock: they may differ by a picture. */
function Instant({ picture, play }: { picture: Picture; play: PlayClock }): JSX.Element {
  void play.beat.value;
  const { shownUs } = picture;
  if (shownUs === undefined) return <span />;
  const ms = String(Math.floor((shownUs / 1000) % 1000)).padStart(3, '0');
  return <span>{`${clock(shownUs / 1000)}.${ms}`}</span>;
}
