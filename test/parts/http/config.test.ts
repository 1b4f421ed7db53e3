import t from 'tap';
import { WebLab } from '../../support/web-lab.ts';

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
  ];
  for (const patch of wrong) t.equal((await set(patch)).status, 400, JSON.stringify(patch));
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
