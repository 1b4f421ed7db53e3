import { access, constants, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FolderLock } from '../../../firmware/cli/index.ts';
import { SettingsStore, type SettingsDraft } from '../../../firmware/config/index.ts';
import { DEMO_CAMERAS } from './cameras.ts';

/** What recordings may take in a data folder that the demo has made; 2 GB hold about a day of its cameras. */
const BUDGET_BYTES = 2_000_000_000;

/**
 * Puts the demo's cameras into the settings at their present addresses; without addresses it switches off those that are there,
 * since nothing would answer. Cameras that a person added are not touched. Answers with the port that the settings name.
 * Rejects with control.already-running, config.*, or the error of the file system if the folder cannot be written.
 */
export async function prepareSettings(dataFolder: string, urls?: ReadonlyMap<string, string>): Promise<number> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  await access(dataFolder, constants.W_OK);
  const lock = await FolderLock.take(dataFolder);
  try {
    const isNew = !(await exists(join(dataFolder, 'settings.json')));
    const store = await SettingsStore.open(dataFolder);
    const { http } = await store.update((draft) => {
      if (urls) addCameras(draft, urls);
      else switchOff(draft);
      const [volume] = draft.volumes;
      if (isNew && urls && volume) volume.budgetBytes = BUDGET_BYTES;
    });
    return http.port;
  } finally {
    await lock.release();
  }
}

function addCameras(draft: SettingsDraft, urls: ReadonlyMap<string, string>): void {
  for (const { id, name } of DEMO_CAMERAS) {
    const url = urls.get(id);
    if (url === undefined) continue;
    const known = draft.cameras.find((camera) => camera.id === id);
    const stream = known?.streams.find((each) => each.id === 'main');
    if (known && stream) {
      known.enabled = true;
      stream.url = url;
    } else {
      const streams = [{ id: 'main', url, transport: 'tcp', record: true }];
      // Completed with the defaults by the schema before anything is written.
      draft.cameras.push({ id, name, streams } as (typeof draft.cameras)[number]);
    }
  }
}

function switchOff(draft: SettingsDraft): void {
  const demo = new Set(DEMO_CAMERAS.map(({ id }) => id));
  for (const camera of draft.cameras) if (demo.has(camera.id)) camera.enabled = false;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
