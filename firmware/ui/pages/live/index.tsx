import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import '../../media/media.css';
import { lineLostAt } from '../../media/media-line.ts';
import type { Camera } from '../../media/my-cameras.ts';
import { WithCameras } from '../../media/with-cameras.tsx';
import { Button, Segments } from '../../parts/controls.tsx';
import { explain } from '../../parts/fault.tsx';
import { tell } from '../../parts/toasts.tsx';
import { onScreen } from '../../box/session.ts';
import { fold, isFolded } from '../../shell/folded.ts';
import { pageKeys } from '../../shell/key-state.ts';
import { go, parts } from '../../shell/route.ts';
import { t } from '../../words/index.ts';
import { WallList } from './camera-list.tsx';
import { dragging, lifted, wasDrag } from './drag.ts';
import { usePtz, type Ptz } from './use-ptz.ts';
import { PtzPanel } from './ptz-panel.tsx';
import { EventStrip } from './event-strip.tsx';
import './ptz.css';
import './event-strip.css';
import { Tile, type TileActions, type TileTools } from './tile.tsx';
import {
  clearPlace,
  columnsOf,
  LAYOUTS,
  lookForViews,
  openWall,
  place,
  resize,
  SIZES,
  views,
  wall,
  type Layout,
  type View,
} from './view-store.ts';
import { LayOut } from './lay-out.tsx';
import { SaveView, ViewChoice } from './views.tsx';

const CUSTOM = 'custom';
const TOUR_MS = 20_000;
const VIEWS_EVERY_MS = 60_000;

/** `/live`, `/live/camera/<id>`: cameras side by side, as they are now. */
export function Live(): JSX.Element {
  return <WithCameras kind="live">{(cameras) => <Wall cameras={cameras} />}</WithCameras>;
}

