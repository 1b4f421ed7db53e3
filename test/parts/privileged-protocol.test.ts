import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { OwnPrivilegedProcess, PrivilegedClient } from '../../firmware/privileged/index.ts';
import { startPrivileged } from '../support/privileged.ts';
import { tempFolder } from '../support/temp-folder.ts';

const skip = process.getuid?.() === 0 ? false : 'the process with the rights of root needs root';
const GONE = { code: 'privileged.unavailable' };

/** Sends bytes as they are and returns what comes back until the connection ends. */
async function say(path: string, ...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.on('error', () => socket.destroy());
  const answer = text(socket).catch(() => '');
  for (const piece of pieces) {
    if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(socket, 'close')]);
  }
  return answer;
}

function codeOf(answer: string): unknown {
  return (JSON.parse(answer) as { error?: { code: string } }).error?.code;
}

/** The same sequence in every run. */
function randomBytes(seed: number, count: number): Buffer {
  let state = seed;
  return Buffer.from(
    Array.from({ length: count }, () => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fff_ffff;
      return (state >> 16) & 0xff;
    }),
  );
}

t.test('garbage, halves and floods are answered with a code and harm nobody', { skip }, async (t) => {
  const { socket, client } = await startPrivileged(t);
  const token = await readFile(`${socket}.token`, 'utf8');
  const whole = JSON.stringify({ token, verb: 'disks.scan', args: {} });
  for (let seed = 1; seed <= 60; seed++) {
    const noise = randomBytes(seed, 1 + seed * 37);
    t.equal(codeOf(await say(socket, noise, '\n')), 'privileged.bad-request', `noise ${seed}`);
    const mutated = Buffer.from(whole);
    const at = seed % mutated.length;
    mutated[at] = mutated[at]! ^ (1 << (seed % 7));
    t.match(codeOf(await say(socket, mutated, '\n')), /^privileged\.(bad-request|not-allowed)$/, `bit ${seed}`);
  }
  t.equal(codeOf(await say(socket, 'x'.repeat(1 << 20))), 'privileged.bad-request', 'a line without end');
  t.equal(codeOf(await say(socket, `${'['.repeat(16_000)}\n`)), 'privileged.bad-request', 'depth');
  t.equal(codeOf(await say(socket, '\n')), 'privileged.bad-request');
  t.equal(codeOf(await say(socket, `${whole.replace('disks.scan', 'constructor')}\n`)), 'privileged.bad-request');
  const pieces = Array.from(`${whole}\nand more that nobody asked for`);
  t.match(JSON.parse(await say(socket, ...pieces)), { result: { disks: Array } }, 'letter by letter');
  t.match(await client.ask('disks.scan', {}), { disks: Array }, 'and still serves');
});

t.test('who is slow or goes away does not keep others waiting', { skip }, async (t) => {
  const { socket, client } = await startPrivileged(t);
  const idle = await Promise.all(
    Array.from({ length: 12 }, async () => {
      const each = connect(socket);
      await once(each, 'connect');
      each.write('{"token":');
      return each;
    }),
  );
  t.match(await client.ask('disks.scan', {}), { disks: Array });
  const answers = await Promise.all(
    idle.map(async (each) => {
      const answer = text(each);
      return codeOf(await answer);
    }),
  );
  t.same([...new Set(answers)], ['privileged.bad-request'], 'given up after some seconds');
  const token = await readFile(`${socket}.token`, 'utf8');
  for (let i = 0; i < 5; i++) {
    const rude = connect(socket);
    await once(rude, 'connect');
    rude.write(`${JSON.stringify({ token, verb: 'disks.scan', args: {} })}\n`);
    rude.destroy();
  }
  t.match(await client.ask('disks.scan', {}), { disks: Array });
});

t.test('only who may read the token is served', { skip }, async (t) => {
  const { socket, restart, client } = await startPrivileged(t, { owner: '1234:1235' });
  const facts = await stat(socket);
  t.match({ mode: facts.mode & 0o777, uid: facts.uid, gid: facts.gid }, { mode: 0o660, uid: 0, gid: 1235 });
  const secret = await stat(`${socket}.token`);
  t.match({ mode: secret.mode & 0o777, uid: secret.uid, gid: secret.gid }, { mode: 0o640, uid: 0, gid: 1235 });
  const request = (token: string): string => `${JSON.stringify({ token, verb: 'disks.scan', args: {} })}\n`;
  const token = await readFile(`${socket}.token`, 'utf8');
  for (const wrong of ['', token.slice(1), `${token}0`, token.toUpperCase()]) {
    t.equal(codeOf(await say(socket, request(wrong))), 'privileged.not-allowed');
  }
  await restart();
  t.equal(codeOf(await say(socket, request(token))), 'privileged.not-allowed', 'each start has its own');
  t.match(await client.ask('disks.scan', {}), { disks: Array }, 'the client finds the new one');
});

t.test('a process that is away, comes back, or is none', { skip }, async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'socket');
  await t.rejects(new PrivilegedClient(path).ask('disks.scan', {}), GONE, 'nobody there');
  await writeFile(`${path}.token`, 'x');
  for (const answer of ['', 'no json\n', '{"result":', 'x'.repeat(9 << 20), 'null\n', '{}']) {
    await rm(path, { force: true });
    const liar = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(answer);
    });
    liar.listen(path);
    await once(liar, 'listening');
    await t.rejects(new PrivilegedClient(path).ask('disks.scan', {}), GONE, answer.slice(0, 20));
    liar.close();
  }
  const { client, restart } = await startPrivileged(t);
  const asked = client.ask('disks.scan', {});
  await asked;
  await restart();
  t.match(await client.ask('disks.scan', {}), { disks: Array });
});

t.test('a box with the rights of root starts it by itself, and it ends with the box', { skip }, async (t) => {
  const root = await tempFolder(t);
  const own = new OwnPrivilegedProcess(root);
  const scans = await Promise.all([own.ask('disks.scan', {}), own.ask('disks.scan', {})]);
  t.same(
    scans.map((scan) => scan.root),
    [root, root],
  );
  await own.stop();
  t.match(await own.ask('disks.scan', {}), { root }, 'and again when it is needed again');
  await own.stop();
});
