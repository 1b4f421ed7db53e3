import { BoxError } from '../base/index.ts';
import {
  changedPaths,
  checkSettings,
  describeSettings,
  maskSettings,
  openSettings,
  patchSettings,
  sealSettings,
  type Settings,
  type SettingsDraft,
  type SettingsStore,
} from '../config/index.ts';
import type { BoxPorts } from '../control/index.ts';
import { checkBroughtFolder } from '../disks/index.ts';

type Change = Awaited<ReturnType<BoxPorts['config']['change']>>;

/** The settings as a whole: shown without secrets, patched, carried to another box. */
export function configPort(store: SettingsStore): BoxPorts['config'] {
  const shown = (): Record<string, unknown> => ({ ...maskSettings(store.settings) });
  const replace = async (make: (old: Settings) => SettingsDraft): Promise<Change> => {
    let before = store.settings;
    const now = await store.update((draft) => {
      before = store.settings;
      Object.assign(draft, make(before));
    });
    const changed = changedPaths(before, now);
    return { settings: shown(), changed, afterRestart: changed.filter(waitsForRestart) };
  };
  return {
    show: shown,
    change: (patch) =>
      replace((old) => {
        const made = checkSettings(patchSettings(old, patch));
        if (made.box.id !== old.box.id)
          throw new BoxError('config.invalid', { path: 'box.id', reason: 'it never changes' });
        mustKeepVolumes(old, made);
        return made;
      }),
    export: (passphrase) => sealSettings(store.settings, passphrase),
    import: async (passphrase, sealed) => {
      const opened = await openSettings(sealed, passphrase);
      const own = new Set(store.settings.volumes.map((volume) => store.volumeFolder(volume)));
      for (const volume of opened.volumes) {
        if (!own.has(store.volumeFolder(volume))) await checkBroughtFolder(volume.folder, store.folder);
      }
      return replace((old) => ({ ...opened, box: { ...opened.box, id: old.box.id } }));
    },
  };
}

/** Where recordings lie on the machine is not for everybody who may change settings; the operations on disks look at each folder. */
function mustKeepVolumes(old: Settings, now: Settings): void {
  const foldersOf = ({ volumes }: Settings): string =>
    JSON.stringify(volumes.map(({ id, folder }) => [id, folder]).sort());
  if (foldersOf(old) === foldersOf(now)) return;
  const reason = 'volumes come and go with disks.format, disks.adopt and disks.remove';
  throw new BoxError('config.invalid', { path: 'volumes', reason });
}

/** Whether a changed path, or anything below it, is marked so in the schema. */
function waitsForRestart(path: string): boolean {
  const general = path.replaceAll(/\[[^\]]*\]/g, '[]');
  return describeSettings().some(
    ({ path: one, restart }) => restart && (one === general || one.startsWith(`${general}.`)),
  );
}