function Wall({ cameras }: { cameras: readonly Camera[] }): JSX.Element {
  const ids = cameras.map(({ id }) => id);
  const root = useRef<HTMLDivElement>(null);
  const [, kind, only] = parts.value;
  useEffect(() => {
    const id = kind === 'view' ? only : undefined;
    openWall(ids, id).catch((error: unknown) => tell(explain(error).what, 'bad'));
    const timer = setInterval(() => void lookForViews().catch(() => undefined), VIEWS_EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const state = useWallState(cameras, root);
  const now = wall.value;
  if (!now) return <div class="skeleton" aria-busy="true" />;
  const alone = kind === 'camera' && only !== undefined && ids.includes(only) ? only : undefined;
  const page = state.tourPage ?? now;
  const shown = alone === undefined ? page.cameras : [alone];
  const size = alone === undefined ? page.size : 1;
  const layout = alone === undefined ? page.layout : undefined;
  return (
    <div
      class={`wall-page${state.full || onScreen.value ? ' full' : ''}${isFolded('list') ? ' folded' : ''}`}
      ref={root}
    >
      {!isFolded('list') && <WallList cameras={cameras} placed={shown} put={state.put} />}
      <section class="wall-main">
        <Head ids={ids} touring={state.touring} onTour={state.tour} onFull={state.toFull} alone={alone} />
        <div class="stage" data-theme="dark">
          <Places
            size={size}
            layout={layout}
            shown={shown}
            cameras={cameras}
            state={state}
            enlarged={state.enlarged < size && size > 1 ? state.enlarged : -1}
          />
        </div>
        {state.ptz.steering && (
          <PtzPanel
            key={state.ptz.steering.camera}
            steering={state.ptz.steering}
            name={cameras.find(({ id }) => id === state.ptz.steering?.camera)?.name ?? ''}
            speed={state.ptz.speed}
            setSpeed={state.ptz.setSpeed}
            close={state.ptz.off}
          />
        )}
        {!isFolded('strip') && !onScreen.value && <EventStrip cameras={cameras} shown={shown} />}
      </section>
      <Ghost cameras={cameras} />
    </div>
  );
}

interface WallState {
  readonly chosen: number;
  readonly enlarged: number;
  readonly sounding: string | undefined;
  readonly full: boolean;
  readonly touring: boolean;
  readonly tourPage: Pick<View, 'size' | 'cameras' | 'layout'> | undefined;
  readonly ptz: Ptz;
  readonly put: (camera: string, at?: number) => void;
  readonly tour: () => void;
  readonly toFull: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
  readonly actions: TileActions;
}

/** What the wall can be told to do; the same by mouse, finger and key. */
function useWallState(cameras: readonly Camera[], root: { readonly current: HTMLElement | null }): WallState {
  const [chosen, setChosen] = useState(0);
  const [enlarged, setEnlarged] = useState(-1);
  const [sounding, setSounding] = useState<string>();
  const full = useFullScreen(root);
  const { touring, tourPage, tour } = useTour(cameras.map(({ id }) => id));
  const ptz = usePtz(cameras);
  const tools = useRef(new Map<string, TileTools>());
  const enlarge = (at: number): void => setEnlarged((was) => (was === at ? -1 : at));
  const sound = (camera: string): void => setSounding((was) => (was === camera ? undefined : camera));
  const move = (at: number): void => {
    const camera = wall.peek()?.cameras[at];
    lifted.value = lifted.value || !camera ? undefined : { camera, from: at };
  };
  const drop = (camera: string, to: number | undefined): void => {
    lifted.value = undefined;
    const from = wall.peek()?.cameras.indexOf(camera) ?? -1;
    if (to === undefined) clearPlace(from);
    else if (to !== from) place(camera, to);
  };
  const choose = (at: number): void => {
    if (wasDrag()) return;
    setChosen(at);
    if (lifted.value && lifted.value.from !== at) drop(lifted.value.camera, at);
  };
  const put = (camera: string, at?: number): void => {
    if (at === undefined && wasDrag()) return;
    const hangs = wall.peek()?.cameras.indexOf(camera) ?? -1;
    // A camera that hangs already is shown where it hangs.
    if (at === undefined && hangs >= 0) setChosen(hangs);
    else place(camera, at ?? chosen);
  };
  const register = (camera: string, own: TileTools | undefined): void => {
    if (own) tools.current.set(camera, own);
    else tools.current.delete(camera);
  };
  // One that is shown alone may hang elsewhere on the wall.
  const ofChosen = (): TileTools | undefined =>
    tools.current.size === 1 ? [...tools.current.values()][0] : tools.current.get(wall.peek()?.cameras[chosen] ?? '');
  const actions = { choose, enlarge, sound, move, drop, register, steer: ptz.steer };
  const state = { chosen, enlarged, sounding, ...full, touring, tourPage, ptz, put, tour, actions };
  useWallKeys({ ...state, ids: cameras.map(({ id }) => id), ofChosen });
  return { ...state, onKey: (event) => steer(event, { chosen, setChosen, setEnlarged, actions }) };
}

function useFullScreen(root: { readonly current: HTMLElement | null }): { full: boolean; toFull: () => void } {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const changed = (): void => setFull(document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', changed);
    return () => document.removeEventListener('fullscreenchange', changed);
  }, []);
  const toFull = (): void => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void root.current?.requestFullscreen();
  };
  return { full, toFull };
}

/** Turns over the named views, or, with less than two of them, all cameras by as many as the wall holds. */
function useTour(ids: readonly string[]): { touring: boolean; tourPage: WallState['tourPage']; tour: () => void } {
  const [touring, setTouring] = useState(false);
  const turn = useSignal(0);
  useEffect(() => {
    if (!touring) return;
    const timer = setInterval(() => turn.value++, TOUR_MS);
    return () => clearInterval(timer);
  }, [touring]);
  const tour = (): void => {
    turn.value = 0;
    setTouring(!touring);
  };
  if (!touring) return { touring, tourPage: undefined, tour };
  if (views.value.length > 1) return { touring, tourPage: views.value[turn.value % views.value.length]!, tour };
  const size = wall.value?.size ?? 1;
  const from = (turn.value % Math.ceil(ids.length / size)) * size;
  const cameras = Array.from({ length: size }, (_, at) => ids[from + at] ?? '');
  return { touring, tourPage: { size, cameras, layout: wall.value?.layout }, tour };
}

function useWallKeys(
  of: Pick<WallState, 'chosen' | 'tour' | 'toFull' | 'actions'> & {
    ids: readonly string[];
    ofChosen: () => TileTools | undefined;
  },
): void {
  const latest = useRef(of);
  latest.current = of;
  useEffect(() => {
    const now = (): typeof of => latest.current;
    const sizes = { '1': 1, '4': 4, '9': 9, '6': 16 } as const;
    pageKeys.value = [
      ...Object.entries(sizes).map(([key, size]) => ({
        key,
        words: t('wall.size', { n: size }),
        run: () => resize(size, now().ids),
      })),
      { key: '[', words: t('wall.fold'), run: () => fold('list') },
      { key: ']', words: t('strip.fold'), run: () => fold('strip') },
      { key: 'f', words: t('wall.full'), run: () => now().toFull() },
      { key: 't', words: t('wall.tour'), run: () => now().tour() },
      { key: 'm', words: t('wall.move'), run: () => now().actions.move(now().chosen) },
      { key: 'p', words: t('ptz.steer'), run: () => now().actions.steer(wall.peek()?.cameras[now().chosen] ?? '') },
      { key: 's', words: t('media.snapshot'), run: () => now().ofChosen()?.snapshot() },
      { key: 'r', words: t('wall.record'), run: () => now().ofChosen()?.record() },
      { key: 'b', words: t('wall.back'), run: () => now().ofChosen()?.back() },
      { key: '+', words: t('zoom.in'), run: () => now().ofChosen()?.zoom('+') },
      { key: '-', words: t('zoom.out'), run: () => now().ofChosen()?.zoom('-') },
      { key: '0', words: t('zoom.whole'), run: () => now().ofChosen()?.zoom('0') },
      { key: 'a', words: t('wall.sound'), run: () => now().actions.sound(wall.peek()?.cameras[now().chosen] ?? '') },
    ];
    return () => {
      pageKeys.value = [];
    };
  }, []);
}

/** Arrows go from place to place; with a camera in the hand, Enter puts it down, otherwise it enlarges. */
function steer(
  event: KeyboardEvent,
  of: {
    chosen: number;
    setChosen: (at: number) => void;
    setEnlarged: (at: number) => void;
    actions: TileActions;
  },
): void {
  const now = wall.peek();
  if (!now || (event.target as Element).closest('button')) return;
  const side = columnsOf(now);
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -side, ArrowDown: side }[event.key];
  if (by !== undefined) {
    const to = of.chosen + by;
    if (to >= 0 && to < now.size) {
      of.setChosen(to);
      document.querySelector<HTMLElement>(`[data-place="${to}"]`)?.focus();
    }
  } else if (event.key === 'Enter') {
    if (lifted.value) of.actions.drop(lifted.value.camera, of.chosen);
    else of.actions.enlarge(of.chosen);
  } else if (event.key === 'Escape') {
    lifted.value = undefined;
    of.setEnlarged(-1);
  } else if (event.key === 'Delete') clearPlace(of.chosen);
  else return;
  event.preventDefault();
}

