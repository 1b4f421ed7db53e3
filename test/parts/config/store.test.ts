import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { BoxError } from '../../../firmware/base/index.ts';
import { checkSettings, SettingsStore, type Migration } from '../../../firmware/config/index.ts';

const read = async (folder: string, name = 'settings.json') => JSON.parse(await readFile(join(folder, name), 'utf8'));
const write = (folder: string, content: unknown, name = 'settings.json') =>
  writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

async function refusal(work: Promise<unknown>): Promise<BoxError> {
  const error: unknown = await work.then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  if (error instanceof BoxError) return error;
  throw error;
}

t.test('the first start makes an identity and files for the owner alone', async (t) => {
  const folder = join(t.testdir(), 'new', 'data');
  const store = await SettingsStore.open(folder);
  const { id } = store.settings.box;
  t.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  t.strictSame((await readdir(folder)).sort(), ['settings.json', 'settings.json.last-good']);
  for (const name of await readdir(folder)) t.equal((await stat(join(folder, name))).mode & 0o777, 0o600);
  t.equal((await stat(folder)).mode & 0o777, 0o700);
  t.equal(store.volumeFolder(store.settings.volumes[0]!), join(folder, 'recordings'));
  t.equal(store.fault, undefined);
  t.equal((await SettingsStore.open(folder)).settings.box.id, id, 'the second start keeps it');
});

t.test('an update is on disk before it is in force', async (t) => {
  const folder = t.testdir();
  const store = await SettingsStore.open(folder);
  const heard: string[] = [];
  const stopListening = store.listen((now, before) => heard.push(`${before.http.port} ${now.http.port}`));
  const settings = await store.update((draft) => {
    draft.http.port = 81;
  });
  t.equal(settings, store.settings);
  t.equal((await read(folder)).http.port, 81);
  t.strictSame(await read(folder), await read(folder, 'settings.json.last-good'));
  await store.update(() => {});
  stopListening();
  await store.update((draft) => {
    draft.http.port = 82;
  });
  t.strictSame(heard, ['8080 81'], 'neither idle updates nor ended listeners hear');
  t.throws(() => {
    (store.settings as { http: { port: number } }).http.port = 1;
  }, TypeError);
});

t.test('updates that come together all count', async (t) => {
  const store = await SettingsStore.open(t.testdir());
  const updates = Array.from({ length: 20 }, () =>
    store.update((draft) => {
      draft.cameras = [...draft.cameras, ...oneCamera(`c${draft.cameras.length}`)];
    }),
  );
  await Promise.all(updates);
  t.equal(store.settings.cameras.length, 20);
});

t.test('a bad update changes nothing and does not stop the next', async (t) => {
  const folder = t.testdir();
  const store = await SettingsStore.open(folder);
  const before = await readFile(join(folder, 'settings.json'), 'utf8');
  const bad = store.update((draft) => {
    draft.http.port = -1;
  });
  const thrown = store.update(() => {
    throw new TypeError('from the caller');
  });
  const unknown = store.update((draft) => {
    Object.assign(draft.http, { prot: 1 });
  });
  t.equal((await refusal(bad)).code, 'config.invalid');
  await t.rejects(thrown, TypeError);
  t.equal((await refusal(unknown)).context.path, 'http.prot');
  t.equal(await readFile(join(folder, 'settings.json'), 'utf8'), before);
  t.equal(store.settings.http.port, 8080);
  await store.update((draft) => {
    draft.http.port = 90;
  });
  t.equal((await read(folder)).http.port, 90);
});

t.test('a listener that throws is reported, the update stands and others hear of it', async (t) => {
  const store = await SettingsStore.open(t.testdir());
  let heard = 0;
  store.listen(() => {
    throw new Error('broken listener');
  });
  store.listen(() => heard++);
  const error = await refusal(
    store.update((draft) => {
      draft.http.port = 83;
    }),
  );
  t.strictSame(
    [error.code, error.context.reason, heard, store.settings.http.port],
    ['box.bug', 'broken listener', 1, 83],
  );
});

