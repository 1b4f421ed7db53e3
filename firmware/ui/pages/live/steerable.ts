import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ask, BoxFault } from '../../box/client.ts';
import { may, me } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';

const EVERY_MS = 30_000;
/** Which cameras can be moved, as far as they have been asked; they are asked once while the window is open. */
const movable = signal<ReadonlyMap<string, boolean>>(new Map());

function maySteer(camera: string): boolean {
  return me.value?.cameras.find((each) => each.camera === camera)?.rights.includes('ptz') ?? may('ptz');
}

/** Whether this window may steer a camera: it moves, and the one who is signed in has the right. */
export function isSteerable(camera: string): boolean {
  return movable.value.get(camera) === true && maySteer(camera);
}

/** Asks the cameras that are spoken to by ONVIF, one after the other, whether there is something to move. */
export function useSteerable(): void {
  const standing = useAsked('cameras.standing', may('ptz') ? {} : undefined, { everyMs: EVERY_MS });
  useEffect(() => {
    const over = new AbortController();
    const asks = async (): Promise<void> => {
      for (const { camera, onvif, trust } of standing.value ?? []) {
        if (onvif?.phase !== 'online' || trust === 'untrusted' || movable.value.has(camera) || !maySteer(camera))
          continue;
        const moves = await canMove(camera, over.signal);
        if (over.signal.aborted) return;
        if (moves !== undefined) movable.value = new Map([...movable.value, [camera, moves]]);
      }
    };
    void asks();
    return () => over.abort();
  }, [standing.value]);
}

/** Undefined: it could not be asked now. */
async function canMove(camera: string, ends: AbortSignal): Promise<boolean | undefined> {
  try {
    const { continuous } = await ask('ptz.state', { camera }, { signal: ends });
    return continuous.panTilt || continuous.zoom;
  } catch (error) {
    return error instanceof BoxFault && error.code === 'ptz.not-movable' ? false : undefined;
  }
}