function Places(props: {
  size: number;
  layout: Layout | undefined;
  shown: readonly string[];
  cameras: readonly Camera[];
  state: WallState;
  enlarged: number;
}): JSX.Element {
  const { size, layout, shown, cameras, state, enlarged } = props;
  const { actions, chosen, sounding } = state;
  const byId = new Map(cameras.map((each) => [each.id, each]));
  // In one order whatever hangs where: an element that is moved in the page would stop playing.
  const hanging = shown
    .map((id, at) => ({ camera: byId.get(id), at }))
    .filter((each): each is { camera: Camera; at: number } => each.camera !== undefined && each.at < size)
    .toSorted((one, other) => (one.camera.id < other.camera.id ? -1 : 1));
  const taken = new Set(hanging.map(({ at }) => at));
  const empty = Array.from({ length: size }, (_, at) => at).filter((at) => !taken.has(at));
  const lost = lineLostAt.value !== undefined;
  return (
    <div
      class={`wall of-${layout ? 'custom' : size}${enlarged >= 0 ? ' has-enlarged' : ''}${lost ? ' lost' : ''}`}
      style={layout && { '--columns': layout.columns, '--rows': layout.rows, '--large': layout.large }}
      role="grid"
      tabIndex={-1}
      aria-label={t('nav.live')}
      onKeyDown={state.onKey}
    >
      {hanging.map(({ camera, at }) => (
        <Tile
          key={camera.id}
          camera={camera}
          place={at}
          chosen={chosen === at}
          covered={enlarged >= 0 && enlarged !== at}
          enlarged={enlarged === at}
          zooms={enlarged === at || size === 1}
          sound={sounding === camera.id}
          lifted={lifted.value?.camera === camera.id}
          steering={state.ptz.steering?.camera === camera.id ? state.ptz.steering : undefined}
          speed={state.ptz.speed}
          on={actions}
        />
      ))}
      {empty.map((at) => (
        <div
          key={`empty ${at}`}
          class={`tile empty-place${chosen === at ? ' chosen' : ''}${dragging.value?.over === at ? ' target' : ''}`}
          style={{ order: at }}
          hidden={enlarged >= 0 && enlarged !== at}
          data-place={at}
          role="gridcell"
          tabIndex={chosen === at ? 0 : -1}
          onClick={() => actions.choose(at)}
        >
          <span>{t('wall.empty')}</span>
        </div>
      ))}
    </div>
  );
}

