/**
 * A disk that can lose its power or hang: an nbdkit plug-in with a volatile write cache (volatile-disk.py), made a file by
 * nbdfuse and a block device by losetup. It shows what a disk had truly stored, not what the kernel had handed to it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FileSystem, isAlive, makeFileSystem, releaseMount, skipWithoutLoopDisks } from './loop-disk.ts';
import { findProgram, mustRun, runProgram } from './programs.ts';
import type { Teardown } from './temp-folder.ts';

const PREFIX = 'box-volatile-';
const PLUGIN = new URL('volatile-disk.py', import.meta.url).pathname;
const START_LIMIT_MS = 60_000;

/** For tap's `skip`: false if such disks can be made here, else why not. */
export async function skipWithoutVolatileDisks(): Promise<string | false> {
  const why = await skipWithoutLoopDisks();
  if (why) return why;
  for (const name of ['nbdkit', 'nbdfuse', 'fusermount3'])
    if (!(await findProgram(name))) return `${name} is not installed`;
  if (!(await exists('/dev/fuse'))) return 'there is no /dev/fuse';
  const { code } = await runProgram('nbdkit', ['--dump-plugin', 'python']);
  return code === 0 ? false : 'nbdkit-plugin-python is not installed';
}

export class VolatileDisk {
  readonly folder: string;
  /** Where it is mounted. */
  readonly path: string;
  readonly image: string;
  device = '';
  #nbdkit: ChildProcess | undefined;
  #nbdfuse: ChildProcess | undefined;
  #mounted = false;

  private constructor(folder: string) {
    this.folder = folder;
    this.path = join(folder, 'mount');
    this.image = join(folder, 'image');
  }

  /** A mounted disk of that size; torn down with the test, and by the next run if this one is killed. */
  static async create(t: Teardown, options: { bytes: number; fileSystem?: FileSystem }): Promise<VolatileDisk> {
    await removeLeftVolatileDisks();
    const disk = new VolatileDisk(await mkdtemp(join(tmpdir(), PREFIX)));
    t.teardown(() => disk.remove());
    await mkdir(disk.path);
    const handle = await open(disk.image, 'w');
    await handle.truncate(options.bytes);
    await handle.close();
    await makeFileSystem(options.fileSystem ?? 'ext4', disk.image);
    await disk.powerOn();
    return disk;
  }

