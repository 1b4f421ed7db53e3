import { BoxError } from '../base/index.ts';
import { patternsFor, urlAfter, writeCameraCsv, type CameraRow } from '../cameras/index.ts';
import type { CameraSettings, SettingsStore } from '../config/index.ts';
import type { TerminalsPort } from '../control/index.ts';
import { importTable } from './camera-import.ts';

/** Cameras as people want to see them; equal ones as they were added. */
export function inOrder<T extends { readonly order: number }>(cameras: readonly T[]): T[] {
  return cameras.toSorted((a, b) => a.order - b.order);
}

/** Cameras changed one by one, and as a table. Without `addMany` nobody can be asked what it sends. */
export function cameraTable(
  store: SettingsStore,
  addMany?: TerminalsPort['addMany'],
): Pick<TerminalsPort, 'change' | 'exportCsv' | 'importCsv'> {
  return {
    change: async (camera, { onvifUrl, ...change }) => {
      await store.update((draft) => {
        const found = draft.cameras.find(({ id }) => id === camera);
        if (!found) throw new BoxError('control.no-such-camera', { camera });
        const given = Object.entries(change).filter(([, value]) => value !== undefined);
        Object.assign(found, Object.fromEntries(given));
        if (onvifUrl !== undefined) found.onvif.url = onvifUrl;
      });
    },
    exportCsv: () => writeCameraCsv(store.settings.cameras.map(rowOf)),
    importCsv: (csv) => importTable(store, csv, addMany),
  };
}

/** How makers' cameras are reached; at a host, as whole addresses. */
export function patternsOf(maker: string, host: string, channel: number): ReturnType<TerminalsPort['patterns']> {
  return patternsFor(maker).map((pattern) => {
    const url = (path: string): string => urlAfter(pattern, host, path, channel);
    const plain = { ...pattern, also: [...pattern.also] };
    if (host === '') return plain;
    return { ...plain, mainUrl: url(pattern.main), ...(pattern.sub === '' ? {} : { subUrl: url(pattern.sub) }) };
  });
}

function rowOf({
  id,
  name,
  streams,
  onvif,
  username,
  mode,
  groups,
  labels,
  order,
  enabled,
  identity,
}: CameraSettings): CameraRow {
  const { maker, model, serial, mac } = identity;
  return {
    id,
    name,
    main: streams[0]?.url ?? '',
    sub: streams[1]?.url ?? '',
    onvif: onvif.url,
    username,
    password: '',
    mode,
    groups: groups.join('; '),
    labels: labels.join('; '),
    order: String(order),
    enabled: enabled ? 'yes' : 'no',
    maker,
    model,
    serial,
    mac,
  };
}