function Head(props: {
  ids: readonly string[];
  touring: boolean;
  onTour: () => void;
  onFull: () => void;
  alone: string | undefined;
}): JSX.Element {
  const { ids, touring, onTour, onFull, alone } = props;
  const [saving, setSaving] = useState(false);
  const [laying, setLaying] = useState(false);
  const now = wall.value!;
  return (
    <header class="wall-head">
      <Button
        kind="quiet"
        icon={isFolded('list') ? 'right' : 'left'}
        label={isFolded('list') ? t('wall.unfold') : t('wall.fold')}
        onPress={() => fold('list')}
      />
      <h1>{now.name === '' ? t('nav.live') : now.name}</h1>
      <ViewChoice />
      <div class="actions">
        {alone === undefined ? (
          <Segments
            label={t('wall.sizes')}
            value={now.layout ? CUSTOM : String(now.size)}
            options={[
              ...SIZES.map((size) => ({ value: String(size), label: LAYOUTS[size]!.label })),
              { value: CUSTOM, label: t('wall.custom') },
            ]}
            onValue={(size) => (size === CUSTOM ? setLaying(true) : resize(Number(size), ids))}
          />
        ) : (
          <Button icon="live" onPress={() => go('/live')}>
            {t('wall.all')}
          </Button>
        )}
        <Button kind="quiet" icon="plus" label={t('wall.save')} onPress={() => setSaving(true)} />
        <Button icon="tour" label={t('wall.tour')} pressed={touring} onPress={onTour}>
          <span class="desk-only">{touring ? t('wall.tourOn', { n: TOUR_MS / 1000 }) : t('wall.tour')}</span>
        </Button>
        <Button icon="full" label={t('wall.full')} onPress={onFull}>
          <span class="desk-only">{t('wall.full')}</span>
        </Button>
      </div>
      {laying && <LayOut ids={ids} onClose={() => setLaying(false)} />}
      {saving && <SaveView onClose={() => setSaving(false)} />}
    </header>
  );
}

/** What is in the hand, under the pointer. */
function Ghost({ cameras }: { cameras: readonly Camera[] }): JSX.Element | null {
  const drag = dragging.value;
  if (!drag) return null;
  return (
    <div class="ghost" style={{ translate: `${drag.x}px ${drag.y}px` }} aria-hidden="true">
      <bdi>{cameras.find(({ id }) => id === drag.camera)?.name}</bdi>
    </div>
  );
}