  /** Starts the disk on its image and mounts it; after `cut`, this is the next start of the machine. */
  async powerOn(): Promise<void> {
    const exported = join(this.folder, 'export');
    await mkdir(exported, { recursive: true });
    await rm(this.#socket, { force: true });
    await rm(this.#control, { force: true });
    const script = ['python', PLUGIN, `image=${this.image}`, `control=${this.#control}`];
    // After a cut every request is an error that nbdkit tells at length: to a file, not into the test's output.
    const log = await open(join(this.folder, 'log'), 'a');
    const stdio: ['ignore', 'ignore', number] = ['ignore', 'ignore', log.fd];
    this.#nbdkit = spawn('nbdkit', ['-f', '-U', this.#socket, ...script], { stdio });
    await this.#waitFor(this.#control, this.#nbdkit);
    await this.#waitFor(this.#socket, this.#nbdkit);
    this.#nbdfuse = spawn('nbdfuse', [exported, `nbd+unix:///?socket=${this.#socket}`], { stdio });
    await log.close();
    await this.#waitFor(join(exported, 'nbd'), this.#nbdfuse);
    const pids = [process.pid, this.#nbdkit.pid, this.#nbdfuse.pid];
    await writeFile(join(this.folder, 'owner'), pids.join(' '));
    this.device = await mustRun('losetup', ['-f', '--show', join(exported, 'nbd')]);
    await writeFile(join(this.folder, 'device'), this.device);
    await mustRun('mount', [this.device, this.path]);
    this.#mounted = true;
  }

  /**
   * Cuts the power: of what was not flushed, a random part reaches the image, the rest is lost, and all further requests
   * fail. Then the disk is taken apart; `powerOn` brings it back with what it had stored.
   */
  async cut(seed: number): Promise<{ keptSectors: number; lostSectors: number }> {
    const [, kept, lost] = (await this.#command(`cut ${seed}`)).split(' ');
    await this.#takeApart();
    return { keptSectors: Number(kept), lostSectors: Number(lost) };
  }

  /** Sectors that a power cut could lose now, and how often the disk was told to flush. */
  async pending(): Promise<{ sectors: number; flushes: number }> {
    const [, sectors, flushes] = (await this.#command('stat')).split(' ');
    return { sectors: Number(sectors), flushes: Number(flushes) };
  }

  /** From now on every request to the disk waits, as with a dying disk or a stuck cable, until `resume`. */
  hang(): void {
    this.#nbdkit?.kill('SIGSTOP');
  }

  resume(): void {
    this.#nbdkit?.kill('SIGCONT');
  }

  async remove(): Promise<void> {
    this.resume();
    await this.#takeApart();
    await rm(this.folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.folder, 'nbd.sock');
  }

  get #control(): string {
    return join(this.folder, 'control.sock');
  }

  async #takeApart(): Promise<void> {
    if (this.#mounted) await releaseMount(this.path);
    this.#mounted = false;
    if (this.device) await runProgram('losetup', ['-d', this.device]);
    this.device = '';
    await runProgram('fusermount3', ['-u', '-z', join(this.folder, 'export')]);
    await endChild(this.#nbdfuse);
    await endChild(this.#nbdkit);
    this.#nbdfuse = undefined;
    this.#nbdkit = undefined;
  }

  async #waitFor(file: string, child: ChildProcess): Promise<void> {
    const limit = performance.now() + START_LIMIT_MS;
    while (!(await exists(file))) {
      if (child.exitCode !== null || performance.now() > limit) {
        throw new Error(`${child.spawnfile} did not start: ${await readFile(join(this.folder, 'log'), 'utf8')}`);
      }
      await sleep(10);
    }
  }

  async #command(line: string): Promise<string> {
    const socket = connect(this.#control);
    await once(socket, 'connect');
    socket.write(line + '\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return answer.toString().trim();
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

async function endChild(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exited;
  clearTimeout(kill);
}

/** Takes away what test processes that were killed have left: mounts, loop devices, servers, images. */
export async function removeLeftVolatileDisks(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const owner = await readFile(join(folder, 'owner'), 'utf8').catch(() => '');
    const [testPid, ...servers] = owner.split(' ').map(Number);
    if (!testPid || isAlive(testPid)) continue;
    const own = await Promise.all(servers.map(async (pid) => ((await isServerOf(pid, folder)) ? [pid] : [])));
    for (const pid of own.flat()) process.kill(pid, 'SIGCONT');
    await releaseMount(join(folder, 'mount'));
    await detachLeftDevice(folder);
    await runProgram('fusermount3', ['-u', '-z', join(folder, 'export')]);
    for (const pid of own.flat()) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The loop device of a disk whose test is gone. Its number may have been given to somebody else since: it is ours while
 * its file is ours, and nobody's once the file system below it is gone (the path is then cut to its last part).
 */
async function detachLeftDevice(folder: string): Promise<void> {
  const device = await readFile(join(folder, 'device'), 'utf8').catch(() => '');
  if (device === '') return;
  const backing = await readFile(`/sys/block/${basename(device)}/loop/backing_file`, 'utf8').catch(() => '');
  if ([join(folder, 'export', 'nbd'), '/nbd'].includes(backing.trim())) await runProgram('losetup', ['-d', device]);
}

/** Process numbers are reused: only a process that has our folder in its command line is ours. */
async function isServerOf(pid: number, folder: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return commandLine.includes(folder);
}
