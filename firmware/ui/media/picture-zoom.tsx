import { computed, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { Button } from '../parts/controls.tsx';
import './zoom.css';
import { keysOn } from '../shell/key-state.ts';
import { number } from '../words/format.ts';
import { t } from '../words/index.ts';

/** How much larger than its place the picture is, and where its corner lies, in widths and heights of the place: `1 - scale` to 0. */
interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** A point of the place of the picture, each 0 to 1. */
interface Point {
  readonly x: number;
  readonly y: number;
}

const WHOLE: View = { scale: 1, x: 0, y: 0 };
const MIDDLE: Point = { x: 0.5, y: 0.5 };
const MOST = 8;
/** Nearer to whole than this is whole. */
const NEARLY = 1.02;
const KEY_FACTOR = 1.25;
const PAN_SHARE = 0.1;
/** A notch of a wheel is about 100. Pinching a touch pad comes as small steps with Ctrl. */
const WHEEL = 0.0022;
const PINCH_PAD = 0.012;
const LINE_PX = 33;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: { x: PAN_SHARE, y: 0 },
  ArrowRight: { x: -PAN_SHARE, y: 0 },
  ArrowUp: { x: 0, y: PAN_SHARE },
  ArrowDown: { x: 0, y: -PAN_SHARE },
};

/** A part of the picture, larger: only as it is drawn, so what is saved of it is the whole picture. */
export class PictureZoom {
  readonly view = signal(WHOLE);
  readonly zoomed = computed(() => this.view.value.scale > 1);

  /** Larger or smaller about a point, which stays where it is. */
  by(factor: number, { x: px, y: py }: Point = MIDDLE): void {
    const { scale, x, y } = this.view.peek();
    const next = Math.min(MOST, scale * factor);
    const share = next / scale;
    this.#set({ scale: next, x: px - (px - x) * share, y: py - (py - y) * share });
  }

  /** By a share of the place. */
  pan(dx: number, dy: number): void {
    const { scale, x, y } = this.view.peek();
    this.#set({ scale, x: x + dx, y: y + dy });
  }

  reset(): void {
    this.view.value = WHOLE;
  }

  #set({ scale, x, y }: View): void {
    const within = (value: number): number => Math.min(0, Math.max(1 - scale, value));
    this.view.value = scale < NEARLY ? WHOLE : { scale, x: within(x), y: within(y) };
  }
}

export interface ZoomHands {
  readonly zoom: PictureZoom;
  /** True: the press is for the zoom, and nothing else begins with it. */
  readonly down: (event: PointerEvent) => boolean;
  /** True: it was zoomed, and is whole again. */
  readonly back: () => boolean;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly rest: Pick<
    JSX.IntrinsicElements['div'],
    'onWheel' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel' | 'onLostPointerCapture'
  >;
}

/** Wheel, pinch, drag and keys of a picture; `active` false: it is shown whole, and they are for something else. */
export function useZoom(active: boolean): ZoomHands {
  const zoom = useMemo(() => new PictureZoom(), []);
  const fingers = useMemo(() => new Map<number, Point>(), []);
  useEffect(() => {
    if (active) return;
    zoom.reset();
    fingers.clear();
  }, [active]);
  const at = ({ clientX, clientY, currentTarget }: MouseEvent): Point => {
    const { left, top, width, height } = (currentTarget as Element).getBoundingClientRect();
    return { x: (clientX - left) / width, y: (clientY - top) / height };
  };
  const lift = ({ pointerId }: PointerEvent): void => void fingers.delete(pointerId);
  const move = (event: PointerEvent): void => {
    const before = fingers.get(event.pointerId);
    if (!before || !active) return;
    const now = at(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (!other) {
      zoom.pan(now.x - before.x, now.y - before.y);
      return;
    }
    const far = (point: Point): number => Math.max(0.02, Math.hypot(point.x - other.x, point.y - other.y));
    zoom.by(far(now) / far(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    zoom.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
  };
  return {
    zoom,
    down: (event) => {
      const isTouch = event.pointerType === 'touch';
      if (!active || event.button !== 0 || (!isTouch && !zoom.zoomed.peek())) return false;
      if (!isTouch) (event.currentTarget as Element).setPointerCapture(event.pointerId);
      if (fingers.size < 2) fingers.set(event.pointerId, at(event));
      return true;
    },
    back: () => {
      if (!zoom.zoomed.peek()) return false;
      zoom.reset();
      return true;
    },
    onKeyDown: (event) => {
      if (!active || event.ctrlKey || event.altKey || event.metaKey || !press(zoom, event.key)) return;
      event.preventDefault();
      event.stopPropagation();
    },
    rest: {
      onWheel: (event) => {
        if (!active) return;
        event.preventDefault();
        const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * LINE_PX;
        zoom.by(Math.exp(-pixels * (event.ctrlKey ? PINCH_PAD : WHEEL)), at(event));
      },
      onPointerMove: move,
      onPointerUp: lift,
      onPointerCancel: lift,
      onLostPointerCapture: lift,
    },
  };
}

/** False: the key is not for the zoom. */
function press(zoom: PictureZoom, key: string): boolean {
  const zoomed = zoom.zoomed.peek();
  const arrow = ARROWS[key];
  if (zoomed && arrow) zoom.pan(arrow.x, arrow.y);
  else if (zoomed && key === 'Escape') zoom.reset();
  else return keysOn.value && zoomByKey(zoom, key);
  return true;
}

/** `+` and `-` about the middle, `0` for the whole picture. False: another key. */
export function zoomByKey(zoom: PictureZoom, key: string): boolean {
  if (key === '+' || key === '=') zoom.by(KEY_FACTOR);
  else if (key === '-') zoom.by(1 / KEY_FACTOR);
  else if (key === '0') zoom.reset();
  else return false;
  return true;
}

/** That only a part is to be seen, and the way back. */
export function ZoomChip({ zoom }: { zoom: PictureZoom }): JSX.Element | null {
  if (!zoom.zoomed.value) return null;
  return (
    <span class="zoom-chip">
      <Button kind="quiet" icon="close" title={t('zoom.whole')} onPress={() => zoom.reset()}>
        {t('zoom.by', { n: number(zoom.view.value.scale, 1) })}
      </Button>
    </span>
  );
}
