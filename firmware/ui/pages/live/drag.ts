import { signal } from '@preact/signals';

/** A camera in the hand: from the list, or from a place of the wall. */
export interface Lifted {
  readonly camera: string;
  readonly from?: number;
}

/** What is dragged now, where the pointer is, and over which place. */
export const dragging = signal<(Lifted & { x: number; y: number; over: number | undefined }) | undefined>(undefined);
/** Lifted by key or button: the next place that is pressed takes it. */
export const lifted = signal<Lifted | undefined>(undefined);

const STARTS_PX = 6;
const LONG_PRESS_MS = 400;
/** A press that became a drag is no click. */
let dragged = false;
addEventListener('pointerdown', () => (dragged = false), { capture: true });

export function wasDrag(): boolean {
  return dragged;
}

function placeAt(x: number, y: number): number | undefined {
  const found = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-place]')?.dataset['place'];
  return found === undefined ? undefined : Number(found);
}

/**
 * Follows a press until it ends. The mouse drags at once, a finger after a long press (else it scrolls). `drop` is told the place,
 * undefined for outside of the wall; Esc drops nothing.
 */
export function press(event: PointerEvent, what: Lifted, drop: (place: number | undefined) => void): void {
  if (event.button !== 0) return;
  const touch = event.pointerType === 'touch';
  const start = { x: event.clientX, y: event.clientY };
  const over = new AbortController();
  const { signal: ends } = over;
  const lift = (x: number, y: number): void => {
    dragging.value = { ...what, x, y, over: placeAt(x, y) };
    getSelection()?.removeAllRanges();
  };
  const timer = touch ? setTimeout(() => lift(start.x, start.y), LONG_PRESS_MS) : undefined;
  const end = (): void => {
    clearTimeout(timer);
    over.abort();
    dragged = dragging.value !== undefined;
    dragging.value = undefined;
  };
  const move = ({ clientX: x, clientY: y }: PointerEvent): void => {
    const far = Math.hypot(x - start.x, y - start.y) > STARTS_PX;
    if (dragging.value) lift(x, y);
    else if (far && touch) end();
    else if (far) lift(x, y);
  };
  addEventListener('pointermove', move, { signal: ends });
  addEventListener(
    'pointerup',
    ({ clientX, clientY }) => {
      const held = dragging.value !== undefined;
      end();
      if (held) drop(placeAt(clientX, clientY));
    },
    { signal: ends },
  );
  addEventListener('pointercancel', end, { signal: ends });
  addEventListener('keydown', ({ key }) => key === 'Escape' && end(), { signal: ends });
  // What is in the hand does not scroll the page.
  addEventListener('touchmove', (moved) => dragging.value && moved.preventDefault(), { signal: ends, passive: false });
}
