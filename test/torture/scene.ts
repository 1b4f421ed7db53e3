/** A box with cameras and disks as a scenario wants it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cameraAt } from '../support/box.ts';
import { CameraFarm, type FarmOptions } from '../support/camera/farm.ts';
import type { Lab } from './lab.ts';

/** Pictures a second of the clip `small` that every camera shows. */
export const FPS = 25;
/** Cameras of a box with two disks, in the order in which they are given their homes: in turn. */
const BOX = '7a1f0c52-6d2e-4f0b-9c55-0d6f7f3b1a10';
export const FOUR = ['gate', 'yard', 'dock', 'hall'];
export const ON_FIRST = ['gate', 'dock'];
export const ON_SECOND = ['yard', 'hall'];

export async function startFarm(lab: Lab, cameras: FarmOptions['cameras']): Promise<CameraFarm> {
  const farm = await CameraFarm.start({ cameras });
  lab.teardown(() => farm.stop());
  return farm;
}

export interface SceneSettings {
  readonly farm?: CameraFarm;
  /** Default: all of the farm. */
  readonly cameras?: readonly string[];
  /** Groups of volumes that cameras are bound to, by camera. */
  readonly groups?: Readonly<Record<string, string>>;
  readonly volumes?: readonly Readonly<Record<string, unknown>>[];
  readonly recording?: Readonly<Record<string, unknown>>;
}

/** Writes the settings of a box into its data folder, which is made if need be. */
export async function writeScene(
  data: string,
  { farm, cameras, groups, volumes, recording }: SceneSettings,
): Promise<void> {
  await mkdir(data, { recursive: true });
  const ids = farm ? (cameras ?? farm.cameras.map(({ path }) => path)) : [];
  const settings = {
    version: 1,
    // One identity for all: the images of disks go from one box to the next.
    box: { id: BOX, name: 'torture' },
    cameras: ids.map((id) => ({
      ...cameraAt(id, farm!.url(id)),
      ...(groups?.[id] !== undefined && { group: groups[id] }),
    })),
    ...(volumes && { volumes }),
    // The shortest there are, so that segments begin and end all the time.
    recording: { segmentSeconds: 60, segmentMaxBytes: 1 << 20, ...recording },
  };
  await writeFile(join(data, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/** A box with these cameras, whether anybody sends for them or not. */
export async function writeCameras(data: string, cameras: readonly unknown[]): Promise<void> {
  await mkdir(data, { recursive: true });
  const settings = { version: 1, box: { id: BOX, name: 'torture' }, cameras };
  await writeFile(join(data, 'settings.json'), JSON.stringify(settings));
}
