import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { boxNow } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { Picture } from '../../media/picture.ts';
import { useZoom, ZoomChip, zoomByKey, type PictureZoom } from '../../media/picture-zoom.tsx';
import { sayState } from '../../media/picture-words.ts';
import { statusOf, type Camera } from '../../media/my-cameras.ts';
import { FilmRecording } from '../../media/film-recording.ts';
import { chooseFile, saveRange, saveSnapshot, tellUnwritten, type ChosenFile } from '../../media/save.ts';
import { stamp } from '../../media/site-time.ts';
import { Button } from '../../parts/controls.tsx';
import { Chip } from '../../parts/show.tsx';
import { Icon } from '../../parts/icon.tsx';
import { tell } from '../../parts/toasts.tsx';
import { go } from '../../shell/route.ts';
import { bits, bytes, hours, length, number } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { dragging, press } from './drag.ts';
import { PtzLayer } from './ptz-layer.tsx';
import { SteeredBy } from './ptz-who.tsx';
import { isSteerable } from './steerable.ts';
import type { Steering } from './steering.ts';

export interface TileProps {
  readonly camera: Camera;
  readonly place: number;
  readonly chosen: boolean;
  /** Behind an enlarged one. */
  readonly covered: boolean;
  readonly enlarged: boolean;
  /** It has the wall for itself: a part of its picture can be made larger. */
  readonly zooms: boolean;
  readonly sound: boolean;
  readonly lifted: boolean;
  /** Set while this camera is steered from this window. */
  readonly steering: Steering | undefined;
  readonly speed: number;
  readonly on: TileActions;
}

export interface TileActions {
  readonly choose: (place: number) => void;
  readonly enlarge: (place: number) => void;
  readonly sound: (camera: string) => void;
  readonly move: (place: number) => void;
  readonly steer: (camera: string) => void;
  readonly drop: (camera: string, place: number | undefined) => void;
  /** What the keys of the page do with the tile that is chosen. */
  readonly register: (camera: string, tools: TileTools | undefined) => void;
}

export interface TileTools {
  readonly snapshot: () => void;
  readonly record: () => void;
  readonly back: () => void;
  /** `+`, `-` or `0`. */
  readonly zoom: (key: string) => void;
}

const STALE_MS = 3000;
const BACK_MS = 30_000;
/** The main stream from this height on, in pixels of the screen; between, the box chooses. */
const SIZE_STEP = 1.25;
/** Whoever looks closer wants the heavier stream. */
const ZOOMED_PIXELS = 4;
/** The protocol knows no larger tile. */
const MOST_PIXELS = 10_000;

