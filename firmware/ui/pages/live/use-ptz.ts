import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Camera } from '../../media/my-cameras.ts';
import { isSteerable, useSteerable } from './steerable.ts';
import { Steering } from './steering.ts';

export interface Ptz {
  /** The camera that is steered from this window; one at a time. */
  readonly steering: Steering | undefined;
  readonly speed: number;
  readonly setSpeed: (speed: number) => void;
  /** Begins to steer a camera, or ends it. */
  readonly steer: (camera: string) => void;
  readonly off: () => void;
}

const USUAL_SPEED = 0.5;

/** Steering belongs to the wall, not to a tile: it ends with the page, and when the camera is not shared any more. */
export function usePtz(cameras: readonly Camera[]): Ptz {
  useSteerable();
  const [camera, setCamera] = useState<string>();
  const [speed, setSpeed] = useState(USUAL_SPEED);
  const there = camera !== undefined && cameras.some(({ id }) => id === camera) ? camera : undefined;
  const steering = useMemo(() => (there === undefined ? undefined : new Steering(there)), [there]);
  useEffect(() => {
    steering?.begin();
    return () => steering?.end();
  }, [steering]);
  const off = (): void => setCamera(undefined);
  const steer = (wanted: string): void => {
    if (wanted === camera || !isSteerable(wanted)) off();
    else setCamera(wanted);
  };
  return { steering, speed, setSpeed, steer, off };
}
