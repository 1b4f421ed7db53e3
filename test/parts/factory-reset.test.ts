import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import { SettingsStore } from '../../firmware/config/index.ts';
import { openVolumeFolder } from '../../firmware/storage/index.ts';
import { carryOutReset, orderReset, takeResetDone } from '../../firmware/supervisor/factory-reset.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';

const CANARY = 'canary-secret-7f3a';
const FILM = join('video', 'gate', 'main', '2026-05-31', '080000-1.mp4');

/** A data folder as a box leaves it, with a volume within and one without. */
async function usedBox(t: Teardown) {
  const base = await tempFolder(t, 'reset');
  const data = join(base, 'data');
  const store = await SettingsStore.open(data);
  const outside = join(base, 'disk');
  await store.update((draft) => {
    draft.box.name = 'Depot';
    draft.volumes.push({ ...structuredClone(draft.volumes[0]!), id: 'outside', folder: outside });
    draft.cameras.push({
      ...({ id: 'gate', username: 'admin', password: CANARY } as (typeof draft.cameras)[number]),
      streams: [{ id: 'main', url: 'rtsp://192.0.2.1/a' } as (typeof draft.cameras)[number]['streams'][number]],
    });
  });
  const folders = store.settings.volumes.map((volume) => store.volumeFolder(volume));
  for (const folder of folders) {
    const box = store.settings.box.id;
    const opened = await openVolumeFolder(folder, { box, adoptEmpty: true, deadlineMs: 60_000, clock: systemClock });
    await opened.close();
    await mkdir(join(folder, FILM, '..'), { recursive: true });
    await writeFile(join(folder, FILM), 'film');
  }
  for (const name of [
    'accounts.json',
    'tls.pem',
    'claim-code',
    'catalogue.db',
    'catalogue.db-wal',
    'known-volumes.json',
  ]) {
    await writeFile(join(data, name), name.startsWith('known') ? '{}' : CANARY);
  }
  await mkdir(join(data, 'log'));
  await writeFile(join(data, 'log', '1.jsonl'), CANARY);
  return { data, store, folders, outside, films: folders.map((folder) => join(folder, FILM)) };
}

async function holdsSecret(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const texts = await Promise.all(files.map(async (file) => [file, await readFile(file, 'utf8')] as const));
  return texts.filter(([file, text]) => !file.includes('catalogue.db') && text.includes(CANARY)).map(([file]) => file);
}

t.test('47. without an order nothing happens', async (t) => {
  const { data, films } = await usedBox(t);
  t.equal(await carryOutReset(data), false);
  t.ok(existsSync(join(data, 'accounts.json')) && films.every((film) => existsSync(film)));
  t.equal(await takeResetDone(data), undefined);
});

t.test('47. secrets go, recordings stay, and are still those of this box', async (t) => {
  const { data, store, films } = await usedBox(t);
  await orderReset(store, 'keep', 'owner');
  t.ok(existsSync(join(data, 'accounts.json')), 'it waits until nobody has files open');
  t.ok(await carryOutReset(data));
  t.same(await holdsSecret(data), []);
  for (const name of ['accounts.json', 'tls.pem', 'claim-code', 'log']) t.notOk(existsSync(join(data, name)), name);
  t.ok(existsSync(join(data, 'known-volumes.json')), 'a bare mount point is still known for one (S1)');
  t.ok(films.every((film) => existsSync(film)));
  const { settings } = await SettingsStore.open(data);
  t.same(settings.cameras, []);
  t.equal(settings.box.id, store.settings.box.id);
  t.not(settings.box.name, 'Depot');
  t.same(settings.volumes, store.settings.volumes);
  t.match(await takeResetDone(data), { recordings: 'keep', by: 'owner', notErased: [] });
  t.equal(await takeResetDone(data), undefined, 'told once');
});

t.test('47. recordings are erased where that was said: on the volumes of this box, and nothing else', async (t) => {
  const { data, store, folders, outside, films } = await usedBox(t);
  const bystander = join(data, '..', 'letters');
  await mkdir(bystander);
  await writeFile(join(bystander, 'letter'), 'dear');
  await symlink(bystander, join(folders[0]!, 'video', 'gate', 'link'));
  await writeFile(join(outside, 'notes.txt'), 'not ours');
  await store.update((draft) => {
    draft.volumes.push({ ...draft.volumes[0]!, id: 'away', folder: join(data, '..', 'away') });
    draft.volumes.push({ ...draft.volumes[0]!, id: 'theirs', folder: join(data, '..', 'theirs') });
  });
  const theirs = join(data, '..', 'theirs');
  const of = { box: 'a2a1f0f6-0c2c-4d0a-8a6c-000000000001', adoptEmpty: true, deadlineMs: 60_000, clock: systemClock };
  await (await openVolumeFolder(theirs, of)).close();
  await mkdir(join(theirs, 'video'));
  await orderReset(store, 'erase', 'local');
  t.ok(await carryOutReset(data));
  t.ok(films.every((film) => !existsSync(film)));
  t.same(await readdir(outside), ['notes.txt']);
  t.same(await readdir(bystander), ['letter'], 'links are not followed');
  t.same((await readdir(theirs)).toSorted(), ['ipvs-volume.json', 'video']);
  t.match((await takeResetDone(data))?.notErased, [
    { volume: 'away', why: 'storage.not-mounted' },
    { volume: 'theirs', why: 'storage.not-ours' },
  ]);
  t.same(await holdsSecret(data), []);
  t.not((await SettingsStore.open(data)).settings.box.id, store.settings.box.id, 'it is another box now');
});

t.test('47. cut off anywhere, it is finished by the next start', async (t) => {
  for (const recordings of ['keep', 'erase'] as const) {
    const { data, store, films, folders } = await usedBox(t);
    await orderReset(store, recordings, 'local');
    const order = await readFile(join(data, 'factory-reset.json'));
    // As far as one may have come, and the settings of the new box are written already.
    await rm(join(data, 'settings.json'));
    await rm(join(data, 'accounts.json'));
    if (recordings === 'erase') await rm(join(folders[0]!, 'video'), { recursive: true });
    await SettingsStore.open(data);
    t.ok(await carryOutReset(data));
    const after = await SettingsStore.open(data);
    // The order was still there when the power went.
    await writeFile(join(data, 'factory-reset.json'), order);
    t.ok(await carryOutReset(data));
    t.same(await holdsSecret(data), []);
    t.equal(
      films.some((film) => existsSync(film)),
      recordings === 'keep',
    );
    const { settings } = await SettingsStore.open(data);
    t.same(settings.volumes, recordings === 'keep' ? store.settings.volumes : after.settings.volumes);
    t.same(settings.cameras, []);
  }
});