/** One camera on the wall. Its picture lives as long as the camera hangs there, wherever that is. */
export function Tile(props: TileProps): JSX.Element {
  const { camera, place, chosen, covered, enlarged, sound, on } = props;
  const picture = useMemo(() => new Picture(), []);
  const root = useRef<HTMLDivElement>(null);
  const pixels = usePixels(root);
  // With the lens in somebody's hand the wheel is for the lens.
  const zooms = props.zooms && props.steering === undefined;
  const hands = useZoom(zooms);
  const { zoom } = hands;
  const zoomed = zoom.zoomed.value;
  const tools = useTools(picture, camera, (key) => zooms && zoomByKey(zoom, key));
  const trust = useTrust(picture, camera);
  useEffect(() => () => picture.stop(), [picture]);
  useEffect(() => {
    if (covered) picture.stop();
    else if (pixels > 0) {
      const wanted = Math.min(MOST_PIXELS, zoomed ? pixels * ZOOMED_PIXELS : pixels);
      const anyway = trust.anyway && { anyway: true };
      picture.live({ camera: camera.id, stream: 'auto', pixels: wanted, sound, ...anyway });
    }
  }, [picture, camera.id, pixels, covered, sound, zoomed, trust.anyway]);
  useEffect(() => {
    on.register(camera.id, tools);
    return () => on.register(camera.id, undefined);
  });
  const drag = dragging.value;
  const kind = picture.state.value.kind;
  const classes = [
    'tile',
    kind,
    trust.untrusted && 'is-untrusted',
    chosen && 'chosen',
    enlarged && 'enlarged',
    zoomed && 'zoomed',
    props.lifted && 'lifted',
    drag?.over === place && drag.from !== place && 'target',
    drag?.from === place && 'held',
  ];
  return (
    <div
      ref={root}
      class={classes.filter(Boolean).join(' ')}
      style={{ order: place }}
      hidden={covered}
      data-place={place}
      data-camera={camera.id}
      role="gridcell"
      tabIndex={chosen ? 0 : -1}
      aria-label={t('wall.tile', { name: camera.name, place: place + 1 })}
      aria-selected={chosen}
      onClick={() => on.choose(place)}
      onDblClick={() => {
        if (!hands.back()) on.enlarge(place);
      }}
      onKeyDown={hands.onKeyDown}
      {...hands.rest}
      onPointerDown={(event) => {
        if ((event.target as Element).closest('button') || hands.down(event)) return;
        press(event, { camera: camera.id, from: place }, (to) => on.drop(camera.id, to));
      }}
      onContextMenu={(event) => dragging.value && event.preventDefault()}
    >
      <Screen picture={picture} zoom={zoom} />
      {trust.held ? <HeldBack camera={camera} show={trust.show} /> : <Said picture={picture} camera={camera} />}
      <ZoomChip zoom={zoom} />
      {props.steering ? (
        <PtzLayer steering={props.steering} speed={props.speed} picture={picture} />
      ) : (
        <SteeredBy camera={camera.id} />
      )}
      {trust.untrusted && !trust.held && <Untrusted camera={camera} />}
      <div class="name-bar">
        <bdi>{camera.name}</bdi>
        {sound && <Icon name="sound" size="s" />}
        <FigureLine picture={picture} />
      </div>
      <div class="tools">
        <Button
          kind="quiet"
          icon={sound ? 'sound' : 'mute'}
          label={sound ? t('wall.mute') : t('wall.sound')}
          pressed={sound}
          onPress={() => on.sound(camera.id)}
        />
        <Button kind="quiet" icon="snapshot" label={t('media.snapshot')} onPress={tools.snapshot} />
        {may('export') && (
          <Button
            kind="quiet"
            icon="record"
            label={tools.since.value === undefined ? t('wall.record') : t('wall.recordEnd')}
            pressed={tools.since.value !== undefined}
            onPress={tools.record}
          />
        )}
        {may('playback') && <Button kind="quiet" icon="playback" label={t('wall.back')} onPress={tools.back} />}
        {isSteerable(camera.id) && (
          <Button
            kind="quiet"
            icon="steer"
            label={t('ptz.steer')}
            pressed={props.steering !== undefined}
            onPress={() => on.steer(camera.id)}
          />
        )}
        <Button kind="quiet" icon="move" label={t('wall.move')} onPress={() => on.move(place)} />
        <Button
          kind="quiet"
          icon="full"
          label={enlarged ? t('wall.smaller') : t('wall.enlarge')}
          onPress={() => on.enlarge(place)}
        />
      </div>
      {tools.since.value !== undefined && <Running since={tools.since.value} />}
    </div>
  );
}

/** Whether it is the camera that was added; if it is not, the box holds its picture back until somebody who may decide wants to look. */
function useTrust(
  picture: Picture,
  { id }: Camera,
): {
  readonly untrusted: boolean;
  readonly held: boolean;
  readonly anyway: boolean;
  readonly show: () => void;
} {
  const [wants, setWants] = useState(false);
  const state = picture.state.value;
  const held = state.kind === 'fault' && state.code === 'cameras.untrusted';
  const marked = statusOf(id)?.untrusted === true;
  // Once it is confirmed, the next one that is not trusted is held back again.
  useEffect(() => {
    if (!marked && !held) setWants(false);
  }, [marked, held]);
  return { untrusted: marked || held, held, anyway: wants, show: () => setWants(true) };
}

