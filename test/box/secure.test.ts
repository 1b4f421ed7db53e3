import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { freePorts } from '../support/rtsp-player.ts';
import { Box, cameraAt } from '../support/box.ts';

t.setTimeout(240_000);

const CANARY = 'canary-9e41b7';
/** Nothing listens there. */
const NOBODY = '127.0.0.1:9';
/** Those of the box that hold secrets, for itself alone. */
// A backup of the settings is made before a migration.
const HOLD_SECRETS = /^(?:settings\.json(?:\.last-good|\.version-\d+)?|accounts\.json|tls\.pem|evidence\.pem)$/;

/** The process and all below it. */
async function family(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const below = await Promise.all(
    children
      .trim()
      .split(' ')
      .filter(Boolean)
      .map((child) => family(Number(child))),
  );
  return [pid, ...below.flat()];
}

/** Where these processes listen or wait for datagrams: `tcp 0100007F:1F90`, addresses as the kernel writes them. */
async function listening(pids: readonly number[]): Promise<string[]> {
  const own = new Set<string>();
  for (const pid of pids) {
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const [, inode] = /^socket:\[(\d+)\]$/.exec(link) ?? [];
      if (inode !== undefined) own.add(inode);
    }
  }
  const found: string[] = [];
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6']) {
    const rows = (await readFile(`/proc/net/${protocol}`, 'utf8')).trim().split('\n').slice(1);
    for (const row of rows) {
      const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
      const waits = state === '0A' || !protocol.startsWith('tcp');
      if (own.has(inode) && waits) found.push(`${protocol} ${local}`);
    }
  }
  return found.toSorted();
}

function hex(port: string): string {
  return Number(port).toString(16).toUpperCase().padStart(4, '0');
}

async function filesOf(folder: string): Promise<{ name: string; path: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ name: entry.name, path: join(entry.parentPath, entry.name) }));
}

t.test('2. the box listens where it says, and nowhere else', async (t) => {
  const box = await Box.start(t, { settings: { cameras: [cameraAt('yard', `rtsp://${NOBODY}/`)] } });
  const { port } = new URL(box.url);
  const [, secure = ''] = /^For everybody: https:\/\/\S+:(\d+)$/m.exec(box.output) ?? [];
  const declared = [`tcp 0100007F:${hex(port)}`, `tcp 00000000:${hex(secure)}`].toSorted();
  t.strictSame(await listening(await family(box.pid)), declared);
  await box.stop();

  // On loopback alone, with the port that only leads on: that is what there is then.
  const narrow = await Box.start(t, { settings: { https: { host: '127.0.0.1', redirectPort: Number(port) } } });
  const sockets = await listening(await family(narrow.pid));
  t.equal(sockets.length, 3);
  t.ok(sockets.every((socket) => socket.startsWith('tcp 0100007F:')));
  t.ok(sockets.includes(`tcp 0100007F:${hex(port)}`));
  await narrow.stop();

  // RTSP for players only where somebody wants it, and then at the ports of the settings.
  const [plain, tls, udp] = [await freePorts(), (await freePorts()) + 1, await freePorts()];
  const rtspServer = { enabled: true, port: plain, securePort: tls, udpPort: udp };
  const open = await Box.start(t, { settings: { https: { host: '127.0.0.1' }, rtspServer } });
  const everybody = (await listening(await family(open.pid))).filter((each) => !each.includes('0100007F'));
  const wanted = [`tcp 00000000:${hex(String(plain))}`, `tcp 00000000:${hex(String(tls))}`];
  const datagrams = [udp, udp + 1].map((each) => `udp 00000000:${hex(String(each))}`);
  t.strictSame(everybody, [...wanted, ...datagrams].toSorted());
});

