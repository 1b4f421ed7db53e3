import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { checkSettings, sealSettings } from '../../../firmware/config/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { WebLab, type Answer } from '../../support/web-lab.ts';

t.setTimeout(240_000);

const CANARY = 'canary-7f3b';

async function withCamera(
  t: Parameters<typeof WebLab.start>[0],
): Promise<{ lab: WebLab; headers: Record<string, string> }> {
  const lab = await WebLab.start(t);
  await lab.claim();
  const headers = await lab.signIn();
  for (const name of ['front', 'yard']) {
    const json = { name, url: `rtsp://192.0.2.1/${name}`, username: 'u', password: CANARY };
    await lab.ask({ path: '/api/cameras/add', json, headers });
  }
  return { lab, headers };
}

t.test('settings are read without secrets and may be sent back as they were read (27, 28)', async (t) => {
  const { lab, headers } = await withCamera(t);
  const shown = await lab.ask({ path: '/api/config/get', headers });
  t.notMatch(shown.text, CANARY);
  const before = lab.store.settings;
  const same = await lab.ask({ path: '/api/config/set', json: { patch: shown.body }, headers });
  t.match(same, { status: 200, body: { changed: [], afterRestart: [] } });
  t.strictSame(lab.store.settings, before, 'a mask stands for what is there');
  const stolen = {
    patch: { cameras: { new: { streams: [{ id: 'main', url: 'rtsp://192.0.2.9/x' }], password: '***' } } },
  };
  t.match(await lab.ask({ path: '/api/config/set', json: stolen, headers }), {
    status: 400,
    body: { code: 'config.invalid' },
  });
});

t.test('a patch changes what it names, all of it or nothing', async (t) => {
  const { lab, headers } = await withCamera(t);
  const set = (patch: unknown) => lab.ask({ path: '/api/config/set', json: { patch }, headers });
  const done = await set({
    site: { timeZone: 'Asia/Shanghai' },
    https: { port: 9443 },
    cameras: { front: { name: 'Gate' } },
  });
  t.match(done.body, { changed: ['cameras[front].name', 'https.port', 'site.timeZone'], afterRestart: ['https.port'] });
  t.equal(lab.store.settings.cameras[0]?.password, CANARY);
  const before = lab.store.settings;
  const wrong = [
    { box: { name: 'New' }, site: { timeZone: 'Mars' } },
    { box: { name: 'New' }, nonsense: 1 },
    { box: { id: '6a6b1a2e-0a1c-4bd7-9a51-111111111111' } },
    { cameras: { front: { streams: [{ id: 'main', url: 'file:///etc/passwd' }] } } },
    { cameras: 'none' },
    { http: { host: '0.0.0.0' } },
    JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) as Record<string, unknown>,
    { site: { timeZone: JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`) as unknown } },
  ];
  for (const patch of wrong) t.equal((await set(patch)).status, 400, JSON.stringify(patch).slice(0, 100));
  t.equal(lab.store.settings, before, 'nothing was changed by any of them');
  t.match((await set({ cameras: { front: null } })).body, { changed: ['cameras[front]'] });
  t.match(lab.store.settings.cameras, [{ id: 'yard' }]);
});

t.test('settings move to another box under a passphrase (26, 28)', async (t) => {
  const { lab, headers } = await withCamera(t);
  const passphrase = 'a long enough phrase';
  const sealed = await lab.ask({ path: '/api/config/export', json: { passphrase }, headers });
  t.equal(sealed.status, 200);
  t.notMatch(sealed.text, new RegExp(`${CANARY}|192\\.0\\.2\\.1`));
  t.equal((await lab.ask({ path: '/api/config/export', json: { passphrase: 'short' }, headers })).status, 400);
  const other = await WebLab.start(t);
  await other.claim();
  const there = await other.signIn();
  const { id } = other.store.settings.box;
  const open = (json: unknown) => other.ask({ path: '/api/config/import', json, headers: there });
  const export_ = sealed.body as Record<string, Record<string, unknown>>;
  const damaged = { ...export_, cipher: { ...export_['cipher'], iv: 'AAAAAAAAAAAAAAAA' } };
  const costly = { ...export_, kdf: { ...export_['kdf'], N: 2 ** 30 } };
  for (const json of [
    { passphrase: 'wrong', sealed: export_ },
    { passphrase, sealed: damaged },
    { passphrase, sealed: costly },
  ]) {
    t.match(await open(json), { status: 400, body: { code: 'config.not-opened' } });
  }
  t.strictSame(other.store.settings.cameras, []);
  t.match(await open({ passphrase, sealed: export_ }), { status: 200, body: { changed: /cameras/ } });
  t.match(other.store.settings, { box: { id }, cameras: [{ id: 'front', password: CANARY }, { id: 'yard' }] });
});

t.test('20. whoever changes settings does not choose where on the machine the box writes', async (t) => {
  const { lab, headers } = await withCamera(t);
  const elsewhere = await tempFolder(t, 'elsewhere');
  const set = (patch: unknown) => lab.ask({ path: '/api/config/set', json: { patch }, headers });
  const before = lab.store.settings.volumes;
  for (const volumes of [
    { evil: { folder: join(elsewhere, 'new') } },
    { disk1: { folder: elsewhere } },
    { disk1: null },
    [{ id: 'disk1', folder: 'audit' }],
  ]) {
    t.match(await set({ volumes }), { status: 400, body: { code: 'config.invalid' } }, JSON.stringify(volumes));
  }
  t.equal(lab.store.settings.volumes, before);
  t.match((await set({ volumes: { disk1: { name: 'Left' } } })).body, { changed: ['volumes[disk1].name'] });
  const passphrase = 'a long enough phrase';
  await symlink('/', join(elsewhere, 'link'));
  await symlink('/', join(lab.folder, 'way-out'));
  const bring = async (folder: string): Promise<Answer> => {
    const volumes = [...lab.store.settings.volumes, { id: 'brought', folder }];
    const sealed = await sealSettings(checkSettings({ ...lab.store.settings, volumes }), passphrase);
    return lab.ask({ path: '/api/config/import', json: { passphrase, sealed }, headers });
  };
  for (const folder of ['/', '/etc', '/usr/share/x', lab.folder, join(elsewhere, 'link/srv'), 'way-out/srv', '.']) {
    t.match(await bring(folder), { status: 400, body: { code: 'disks.bad-folder' } }, folder);
  }
  t.match(lab.store.settings.volumes, [{ id: 'disk1' }]);
  t.equal((await bring(join(elsewhere, 'disk-that-still-comes'))).status, 200);
  t.match(lab.store.settings.volumes, [{ id: 'disk1', name: 'Left' }, { id: 'brought' }]);
});
