import { BoxError, maskText } from '../base/index.ts';
import type { BoxPorts } from '../control/index.ts';
import type { SettingsStore } from '../config/index.ts';
import { inOrder } from './camera-table.ts';

/** Cameras as operations read and change them; passwords go in and never come out. */
export function settingsPort(store: SettingsStore): BoxPorts['settings'] {
  return {
    cameras: () =>
      inOrder(store.settings.cameras).map(({ id, name, enabled, mode, groups, labels, streams }) => ({
        id,
        name: name || id,
        enabled,
        mode,
        groups: [...groups],
        labels: [...labels],
        // Some makers want name and password in the path or the query.
        streams: streams.map((stream) => ({ ...stream, url: maskText(stream.url) })),
      })),
    boxName: () => store.settings.box.name,
    setUp: async ({ name, timeZone, language }) => {
      await store.update((draft) => {
        draft.box.name = name;
        draft.site.timeZone = timeZone;
        draft.notices.language = language;
      });
    },
    addCamera: async (camera, login) => {
      await store.update((draft) => {
        if (draft.cameras.some(({ id }) => id === camera.id)) {
          throw new BoxError('control.camera-exists', { camera: camera.id });
        }
        const { id, name, enabled, mode, streams } = camera;
        // Checked, and completed with the defaults, by the schema before anything is written.
        draft.cameras.push({ id, name, enabled, mode, streams, ...login } as (typeof draft.cameras)[number]);
      });
    },
    source: (id, stream) => {
      const camera = store.settings.cameras.find((each) => each.id === id);
      const url = camera?.streams.find((each) => each.id === stream)?.url;
      if (!camera || url === undefined) throw new BoxError('live.no-such-stream', { camera: id, stream });
      return { url, username: camera.username, password: camera.password };
    },
    removeCamera: async (id) => {
      await store.update((draft) => {
        draft.cameras = draft.cameras.filter((camera) => camera.id !== id);
      });
    },
  };
}
