/**
 * The process with the rights of root: does the fixed verbs of verbs.ts for the box, and nothing else. Started by systemd
 * (board/ipvs-privileged.service), or by a box that runs as root itself.
 *
 *     main.ts --socket PATH --root FOLDER (--user NAME | --owner UID:GID) [--while-stdin]
 */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { BoxError } from '../base/index.ts';
import { DiskLocks } from './disk-locks.ts';
import type { Owner } from './mounting.ts';
import { PrivilegedServer } from './server.ts';
import { Task } from './task.ts';

process.umask(0o077);
process.chdir('/');
// Nothing that somebody has set reaches the programs that are run.
for (const name of Object.keys(process.env)) delete process.env[name];

const ID_MS = 5000;
const { values } = parseArgs({
  options: {
    socket: { type: 'string' },
    root: { type: 'string' },
    user: { type: 'string' },
    owner: { type: 'string' },
    'while-stdin': { type: 'boolean' },
  },
});

function absolute(name: 'socket' | 'root'): string {
  const path = values[name];
  if (path?.startsWith('/') && !path.split('/').includes('..')) return path;
  throw new BoxError('privileged.bad-request', { fault: `--${name}: must be an absolute path` });
}

/** The user and group that recordings belong to. */
async function ownerOf(): Promise<Owner> {
  const given = /^(\d{1,9}):(\d{1,9})$/.exec(values.owner ?? '');
  if (given) return { uid: Number(given[1]), gid: Number(given[2]) };
  const user = values.user ?? '';
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user)) {
    throw new BoxError('privileged.bad-request', { fault: '--user or --owner: is needed' });
  }
  const task = new Task(ID_MS);
  const [uid, gid] = [await task.must('id', ['-u', user]), await task.must('id', ['-g', user])];
  return { uid: Number(uid), gid: Number(gid) };
}

const socket = absolute('socket');
const server = new PrivilegedServer(socket, { root: absolute('root'), owner: await ownerOf(), locks: new DiskLocks() });
await server.start();
process.stdout.write('ready\n');

function end(): void {
  void server.stop().finally(() => process.exit(0));
}
process.once('SIGTERM', end);
process.once('SIGINT', end);
if (values['while-stdin']) {
  // Started by a box, in a folder of its own: both go when the box has gone.
  process.stdin.resume();
  process.stdin.once('close', () => {
    rmSync(dirname(socket), { recursive: true, force: true });
    process.exit(0);
  });
}