/** Instead of the picture: why there is none, and what whoever may decide can do. */
function HeldBack({ camera, show }: { camera: Camera; show: () => void }): JSX.Element {
  return (
    <div class="said bad untrusted-said" role="status">
      <Icon name="shield" />
      <strong>{t('trust.changed')}</strong>
      <p>{t('trust.heldBack')}</p>
      {may('cameras') && (
        <span class="row">
          <a class="button" href={`/cameras/${camera.id}`}>
            {t('find.compare')}
          </a>
          <Button onPress={show}>{t('trust.showAnyway')}</Button>
        </span>
      )}
    </div>
  );
}

/** What is shown may not be what was added: said on the picture, with the way to look. */
function Untrusted({ camera }: { camera: Camera }): JSX.Element {
  return (
    <span class="untrusted">
      <Chip tone="bad" icon="warning">
        {t('trust.changed')}
      </Chip>
      {may('cameras') && <a href={`/cameras/${camera.id}`}>{t('find.compare')}</a>}
    </span>
  );
}

/** The element of the picture, put into the page once, and over it the one of a converted picture. */
export function Screen({ picture, zoom }: { picture: Picture; zoom: PictureZoom }): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current!.append(picture.video);
    return () => picture.video.remove();
  }, [picture]);
  const canvas = picture.canvas.value;
  useEffect(() => {
    if (canvas) place.current!.append(canvas);
    return () => canvas?.remove();
  }, [canvas]);
  const { scale, x, y } = zoom.view.value;
  const transform = scale === 1 ? undefined : `translate(${x * 100}%, ${y * 100}%) scale(${scale})`;
  return <div class="screen" ref={place} style={{ transform }} />;
}

/** Height in pixels of the screen; small changes are none. */
function usePixels(root: { readonly current: HTMLElement | null }): number {
  const [pixels, setPixels] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const next = Math.round((entry?.contentRect.height ?? 0) * devicePixelRatio);
      if (next === 0) return;
      setPixels((was) => (was > 0 && next < was * SIZE_STEP && next > was / SIZE_STEP ? was : next));
    });
    observer.observe(root.current!);
    return () => observer.disconnect();
  }, []);
  return pixels;
}

function useTools(
  picture: Picture,
  { id, name }: Camera,
  zoom: TileTools['zoom'],
): TileTools & { since: { value: number | undefined } } {
  const { since, record } = useRecording(picture, id, name);
  return {
    since,
    zoom,
    snapshot: () => void saveSnapshot(picture, name),
    record,
    back: () => go(`/playback?c=${id}&t=${new Date(boxNow() - BACK_MS).toISOString()}&p=1`),
  };
}

/**
 * What is recorded to the computer of the operator: where the browser lets them choose a file, live into it; else the box cuts what
 * it has recorded meanwhile, and gives it as a download.
 */
function useRecording(
  picture: Picture,
  id: string,
  name: string,
): { since: { value: number | undefined }; record: () => void } {
  const since = useSignal<number | undefined>(undefined);
  const film = useRef<{ recording: FilmRecording; file: ChosenFile } | undefined>(undefined);
  const choosing = useRef(false);
  const now = (): number => (picture.shownUs ?? boxNow() * 1000) / 1000;
  const finish = async (isTold = false): Promise<void> => {
    const own = film.current;
    film.current = undefined;
    since.value = undefined;
    try {
      const size = await own?.recording.stop();
      if (own) tell(t('media.recorded', { file: own.file.name, size: bytes(size ?? 0) }));
    } catch (error) {
      if (!isTold) tellUnwritten(error);
    }
  };
  const begin = async (): Promise<void> => {
    choosing.current = true;
    const file = await chooseFile(`${name} ${stamp(boxNow())}.mp4`, 'mp4').finally(() => (choosing.current = false));
    if (file === false) return;
    since.value = now();
    if (!file) return;
    const recording = new FilmRecording(id, file.out, (error) => {
      if (error === undefined) tell(t('media.changedForm'), 'warn');
      else tellUnwritten(error);
      void finish(true);
    });
    film.current = { recording, file };
    recording.start();
  };
  // Whoever takes the camera off the wall has what was recorded until then.
  useEffect(() => () => void (film.current && finish()), []);
  const record = (): void => {
    if (choosing.current) return;
    const from = since.value;
    if (from === undefined) {
      void begin();
      return;
    }
    if (film.current) {
      void finish();
      return;
    }
    const to = Math.max(now(), from + 1000);
    since.value = undefined;
    tell(t('wall.recordPreparing'));
    // What is shown now reaches the disk within seconds.
    setTimeout(() => void saveRange([id], from, to, { asks: false }), 3000);
  };
  return { since, record };
}

