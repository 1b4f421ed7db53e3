import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Picture } from '../../media/picture.ts';
import { statusOf } from '../../media/my-cameras.ts';
import { number } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import { steeringKeys } from './ptz-keys.ts';
import { Who } from './ptz-who.tsx';
import type { Steering, Vector } from './steering.ts';

/** A drag over this part of the picture's height is full speed. */
const FULL_SPEED = 0.35;
const STILL = 0.04;
const WHEEL_MS = 250;
/** Full speed on the picture, of a hundred. */
const FULL_LENGTH = 40;
/** A pointer that moved less, in pixels, was a click. */
const CLICK = 5;

/** Over the picture of a camera that is steered: a drag moves, farther is faster; a click centres; the wheel zooms. Letting go always stops. */
export function PtzLayer(props: { steering: Steering; speed: number; picture: Picture }): JSX.Element {
  const { steering, speed, picture } = props;
  const from = useRef<{ x: number; y: number } | undefined>(undefined);
  const dragged = useRef(false);
  useEffect(() => {
    steering.eye = picture;
    return () => {
      steering.eye = undefined;
    };
  }, [steering, picture]);
  const by = statusOf(steering.camera)?.steering?.by;
  useEffect(() => steering.look(), [steering, by]);
  const wheel = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const stop = (): void => {
    from.current = undefined;
    steering.move(undefined);
  };
  useEffect(() => steeringKeys(steering, () => speed), [steering, speed]);
  useEffect(() => () => clearTimeout(wheel.current), []);
  const drag = (event: PointerEvent): void => {
    if (!from.current) return;
    const way = Math.hypot(event.clientX - from.current.x, event.clientY - from.current.y);
    if (!dragged.current && way < CLICK) return;
    dragged.current = true;
    const full = (event.currentTarget as Element).clientHeight * FULL_SPEED;
    const of = (by: number): number => Math.max(-1, Math.min(1, by / full)) * speed;
    const [pan, tilt] = [of(event.clientX - from.current.x), of(from.current.y - event.clientY)];
    if (Math.hypot(pan, tilt) < STILL * speed) steering.move(undefined);
    else steering.move({ pan, tilt });
  };
  const letGo = (event: PointerEvent): void => {
    const isClick = from.current !== undefined && !dragged.current;
    stop();
    const point = isClick ? pointIn(event.currentTarget as Element, event, picture.size) : undefined;
    if (point && canCentre(steering)) void steering.centre(point.x, point.y);
  };
  return (
    <div
      class="ptz-layer"
      onPointerDown={(event) => {
        event.stopPropagation();
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, y: event.clientY };
        dragged.current = false;
      }}
      onPointerMove={drag}
      onPointerUp={letGo}
      onPointerCancel={stop}
      onLostPointerCapture={stop}
      onDblClick={(event) => event.stopPropagation()}
      onContextMenu={(event) => event.preventDefault()}
      onWheel={(event) => {
        event.preventDefault();
        clearTimeout(wheel.current);
        steering.move({ zoom: event.deltaY < 0 ? speed : -speed });
        wheel.current = setTimeout(stop, WHEEL_MS);
      }}
    >
      <Arrow wish={steering.wish.value} lagMs={steering.lagMs.value} />
      <Who steering={steering} />
    </div>
  );
}

function canCentre({ state }: Steering): boolean {
  const can = state.value;
  return can !== undefined && (can.relative.panTilt || can.continuous.panTilt);
}

/** Where in the picture that is, which may be narrower or lower than its place: -1 to 1 from the middle, right and up. Undefined beside it. */
function pointIn(
  place: Element,
  at: { readonly clientX: number; readonly clientY: number },
  picture: { readonly width: number; readonly height: number },
): { x: number; y: number } | undefined {
  const { left, top, width, height } = place.getBoundingClientRect();
  if (picture.width === 0 || width === 0) return undefined;
  const scale = Math.min(width / picture.width, height / picture.height);
  const x = ((at.clientX - left - width / 2) * 2) / (picture.width * scale);
  const y = ((top + height / 2 - at.clientY) * 2) / (picture.height * scale);
  return Math.abs(x) <= 1 && Math.abs(y) <= 1 ? { x, y } : undefined;
}

/** Which way it is asked to go and how fast, from the middle to the ring of full speed; dotted while the camera lags behind the hand. */
function Arrow({ wish, lagMs }: { wish: Vector | undefined; lagMs: number | undefined }): JSX.Element {
  const { pan = 0, tilt = 0 } = wish ?? {};
  const [x, y] = [pan * FULL_LENGTH, -tilt * FULL_LENGTH];
  const moves = pan !== 0 || tilt !== 0;
  return (
    <>
      <svg class={`ptz-arrow${lagMs === undefined ? '' : ' lags'}`} viewBox="-50 -50 100 100" aria-hidden="true">
        <circle r="7" />
        <path d="M-3 0H3M0 -3V3" />
        {moves && (
          <>
            <circle class="full" r={FULL_LENGTH} />
            <path class="way" d={`M0 0L${x} ${y}`} />
            <circle class="end" cx={x} cy={y} r="1.5" />
          </>
        )}
      </svg>
      {moves && lagMs !== undefined && <span class="ptz-lag">{t('ptz.lag', { s: number(lagMs / 1000, 1) })}</span>}
    </>
  );
}
