import { BoxError } from '../base/index.ts';
import { patternsFor, readCameraCsv, urlAfter, writeCameraCsv, type CameraRow } from '../cameras/index.ts';
import type { CameraSettings, SettingsDraft, SettingsStore } from '../config/index.ts';
import type { TerminalsPort } from '../control/index.ts';

type Draft = SettingsDraft['cameras'][number];

/** Cameras as people want to see them; equal ones as they were added. */
export function inOrder<T extends { readonly order: number }>(cameras: readonly T[]): T[] {
  return cameras.toSorted((a, b) => a.order - b.order);
}

/** Cameras changed one by one, and as a table. */
export function cameraTable(store: SettingsStore): Pick<TerminalsPort, 'change' | 'exportCsv' | 'importCsv'> {
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
    importCsv: async (csv) => {
      const rows = readCameraCsv(csv);
      const done: Awaited<ReturnType<TerminalsPort['importCsv']>> = { added: 0, changed: 0, rows: [] };
      await store.update((draft) => {
        for (const row of rows) {
          const known = draft.cameras.find(({ id }) => id === row.id);
          const camera = known ?? newCamera(row, draft);
          if (!known) draft.cameras.push(camera);
          fill(camera, row);
          if (known) done.changed++;
          else done.added++;
          done.rows.push({ address: row.main || row.onvif, camera: camera.id, name: camera.name });
        }
      });
      return done;
    },
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

function newCamera(row: CameraRow, draft: SettingsDraft): Draft {
  if (row.main === '')
    throw new BoxError('cameras.bad-table', { reason: `the new camera ${row.id || row.name} has no main stream` });
  const base =
    (row.id || row.name)
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 34) || 'camera';
  const taken = new Set(draft.cameras.map(({ id }) => id));
  let id = base;
  for (let n = 2; taken.has(id); n++) id = `${base}-${n}`;
  // Completed with the defaults by the schema before anything is written.
  return { id, name: row.name || id, streams: [], onvif: { url: '' }, identity: {} } as unknown as Draft;
}

/** Empty cells leave what is there as it is; a password, too. What a camera says of itself is never taken from a table. */
function fill(camera: Draft, row: CameraRow): void {
  if (row.name !== '') camera.name = row.name;
  if (row.username !== '') camera.username = row.username;
  if (row.password !== '') camera.password = row.password;
  if (row.onvif !== '') camera.onvif.url = row.onvif;
  // Words that no mode is are refused by the schema, with their place.
  if (row.mode !== '') camera.mode = row.mode as Draft['mode'];
  if (row.groups !== '') camera.groups = listOf(row.groups);
  if (row.labels !== '') camera.labels = listOf(row.labels);
  if (row.order !== '') camera.order = Number(row.order);
  if (row.enabled !== '') camera.enabled = !/^(no|false|0|off)$/i.test(row.enabled);
  setStream(camera, 0, 'main', row.main);
  setStream(camera, 1, 'sub', row.sub);
}

function setStream(camera: Draft, place: number, id: string, url: string): void {
  const known = camera.streams[place];
  if (url === '' || known?.url === url) return;
  if (known) known.url = url;
  else camera.streams.push({ id, url, transport: 'tcp', record: place === 0, profile: '' });
}

function listOf(text: string): string[] {
  return text
    .split(';')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
