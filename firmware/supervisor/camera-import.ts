import { BoxError } from '../base/index.ts';
import { readCameraCsv, type CameraRow } from '../cameras/index.ts';
import type { SettingsDraft, SettingsStore } from '../config/index.ts';
import type { TerminalsPort } from '../control/index.ts';

type Draft = SettingsDraft['cameras'][number];
type Imported = Awaited<ReturnType<TerminalsPort['importCsv']>>;
type AddMany = TerminalsPort['addMany'];

/** A row, by the number that a spreadsheet gives it: the first line names the columns. */
interface Numbered {
  readonly row: CameraRow;
  readonly number: number;
}

/**
 * Adds and changes cameras after a table. A new camera that has only an ONVIF address is asked what it sends (`addMany`), and
 * what is wrong with it is said at its row; everything else is one change of the settings, and a fault in one row keeps all out.
 * Rejects with cameras.bad-table, which names the row.
 */
export async function importTable(store: SettingsStore, csv: string, addMany?: AddMany): Promise<Imported> {
  const rows = readCameraCsv(csv).map((row, at) => ({ row, number: at + 2 }));
  refuseRepeats(rows);
  const known = new Set(store.settings.cameras.map(({ id }) => id));
  const isAsked = ({ row }: Numbered): boolean => row.main === '' && row.onvif !== '' && !known.has(row.id);
  const asked = rows.filter(isAsked);
  const [first] = asked;
  if (first && !addMany)
    throw badRow(first, 'a new camera without a main stream is asked by ONVIF; start the box for that');
  const done: Imported = { added: 0, changed: 0, rows: [] };
  const plain = rows.filter((each) => !isAsked(each));
  await change(store, (draft, told) => {
    for (const each of plain) told(each, takeRow(each, draft, done));
  });
  if (addMany) for (const same of byLogin(asked)) await addAsked(store, same, addMany, done);
  return done;
}

function badRow({ row, number }: Numbered, reason: string): BoxError {
  const name = row.name || row.id || row.main || row.onvif;
  return new BoxError('cameras.bad-table', { reason: `row ${number} (${name.slice(0, 80)}): ${reason}` });
}

function refuseRepeats(rows: readonly Numbered[]): void {
  const seen = new Map<string, number>();
  for (const each of rows) {
    const { id } = each.row;
    const before = seen.get(id);
    if (id !== '' && before !== undefined) throw badRow(each, `row ${before} has the id ${id}, too`);
    seen.set(id, each.number);
  }
}

/** One change of the settings; what they do not allow is said of the row that wants it. */
async function change(
  store: SettingsStore,
  act: (draft: SettingsDraft, told: (row: Numbered, camera: Draft | undefined) => void) => void,
): Promise<void> {
  const places = new Map<number, Numbered>();
  try {
    await store.update((draft) =>
      act(draft, (row, camera) => void (camera && places.set(draft.cameras.indexOf(camera), row))),
    );
  } catch (error) {
    if (!(error instanceof BoxError) || error.code !== 'config.invalid') throw error;
    const { path, reason } = error.context;
    const place = /^cameras\[(\d+)\]\.(.*)$/.exec(typeof path === 'string' ? path : '');
    const row = place && places.get(Number(place[1]));
    throw row ? badRow(row, `${place[2]}: ${String(reason)}`) : error;
  }
}

/** Gives the camera as the row wants it; undefined if there is nothing to do. */
function takeRow(each: Numbered, draft: SettingsDraft, done: Imported): Draft | undefined {
  const { row } = each;
  const address = row.main || row.onvif;
  const known = draft.cameras.find(({ id }) => id === row.id);
  const twin = known ? undefined : draft.cameras.find(({ streams }) => streams.some(({ url }) => url === row.main));
  if (twin) {
    const { code, what, advice } = new BoxError('cameras.already-there', { camera: twin.id }).toJSON();
    done.rows.push({ address, name: row.name || row.id, error: { code, what, advice } });
    return undefined;
  }
  const camera = known ?? newCamera(each, draft);
  if (!known) draft.cameras.push(camera);
  fill(camera, row);
  if (known) done.changed++;
  else done.added++;
  done.rows.push({ address, camera: camera.id, name: camera.name });
  return camera;
}

const MODES = ['continuous', 'schedule', 'event', 'manual'] as const;
type AskedMode = (typeof MODES)[number];

function modeOf(each: Numbered): AskedMode {
  const wanted = each.row.mode || 'continuous';
  const mode = MODES.find((known) => known === wanted);
  if (!mode) throw badRow(each, `mode: one of ${MODES.join(', ')}, not ${wanted.slice(0, 40)}`);
  return mode;
}

/** Those that are asked with the same login, together. */
function byLogin(rows: readonly Numbered[]): Numbered[][] {
  const groups = new Map<string, Numbered[]>();
  for (const each of rows) {
    const { username, password } = each.row;
    const key = JSON.stringify([username, password, modeOf(each)]);
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

async function addAsked(
  store: SettingsStore,
  rows: readonly Numbered[],
  addMany: AddMany,
  done: Imported,
): Promise<void> {
  const { username, password } = rows[0]!.row;
  const cameras = rows.map(({ row }) => ({ address: row.onvif, name: row.name || row.id }));
  const { added } = await addMany({
    cameras,
    username,
    password,
    mode: modeOf(rows[0]!),
    groups: [],
    evenIfShort: true,
  });
  await change(store, (draft, told) => {
    for (const [at, { camera: id }] of added.entries()) {
      const camera = draft.cameras.find((each) => each.id === id);
      if (!camera) continue;
      // Where it is and what it sends was found out.
      fill(camera, { ...rows[at]!.row, onvif: '', sub: '' });
      told(rows[at]!, camera);
    }
  });
  done.rows.push(...added);
  done.added += added.filter(({ camera }) => camera !== undefined).length;
}

function newCamera(each: Numbered, draft: SettingsDraft): Draft {
  const { row } = each;
  if (row.main === '') throw badRow(each, 'a new camera needs a main stream or an ONVIF address');
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
  // Words that no mode is are refused by the schema.
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
