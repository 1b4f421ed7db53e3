/** A disk that hangs or fails when a test says so: memory behind nbdkit and FUSE, on a loop device. Needs root. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LoopDisk, skipWithoutLoopDisks } from './loop-disk.ts';
import { runProgram, skipWithout } from './programs.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';
import { until } from './until.ts';

/** For tap's `skip`: false if such disks can be made here, else why not. */
export async function skipWithoutFaultyDisks(): Promise<string | false> {
  return (await skipWithoutLoopDisks()) || skipWithout('nbdkit', 'nbdfuse', 'fusermount3');
}

export class FaultyDisk {
  /** Where it is mounted. */
  readonly path: string;
  readonly #fuse: ChildProcess;
  readonly #broken: string;
  readonly #disk: LoopDisk;

  private constructor(disk: LoopDisk, fuse: ChildProcess, broken: string) {
    this.path = disk.path;
    this.#disk = disk;
    this.#fuse = fuse;
    this.#broken = broken;
  }

  /** A mounted disk of that size; torn down with the test, frozen or not. */
  static async create(t: Teardown, options: { bytes: number }): Promise<FaultyDisk> {
    const folder = await tempFolder(t, 'faulty-disk');
    const [image, broken] = [join(folder, 'nbd'), join(folder, 'broken')];
    await writeFile(image, '');
    const faults = ['error-pwrite=EIO', 'error-pwrite-rate=1', `error-pwrite-file=${broken}`];
    const nbdkit = ['nbdkit', '--filter=error', 'memory', String(options.bytes), ...faults];
    const fuse = spawn('nbdfuse', [image, '[', ...nbdkit, ']'], { stdio: 'ignore' });
    t.teardown(async () => {
      await runProgram('fusermount3', ['-u', '-z', image]);
      if (fuse.exitCode === null && fuse.signalCode === null) await once(fuse, 'exit');
    });
    await until(async () => (await stat(image)).size === options.bytes);
    const disk = await LoopDisk.create(t, { bytes: options.bytes, image });
    // Runs first of all: nothing can be unmounted from a frozen disk.
    t.teardown(() => fuse.kill('SIGCONT'));
    return new FaultyDisk(disk, fuse, broken);
  }

  /** Every operation hangs, as on a dying disk, until `thaw`. Resolves when the driver has stopped in all its threads. */
  async freeze(): Promise<void> {
    this.#fuse.kill('SIGSTOP');
    await until(() => isStopped(this.#fuse.pid!));
  }

  thaw(): void {
    this.#fuse.kill('SIGCONT');
  }

  /** From now on every write that reaches the medium fails. */
  async breakWrites(): Promise<void> {
    await writeFile(this.#broken, '');
  }

  /** Takes the disk out, although files may be open, and repairs the medium. */
  async unplug(): Promise<void> {
    await this.#disk.unmount({ lazy: true });
    await rm(this.#broken, { force: true });
  }

  /** Checks the file system as an administrator would and mounts it; waits until nobody has the disk open any more. */
  async plugIn(): Promise<void> {
    // 0: nothing was wrong, 1: it was put right (e2fsck(8)); while somebody still has the disk open it is 8 or 12.
    await until(async () => ((await runProgram('e2fsck', ['-f', '-y', this.#disk.device])).code ?? 8) <= 1);
    await this.#disk.mount('noatime', 'errors=remount-ro');
  }
}

async function isStopped(pid: number): Promise<boolean> {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const text = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => 'ended ) T');
    if (text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3) !== 'T') return false;
  }
  return true;
}