function Running({ since }: { since: number }): JSX.Element {
  const [, setCount] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setCount((count) => count + 1), 1000);
    const asks = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', asks);
    return () => {
      clearInterval(timer);
      removeEventListener('beforeunload', asks);
    };
  }, []);
  return (
    <span class="recording-chip">
      <i />
      {t('wall.recording', { time: hours((boxNow() - since) / 1000) })}
    </span>
  );
}

/** Codec, size, bitrate and latency: text that changes once a second without its neighbours. */
function FigureLine({ picture }: { picture: Picture }): JSX.Element {
  const format = picture.format.value;
  const { bitsPerSecond, latencyMs } = picture.figures.value;
  const shown = picture.state.value.kind === 'shown' && format !== undefined;
  return (
    <span class="figures">
      {shown && (
        <>
          <span class="more">{`${format.codec} ${format.width ?? 0}×${format.height ?? 0}`}</span>
          <span class="stream">{tOf('stream', format.stream)}</span>
          <span>{bits(bitsPerSecond)}</span>
          {latencyMs !== undefined && (
            <span class="more">{t('wall.latency', { s: number(Math.max(0, latencyMs) / 1000, 1) })}</span>
          )}
        </>
      )}
    </span>
  );
}

/** Why there is no picture, or that it is old or lighter than it could be. */
function Said({ picture, camera }: { picture: Picture; camera: Camera }): JSX.Element | null {
  const state = picture.state.value;
  const { stillMs } = picture.figures.value;
  const since = useRef(performance.now());
  const kind = useRef(state.kind);
  if (kind.current !== state.kind) {
    kind.current = state.kind;
    since.current = performance.now();
  }
  const said = sayState(state, statusOf(camera.id), performance.now() - since.current);
  if (said) {
    return (
      <div class={`said ${said.tone}`} role="status">
        {said.tone === 'bad' && <Icon name="warning" />}
        <strong>{said.what}</strong>
        {said.more !== undefined && said.more !== '' && <p>{said.more}</p>}
        {said.help !== undefined && (
          <a class="button" href={said.help}>
            {t('wall.whatToDo')}
          </a>
        )}
        {said.tone === 'bad' && may('cameras') && (
          <a class="button" href={`/cameras/${camera.id}`}>
            {t('wall.diagnose')}
          </a>
        )}
      </div>
    );
  }
  if (state.kind === 'shown' && stillMs > STALE_MS) {
    return (
      <div class="stale-note">
        <Chip tone="warn">{t('media.stale', { length: length(stillMs / 1000) })}</Chip>
      </div>
    );
  }
  const reduced = picture.reduced.value;
  const places = picture.places.value;
  const slow = picture.format.value?.because === 'slow';
  if (state.kind !== 'shown' || (reduced === undefined && !slow)) {
    return state.kind === 'connecting' || state.kind === 'waiting' ? <i class="coming" /> : null;
  }
  return (
    <div class="stale-note">
      <Chip>
        {places
          ? t('media.mpeg1', { codec: reduced ?? '', used: places.used, most: places.most })
          : slow
            ? t('media.slow')
            : t('media.reduced', { codec: reduced ?? '' })}
      </Chip>
    </div>
  );
}
