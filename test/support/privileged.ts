/** The process with the rights of root, as systemd would start it, in a folder of the test. Needs root. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { PrivilegedClient } from '../../firmware/privileged/index.ts';
import { runProgram } from './programs.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';

const MAIN = new URL('../../firmware/privileged/main.ts', import.meta.url).pathname;

export interface PrivilegedProcess {
  readonly socket: string;
  /** The folder below which it mounts. */
  readonly root: string;
  readonly client: PrivilegedClient;
  readonly child: ChildProcess;
  /** Starts another one in its place. */
  readonly restart: () => Promise<void>;
}

export async function startPrivileged(t: Teardown, options: { owner?: string } = {}): Promise<PrivilegedProcess> {
  const folder = await tempFolder(t, 'privileged');
  await chmod(folder, 0o755);
  const [socket, root] = [join(folder, 'socket'), join(folder, 'disks')];
  const begin = async (): Promise<ChildProcess> => {
    const args = [MAIN, '--socket', socket, '--root', root, '--owner', options.owner ?? '0:0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  };
  let child = await begin();
  t.teardown(async () => {
    await end(child);
    await unmountBelow(root);
  });
  return {
    socket,
    root,
    client: new PrivilegedClient(socket),
    get child() {
      return child;
    },
    restart: async () => {
      await end(child);
      child = await begin();
    },
  };
}

/** Lets go of everything that is mounted below a folder. */
export async function unmountBelow(root: string): Promise<void> {
  const { stdout } = await runProgram('findmnt', ['--raw', '--noheadings', '--output', 'TARGET']);
  for (const folder of stdout.split('\n')) {
    if (folder.startsWith(`${root}/`)) await runProgram('umount', ['-l', folder]);
  }
}
