import { useSignal, useSignalEffect, type Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Camera } from '../../media/my-cameras.ts';
import type { PlayClock } from '../../media/play-clock.ts';
import { Thumbnails } from '../../media/thumbnails.ts';
import { Button } from '../../parts/controls.tsx';
import { shownTheme } from '../../shell/theme.ts';
import { clock, length, moment } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { coloursOf, draw, LANE_PX, RULER_PX, type Colours } from './draw.ts';
import type { Footage, Span } from './footage.ts';
import type { Marks } from './marks.ts';

const SECOND = 1000;
const YEAR = 366 * 86_400_000;
const REFRESH_MS = 10_000;
/** Pixels of the timeline that share a thumbnail. */
const SLOT_PX = 8;

export interface TimelineProps {
  readonly play: PlayClock;
  readonly footage: Footage;
  readonly cameras: readonly Camera[];
  readonly view: Signal<Span>;
  readonly marks: Marks;
}

/** Makes the view longer or shorter about an instant; between a second and a year. */
export function zoomed({ from, to }: Span, factor: number, about: number): Span {
  const span = Math.min(YEAR, Math.max(SECOND, (to - from) * factor));
  const share = Math.min(1, Math.max(0, (about - from) / (to - from)));
  return { from: about - span * share, to: about + span * (1 - share) };
}

/** Recordings, gaps and locks of all cameras over time. Pressing a lane goes there; the ruler moves the view. */
export function Timeline(props: TimelineProps): JSX.Element {
  const { play, footage, cameras, view } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  useDrawing(props, canvas);
  const hover = useSignal<{ x: number; y: number; words: string; more: string } | undefined>(undefined);
  const thumbnails = useMemo(() => new Thumbnails(), []);
  const hands = useHands(props, canvas, hover, thumbnails);
  const span = view.value;
  return (
    <div class="timeline">
      <div class="lane-names" style={{ paddingTop: `${RULER_PX}px` }}>
        {cameras.map(({ id, name }) => (
          <bdi key={id} style={{ height: `${LANE_PX}px` }}>
            {name}
          </bdi>
        ))}
      </div>
      <div class="lanes">
        <canvas
          ref={canvas}
          role="slider"
          tabIndex={0}
          aria-label={t('play.timeline')}
          aria-valuemin={Math.round(span.from / 1000)}
          aria-valuemax={Math.round(span.to / 1000)}
          aria-valuenow={Math.round(play.atUs.value / 1e6)}
          aria-valuetext={moment(play.atUs.value / 1000)}
          {...hands}
        />
        {hover.value && (
          <div class="tip" style={{ left: `${hover.value.x}px`, top: `${hover.value.y}px` }}>
            <Small thumbnails={thumbnails} />
            <b>{hover.value.words}</b>
            <small>{hover.value.more}</small>
          </div>
        )}
      </div>
      <div class="zoom">
        <Button
          kind="quiet"
          icon="plus"
          label={t('play.zoomIn')}
          onPress={() => (view.value = zoomed(view.value, 0.5, play.atUs.peek() / 1000))}
        />
        <span>{length((span.to - span.from) / 1000)}</span>
        <Button
          kind="quiet"
          icon="minus"
          label={t('play.zoomOut')}
          onPress={() => (view.value = zoomed(view.value, 2, play.atUs.peek() / 1000))}
        />
      </div>
      <GapList footage={footage} cameras={cameras} view={span} play={play} />
    </div>
  );
}

/** The recorded picture under the pointer, when it has come. */
function Small({ thumbnails }: { thumbnails: Thumbnails }): JSX.Element | null {
  const place = useRef<HTMLSpanElement>(null);
  const canvas = thumbnails.shown.value?.canvas;
  useEffect(() => {
    if (canvas) place.current!.replaceChildren(canvas);
  }, [canvas]);
  return canvas ? <span class="small-picture" ref={place} /> : null;
}

/** Draws once a frame at most, whatever has changed. */
function useDrawing(
  { play, footage, cameras, view, marks }: TimelineProps,
  canvas: { readonly current: HTMLCanvasElement | null },
): void {
  const size = useSignal({ width: 0, ratio: 1 });
  const colours = useRef<Colours | undefined>(undefined);
  const frame = useRef(0);
  const rows = Math.max(1, cameras.length);
  useEffect(() => {
    const element = canvas.current!;
    const observer = new ResizeObserver(() => {
      const [width, ratio] = [element.clientWidth, devicePixelRatio];
      element.width = Math.round(width * ratio);
      element.height = Math.round((RULER_PX + rows * LANE_PX) * ratio);
      element.style.height = `${RULER_PX + rows * LANE_PX}px`;
      size.value = { width, ratio };
    });
    observer.observe(element);
    const timer = setInterval(() => !document.hidden && footage.version.value++, REFRESH_MS);
    return () => {
      observer.disconnect();
      clearInterval(timer);
      cancelAnimationFrame(frame.current);
    };
  }, [rows]);
  useEffect(() => {
    colours.current = coloursOf(canvas.current!);
  }, [shownTheme.value]);
  const ids = cameras.map(({ id }) => id);
  const latest = useRef(ids);
  latest.current = ids;
  const paint = (): void => {
    const { width, ratio } = size.peek();
    const context = canvas.current?.getContext('2d');
    if (!context || width === 0) return;
    colours.current ??= coloursOf(canvas.current!);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const at = play.atUs.peek() / 1000;
    const scene = { view: view.peek(), cameras: latest.current, footage, chosen: undefined, at, ...marks.peek() };
    draw(context, width, scene, colours.current);
  };
  const soon = (): void => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(paint);
  };
  useSignalEffect(() => {
    void [play.atUs.value, footage.version.value, view.value, marks.value, size.value, shownTheme.value];
    soon();
  });
  useEffect(soon, [ids.join()]);
}