t.test('a broken file gives way to the last good one and is kept', async (t) => {
  const broken: [string, unknown, string][] = [
    ['torn', '{"version":1,"box":{"na', 'config.unreadable'],
    ['emptied by a power cut', '', 'config.unreadable'],
    ['zeroes', '\0'.repeat(512), 'config.unreadable'],
    ['a list', [], 'config.unreadable'],
    ['a bad value', { http: { port: 'canary' } }, 'config.invalid'],
    ['an unknown name', { htpt: {} }, 'config.unknown-key'],
    ['a version of the future', { version: 99 }, 'config.invalid'],
  ];
  for (const [what, content, code] of broken) {
    const folder = t.testdir();
    const { settings } = await SettingsStore.open(folder);
    await write(folder, content);
    const looked = await SettingsStore.open(folder, { readOnly: true });
    t.strictSame([looked.settings.box.id, looked.fault?.code], [settings.box.id, code], `${what}, looked at`);
    t.equal((await readdir(folder)).length, 2, 'looking changes nothing');
    const store = await SettingsStore.open(folder);
    t.strictSame(store.settings, settings, what);
    t.equal(store.fault?.code, code);
    const keptAs = String(store.fault?.context.keptAs);
    t.match(keptAs, /^settings\.json\.broken-/);
    t.equal(
      await readFile(join(folder, keptAs), 'utf8'),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    t.notMatch(JSON.stringify(store.fault), /canary/);
    t.equal((await SettingsStore.open(folder)).fault, undefined, 'the next start is a good one');
  }
});

t.test('a lost file gives way to the last good one', async (t) => {
  const folder = t.testdir();
  await SettingsStore.open(folder);
  const lastGood = await readFile(join(folder, 'settings.json.last-good'), 'utf8');
  const other = t.testdir({ 'settings.json.last-good': lastGood });
  const store = await SettingsStore.open(other);
  t.equal(store.fault?.code, 'config.unreadable');
  t.equal(await readFile(join(other, 'settings.json'), 'utf8'), lastGood);
});

t.test('without a last good one a broken file is an error and stays where it is', async (t) => {
  for (const lastGood of [undefined, '{']) {
    const folder = t.testdir({ 'settings.json': '{"http":' });
    if (lastGood) await write(folder, lastGood, 'settings.json.last-good');
    const error = await refusal(SettingsStore.open(folder));
    t.strictSame([error.code, error.context.file], ['config.unreadable', join(folder, 'settings.json')]);
    t.equal(await readFile(join(folder, 'settings.json'), 'utf8'), '{"http":');
  }
});

t.test('only a few broken files are kept', async (t) => {
  const folder = t.testdir();
  await SettingsStore.open(folder);
  for (let n = 0; n < 8; n++) await write(folder, `{${n}`, `settings.json.broken-2020010${n}T000000.000Z`);
  await write(folder, '{');
  await SettingsStore.open(folder);
  const kept = (await readdir(folder)).filter((name) => name.includes('broken')).sort();
  t.equal(kept.length, 5);
  t.equal(kept[0], 'settings.json.broken-20200104T000000.000Z');
});

t.test('leftovers of a crash in the middle of a write do no harm', async (t) => {
  const folder = t.testdir();
  const { settings } = await SettingsStore.open(folder);
  await write(folder, '{"version":1,"http":{"port":6', 'settings.json.tmp');
  await write(folder, '{"version":1,"ht', 'settings.json.last-good.tmp');
  await chmod(join(folder, 'settings.json.tmp'), 0o644);
  const store = await SettingsStore.open(folder);
  t.strictSame([store.settings, store.fault], [settings, undefined]);
  await store.update((draft) => {
    draft.http.port = 84;
  });
  t.strictSame((await readdir(folder)).sort(), ['settings.json', 'settings.json.last-good']);
  t.equal((await stat(join(folder, 'settings.json'))).mode & 0o777, 0o600, 'the leftover was not reused');

  // A crash between the two files: the companion is ahead, settings.json counts.
  await write(folder, { ...(await read(folder)), http: { port: 85, host: '127.0.0.1' } }, 'settings.json.last-good');
  t.equal((await SettingsStore.open(folder)).settings.http.port, 84);
  t.equal((await read(folder, 'settings.json.last-good')).http.port, 84);
});

t.test('an edit by hand is taken, completed, and becomes the last good one', async (t) => {
  const folder = t.testdir({ 'settings.json': '{ "box": { "name": "Laden" } }' });
  const store = await SettingsStore.open(folder);
  t.equal(store.fault, undefined);
  t.match(await read(folder), { version: 2, box: { name: 'Laden', id: store.settings.box.id }, http: { port: 8080 } });
  t.strictSame(await read(folder), await read(folder, 'settings.json.last-good'));
});

t.test('opened for reading, nothing is made or changed', async (t) => {
  const folder = t.testdir();
  const store = await SettingsStore.open(folder, { readOnly: true });
  t.strictSame(await readdir(folder), []);
  t.equal((await refusal(store.update((draft) => void (draft.http.port = 1)))).code, 'config.not-written');
  t.equal((await SettingsStore.open(join(folder, 'nowhere'), { readOnly: true })).settings.http.port, 8080);
});

t.test('migrations go one version at a time and back up first', async (t) => {
  const seen: string[] = [];
  const migrations: Migration[] = [
    {
      to: 2,
      migrate(document) {
        seen.push(`2 from ${String(document.version)}`);
        const { web, ...rest } = document;
        return { ...rest, http: web };
      },
    },
    {
      to: 3,
      migrate(document) {
        seen.push(`3 from ${String(document.version)}`);
        (document.http as { port: number }).port += 1;
        return document;
      },
    },
  ];
  const old = { version: 1, web: { port: 90 } };
  const folder = t.testdir({ 'settings.json': JSON.stringify(old) });
  t.equal((await SettingsStore.open(folder, { migrations, readOnly: true })).settings.http.port, 91);
  t.strictSame(await readdir(folder), ['settings.json'], 'a look migrates in memory only');
  seen.length = 0;
  const store = await SettingsStore.open(folder, { migrations });
  t.strictSame(seen, ['2 from 1', '3 from 2']);
  t.equal(store.settings.http.port, 91);
  t.match(await read(folder), { version: 3, http: { port: 91 } });
  t.strictSame(await read(folder, 'settings.json.version-1'), old);
  t.equal((await SettingsStore.open(folder, { migrations })).settings.http.port, 91, 'only once');

  await write(folder, { version: 2, http: { port: 70 } });
  t.equal((await SettingsStore.open(folder, { migrations })).settings.http.port, 71, 'from the middle');
});

t.test('a failing migration leaves the file as it was', async (t) => {
  const migrations: Migration[] = [
    {
      to: 2,
      migrate(document) {
        document.http = 'spoilt';
        throw new TypeError('no way');
      },
    },
  ];
  const text = '{"version":1,"http":{"port":90}}';
  const folder = t.testdir({ 'settings.json': text });
  const error = await refusal(SettingsStore.open(folder, { migrations }));
  t.strictSame([error.code, error.context.reason], ['config.invalid', 'cannot become version 2']);
  t.equal(await readFile(join(folder, 'settings.json'), 'utf8'), text);
});

t.test('a folder that cannot be written is an error with a code', async (t) => {
  const folder = t.testdir({ file: '' });
  t.equal((await refusal(SettingsStore.open(join(folder, 'file')))).code, 'config.not-written');
  const data = join(folder, 'data');
  const store = await SettingsStore.open(data);
  const { rename } = await import('node:fs/promises');
  await rename(data, join(folder, 'moved'));
  const update = store.update((draft) => {
    draft.http.port = 86;
  });
  t.equal((await refusal(update)).code, 'config.not-written');
  t.equal(store.settings.http.port, 8080, 'the old settings stay in force');
});

function oneCamera(id: string) {
  return checkSettings({ cameras: [{ id, streams: [{ id: 'main', url: 'rtsp://10.0.0.1/' }] }] }).cameras;
}
