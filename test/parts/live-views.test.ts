import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { ViewBook } from '../../firmware/live/index.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';
import { WebLab } from '../support/web-lab.ts';

const PASSWORD = 'correct horse battery staple';
const GATES = { id: 'a', owner: '', name: 'Gates', places: 4, cameras: ['gate', '', 'yard', ''] };
const NIGHT = { id: 'b', owner: 'mei', name: 'Night', places: 1, cameras: ['gate'] };

t.test('views are kept, replaced by name, and found by another process', async (t) => {
  const folder = await tempFolder(t, 'views');
  const book = await ViewBook.open(folder);
  await Promise.all([book.save(GATES), book.save(NIGHT), book.save({ ...NIGHT, id: 'c', places: 9 })]);
  const again = await ViewBook.open(folder);
  t.strictSame(again.list('mei'), [GATES, { ...NIGHT, id: 'c', places: 9 }]);
  t.strictSame(again.list('lin'), [GATES]);
  t.strictSame(again.list(undefined), [GATES]);
  await t.rejects(again.remove('c', 'lin'), { code: 'views.no-such-view' });
  await again.keepOnly(['lin']);
  t.strictSame((await ViewBook.open(folder)).list('mei'), [GATES]);
  for (let i = 0; i < 49; i++) await again.save({ ...GATES, id: `n${i}`, name: `n${i}` });
  await t.rejects(again.save({ ...GATES, id: 'one more', name: 'one more' }), { code: 'views.too-many' });
});

t.test('a file that cannot be read is not written over', async (t) => {
  const folder = await tempFolder(t, 'views');
  const path = join(folder, 'views.json');
  await writeFile(path, '{"version":1,"views":[{}]}');
  const book = await ViewBook.open(folder);
  t.strictSame(book.list('mei'), []);
  await t.rejects(book.save(GATES), { code: 'views.unreadable', context: { file: path } });
  t.equal(await readFile(path, 'utf8'), '{"version":1,"views":[{}]}');
});

/** A door with two cameras, whose views are kept in a real file. */
async function labOf(t: Teardown): Promise<WebLab> {
  const lab = await WebLab.start(t);
  await lab.claim();
  const stream = { id: 'main', url: 'rtsp://127.0.0.1:9/x', transport: 'tcp', record: true } as const;
  for (const id of ['gate', 'yard']) {
    const camera = { id, name: id, enabled: true, mode: 'continuous', streams: [stream] } as const;
    await lab.box.settings.addCamera({ ...camera, streams: [...camera.streams] }, { username: '', password: '' });
  }
  Object.assign(lab.box, { views: await ViewBook.open(lab.folder) });
  return lab;
}

t.test(
  'everybody has views of their own, and finds those of the box with the cameras that they may watch',
  async (t) => {
    const lab = await labOf(t);
    const admin = await lab.signIn();
    const grants = [{ camera: 'yard', rights: ['live'] }];
    const guard = { user: 'guard', password: PASSWORD, role: 'viewer', cameras: grants };
    t.equal((await lab.ask({ path: '/api/users/add', headers: admin, json: guard })).status, 200);
    const own = await lab.signIn('guard');
    const save = (headers: Record<string, string>, json: unknown): ReturnType<WebLab['ask']> =>
      lab.ask({ path: '/api/views/save', headers, json });
    const list = async (headers: Record<string, string>): Promise<unknown> =>
      (await lab.ask({ path: '/api/views/list', headers })).body['items'];
    const gates = { name: 'Gates', places: 4, cameras: ['gate', 'yard', '', ''], shared: true };
    t.equal((await save(admin, gates)).status, 200);
    t.match(await save(own, { ...gates, cameras: ['yard'] }), { status: 403 }, 'not for everybody');
    t.match(await save(own, { ...gates, shared: false }), { status: 404, body: { code: 'control.no-such-camera' } });
    t.equal((await save(own, { name: 'Mine', places: 1, cameras: ['yard'] })).status, 200);
    t.match(await list(own), [
      { name: 'Gates', cameras: ['', 'yard', '', ''], shared: true },
      { name: 'Mine', cameras: ['yard'], shared: false },
    ]);
    t.match(await list(admin), [{ name: 'Gates', cameras: ['gate', 'yard', '', ''] }]);
    const [shared] = (await list(own)) as { id: string }[];
    const remove = (headers: Record<string, string>): ReturnType<WebLab['ask']> =>
      lab.ask({ path: '/api/views/remove', headers, json: { id: shared!.id } });
    t.equal((await remove(own)).status, 403);
    t.equal((await remove(admin)).status, 200);
    await lab.ask({ path: '/api/users/remove', headers: admin, json: { user: 'guard' } });
    t.notMatch(await readFile(join(lab.folder, 'views.json'), 'utf8'), /guard/);
  },
);