t.test('27, 29. secrets are in the files of the box, for itself alone, and nowhere else', async (t) => {
  const camera = { ...cameraAt('yard', `rtsp://${NOBODY}/`), username: 'ann', password: `${CANARY}-settings` };
  const box = await Box.start(t, { settings: { cameras: [camera] } });
  const outputs: string[] = [];
  const hear = (...more: unknown[]): void => {
    outputs.push(...more.map((each) => (typeof each === 'string' ? each : JSON.stringify(each))));
  };
  const ask = async (operation: string, input: Record<string, unknown> = {}): Promise<unknown> => {
    const answer = await box.call(operation, input).catch((error: Error) => ({ refused: String(error.cause) }));
    hear(answer);
    return answer;
  };
  const add = ['cameras', 'add', 'Door', `rtsp://ann:${CANARY}-url@${NOBODY}/d?token=${CANARY}-query`];
  const { stdout, stderr } = await box.cli(add);
  hear(stdout, stderr);
  t.match(stdout, /Added/);
  await ask('cameras.add', { name: 'Gate', url: `rtsp://${NOBODY}/g`, username: 'ann', password: `${CANARY}-add` });
  await ask('cameras.add', {
    name: 'Gate',
    url: `rtsp://ann:${CANARY}-twice@${NOBODY}/g`,
    password: `${CANARY}-twice`,
  });
  await ask('cameras.test', { url: `rtsp://${NOBODY}/g`, username: 'ann', password: `${CANARY}-test`, seconds: 2 });
  await ask('users.add', { user: 'admin', password: `${CANARY}-password`, role: 'administrator' });
  await ask('users.add', { user: 'admin', password: `${CANARY}-password`, role: 'administrator' });
  const webhook = { id: 'ops', url: `https://u:${CANARY}-hook@127.0.0.1:9/in?key=${CANARY}-key` };
  await ask('notices.webhook.add', { ...webhook, secret: `${CANARY}-webhook-secret` });
  await ask('notices.webhook.add', { ...webhook, url: 'https://127.0.0.1:9/in', secret: `${CANARY}-webhook-secret` });
  const keyInPath = { id: 'chat', secret: `${CANARY}-webhook-secret`, url: `https://127.0.0.1:9/${CANARY}-path/x` };
  await ask('notices.webhook.add', keyInPath);
  const patched = { chat: { url: `https://127.0.0.1:9/${CANARY}-patched` } };
  await ask('config.set', { patch: { notices: { webhooks: patched } } });
  await ask('notices.webhook.add', { ...keyInPath, id: 'typed', url: `hooks.example.com/${CANARY}-typed-path` });
  await ask('cameras.add-many', { cameras: [{ address: `rtsp://ann:${CANARY}-found@${NOBODY}/f` }] });
  const mail = { host: '127.0.0.1', port: 9, username: 'u', password: `${CANARY}-mail` };
  await ask('notices.email.set', { ...mail, from: 'box@a.example', to: ['me@a.example'] });
  await ask('notices.test', { channel: 'email' });
  const { sealed } = { sealed: await ask('config.export', { passphrase: `${CANARY}-passphrase` }) };
  await ask('config.import', { passphrase: `${CANARY}-wrong-one`, sealed });
  const made = (await box.call('tokens.add', { name: 'watch', rights: ['state'], days: 1 })) as { secret: string };
  const headers = { authorization: `Bearer ${made.secret}` };
  hear(await (await fetch(`${box.url}/metrics`, { headers })).text());
  const signIn = { name: `${CANARY}-typed-here`, password: `${CANARY}-typed` };
  const posted = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(signIn) };
  hear(await (await fetch(`${box.url}/api/session`, posted)).text());
  for (const operation of ['box.status', 'config.get', 'cameras.list', 'users.list', 'tokens.list', 'notices.list'])
    await ask(operation);
  await ask('log.list', { limit: 500 });
  t.match(outputs.join('\n'), /Door/);

  for (const pid of await family(box.pid)) {
    for (const file of ['cmdline', 'environ']) hear(await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => ''));
  }
  t.equal(await box.stop(), 0);
  hear(box.output);
  const files = await filesOf(box.data);
  const forAll: string[] = [];
  let held = 0;
  for (const { name, path } of files) {
    const about = await stat(path);
    const isFolder = about.isDirectory();
    // Footage has its own rules: disks go from box to box.
    if (!path.startsWith(join(box.data, 'recordings')) && (about.mode & 0o077) !== 0) forAll.push(path);
    if (isFolder) continue;
    const text = await readFile(path, 'latin1');
    if (HOLD_SECRETS.test(name)) held += Number(text.includes(CANARY));
    else hear(text);
    if (name === 'accounts.json') t.notMatch(text, new RegExp(CANARY), 'what people type is kept as a hash');
  }
  t.strictSame(forAll, [], '29.');
  t.ok(held > 0, 'the settings do hold them');
  const told = outputs.flatMap((text) => text.match(new RegExp(`.{0,60}${CANARY}.{0,30}`, 'g')) ?? []);
  t.strictSame(told, [], '27.');
  t.notMatch(outputs.join('\n'), made.secret, '28.');
});
