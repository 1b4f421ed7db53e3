import { computed } from '@preact/signals';
import { cameras as statuses, type CameraStatus } from '../box/live.ts';
import type { Output } from '../box/client.ts';
import { me, type Right } from '../box/session.ts';
import { useAsked, type Asked } from '../parts/asked.ts';

export type Camera = Output<'cameras.list'>[number];
type CameraRight = Extract<Right, 'live' | 'playback' | 'export'>;

const EVERY_MS = 30_000;

/** One that was added since the sign-in is tried: the box decides. */
export function allows(id: string, right: CameraRight): boolean {
  return me.value?.cameras.find(({ camera }) => camera === id)?.rights.includes(right) ?? true;
}

/** Cameras that the one who is signed in may use so. */
export function useCameras(right: CameraRight): Asked<Camera[]> {
  const asked = useAsked('cameras.list', {}, { everyMs: EVERY_MS });
  return { ...asked, value: asked.value?.filter(({ id }) => allows(id, right)) };
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