t.test('a screen on a wall keeps its token as a cookie, and only one that looks on', async (t) => {
  const lab = await labOf(t);
  const admin = await lab.signIn();
  const { origin } = admin as { origin: string };
  const begin = (token: string, from = origin): ReturnType<WebLab['ask']> =>
    lab.ask({ path: '/api/session/screen', headers: { origin: from }, json: { token } });
  const made = async (rights: readonly string[]): Promise<{ secret: string; id: string }> => {
    const answer = await lab.ask({ path: '/api/tokens/add', headers: admin, json: { name: 'hall', rights, days: 9 } });
    return answer.body as never;
  };
  const { secret, id } = await made(['live']);
  t.match(await begin(secret, 'https://evil.example'), { status: 403 });
  t.match(await begin('ipvs_unknown'), { body: { code: 'http.no-such-screen' } });
  t.match(await begin((await made(['live', 'record'])).secret), { body: { code: 'http.not-for-screens' } });
  const answer = await begin(secret);
  t.match(answer, { status: 200, body: { signedIn: true, kind: 'token', name: 'hall' } });
  const [cookie = ''] = answer.headers['set-cookie'] ?? [];
  t.match(cookie, /^__Host-ipvs=.*Max-Age=34560000; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  const screen = { cookie: cookie.split(';', 1)[0]!, origin, 'x-csrf-token': String(answer.body['csrf']) };
  t.match(await lab.ask({ path: '/api/users/me', headers: screen }), { body: { kind: 'token', rights: ['live'] } });
  t.equal((await lab.ask({ path: '/api/views/list', headers: screen })).status, 200);
  const view = { name: 'x', places: 1, cameras: [] };
  t.equal((await lab.ask({ path: '/api/views/save', headers: screen, json: view })).status, 403, 'machines keep none');
  t.equal((await lab.ask({ path: '/api/config/get', headers: screen })).status, 403);
  t.equal((await lab.ask({ path: '/api/tokens/revoke', headers: admin, json: { id } })).status, 200);
  t.equal((await lab.ask({ path: '/api/users/me', headers: screen })).status, 401, 'revoked is out at once');
});

t.test('a wall that somebody has laid out is kept as it is, if it has as many tiles as it says', async (t) => {
  const lab = await labOf(t);
  const headers = await lab.signIn();
  const save = (json: unknown): ReturnType<WebLab['ask']> => lab.ask({ path: '/api/views/save', headers, json });
  const layout = { columns: 4, rows: 3, large: 2 };
  const view = { name: 'Desk', places: 9, cameras: ['gate'], layout };
  t.equal((await save(view)).status, 200);
  t.match((await lab.ask({ path: '/api/views/list', headers })).body['items'], [{ name: 'Desk', places: 9, layout }]);
  t.match((await ViewBook.open(lab.folder)).list('admin'), [{ layout }], 'also after a restart');
  for (const wrong of [{ places: 12 }, { layout: { ...layout, large: 4 } }, { layout: { ...layout, columns: 9 } }]) {
    t.match(await save({ ...view, ...wrong }), { status: 400, body: { code: 'control.bad-input' } });
  }
});