type Hands = Pick<
  JSX.IntrinsicElements['canvas'],
  'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel' | 'onPointerLeave' | 'onWheel'
>;

function useHands(
  { play, footage, cameras, view }: TimelineProps,
  canvas: { readonly current: HTMLCanvasElement | null },
  hover: Signal<{ x: number; y: number; words: string; more: string } | undefined>,
  thumbnails: Thumbnails,
): Hands {
  const held = useRef(new Map<number, { x: number; pans: boolean }>());
  const timeAt = (x: number): number => {
    const { from, to } = view.peek();
    return from + (x / canvas.current!.clientWidth) * (to - from);
  };
  const pan = (px: number): void => {
    const { from, to } = view.peek();
    const by = (px / canvas.current!.clientWidth) * (to - from);
    view.value = { from: from + by, to: to + by };
  };
  const pinch = (id: number, x: number): void => {
    const other = [...held.current].find(([each]) => each !== id)?.[1];
    const own = held.current.get(id);
    if (!other || !own) return;
    const factor = Math.max(10, Math.abs(own.x - other.x)) / Math.max(10, Math.abs(x - other.x));
    view.value = zoomed(view.peek(), factor, timeAt((x + other.x) / 2));
  };
  const say = (x: number, y: number): void => {
    const camera = cameras[Math.floor((y - RULER_PX) / LANE_PX)]?.id;
    const at = timeAt(x);
    const gap = camera && footage.lane(camera, view.peek()).gaps.find(({ from, to }) => at >= from && at < to);
    const lock = footage.locks.find((each) => each.camera === camera && at >= each.from && at < each.to);
    const words = gap
      ? `${tOf('gap', gap.reason)}, ${length((gap.to - gap.from) / 1000)}`
      : lock
        ? t('play.locked', { reason: lock.reason })
        : moment(at);
    const { from, to } = view.peek();
    const isRecorded =
      camera !== undefined &&
      footage.lane(camera, view.peek()).recorded.some((each) => at >= each.from && at < each.to);
    if (isRecorded) thumbnails.want(camera, at, ((to - from) / canvas.current!.clientWidth) * SLOT_PX);
    else thumbnails.none();
    // Of the screen, or the scrolling timeline would cut it off.
    const place = canvas.current!.getBoundingClientRect();
    hover.value = {
      x: place.left + x,
      y: place.top + y + 12,
      words,
      more: gap ? `${clock(gap.from)} – ${clock(gap.to)}` : lock ? moment(at) : '',
    };
  };
  const end = ({ pointerId, offsetX }: PointerEvent): void => {
    const own = held.current.get(pointerId);
    held.current.delete(pointerId);
    if (own && !own.pans && held.current.size === 0) play.seek(timeAt(offsetX) * 1000);
  };
  return {
    onPointerDown: (event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      const pans = event.offsetY < RULER_PX || event.button === 1 || held.current.size > 0;
      for (const each of held.current.values()) each.pans = true;
      held.current.set(event.pointerId, { x: event.offsetX, pans });
      if (!pans) play.scrub(timeAt(event.offsetX) * 1000);
    },
    onPointerMove: ({ pointerId, offsetX, offsetY }) => {
      const own = held.current.get(pointerId);
      if (!own) {
        say(offsetX, offsetY);
        return;
      }
      hover.value = undefined;
      if (held.current.size > 1) pinch(pointerId, offsetX);
      else if (own.pans) pan(own.x - offsetX);
      else play.scrub(timeAt(offsetX) * 1000);
      own.x = offsetX;
    },
    onPointerUp: end,
    onPointerCancel: ({ pointerId }) => held.current.delete(pointerId),
    onPointerLeave: () => (hover.value = undefined),
    onWheel: (event) => {
      event.preventDefault();
      if (event.shiftKey) pan(event.deltaY || event.deltaX);
      else view.value = zoomed(view.peek(), event.deltaY > 0 ? 1.25 : 0.8, timeAt(event.offsetX));
    },
  };
}

/** The gaps in view as text: what the picture of the timeline says, for everybody. */
function GapList(props: {
  footage: Footage;
  cameras: readonly Camera[];
  view: Span;
  play: PlayClock;
}): JSX.Element | null {
  const { footage, cameras, view, play } = props;
  void footage.version.value;
  const gaps = cameras
    .flatMap((camera) => footage.lane(camera.id, view).gaps.map((gap) => ({ ...gap, camera })))
    .filter(({ from, to }) => from < view.to && to > view.from)
    .toSorted((one, other) => one.from - other.from)
    .slice(0, 100);
  if (gaps.length === 0) return null;
  return (
    <details class="gap-list">
      <summary>{t('play.gaps', { n: gaps.length })}</summary>
      <ul>
        {gaps.map(({ camera, from, to, reason }) => (
          <li key={`${camera.id} ${from}`}>
            <button type="button" class="filter" onClick={() => play.seek(to * 1000)}>
              {moment(from)} – {clock(to)} <bdi>{camera.name}</bdi>
              {t('colon')}
              {tOf('gap', reason)}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
