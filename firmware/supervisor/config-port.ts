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
        return made;
      }),
    export: (passphrase) => sealSettings(store.settings, passphrase),
    import: async (passphrase, sealed) => {
      const opened = await openSettings(sealed, passphrase);
      return replace((old) => ({ ...opened, box: { ...opened.box, id: old.box.id } }));
    },
  };
}

/** Whether a changed path, or anything below it, is marked so in the schema. */
function waitsForRestart(path: string): boolean {
  const general = path.replaceAll(/\[[^\]]*\]/g, '[]');
  return describeSettings().some(
    ({ path: one, restart }) => restart && (one === general || one.startsWith(`${general}.`)),
  );
}
