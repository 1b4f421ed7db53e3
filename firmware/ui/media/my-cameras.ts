import { computed } from '@preact/signals';
import { cameras as statuses, type CameraStatus } from '../box/live.ts';
import type { Output } from '../box/client.ts';
import { me, type Right } from '../box/session.ts';
import { useAsked, type Asked } from '../parts/asked.ts';

export type Camera = Output<'cameras.list'>[number];
type CameraRight = Extract<Right, 'live' | 'playback' | 'export'>;

const EVERY_MS = 30_000;

/** Cameras that the one who is signed in may use so. One that was added since the sign-in is tried: the box decides. */
export function useCameras(right: CameraRight): Asked<Camera[]> {
  const asked = useAsked('cameras.list', {}, { everyMs: EVERY_MS });
  const known = new Map(me.value?.cameras.map(({ camera, rights }) => [camera, rights]));
  const allowed = ({ id }: Camera): boolean => known.get(id)?.includes(right) ?? true;
  return { ...asked, value: asked.value?.filter(allowed) };
}

const mainStatus = computed(() => {
  const byId = new Map<string, CameraStatus>();
  for (const each of statuses.value) if (!byId.has(each.id) || each.stream === 'main') byId.set(each.id, each);
  return byId;
});

/** How the recorded stream of a camera is; undefined where nobody told. */
export function statusOf(camera: string): CameraStatus | undefined {
  return mainStatus.value.get(camera);
}
