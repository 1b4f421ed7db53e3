/** A disk as it comes out of its box: a sparse file on a loop device, with nothing on it. Needs root. */
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { removeLeftDisks } from './loop-disk.ts';
import { mustRun, runProgram } from './programs.ts';
import type { Teardown } from './temp-folder.ts';

export class RawDisk {
  readonly image: string;
  /** /dev/loop3 */
  device: string;

  private constructor(image: string, device: string) {
    this.image = image;
    this.device = device;
  }

  /** Unmounted wherever it is mounted, and taken away, when the test ends; by the next run if this one is killed. */
  static async create(t: Teardown, options: { bytes: number; image?: string }): Promise<RawDisk> {
    await removeLeftDisks();
    const folder = await mkdtemp(join(tmpdir(), 'box-disk-'));
    await writeFile(join(folder, 'owner'), String(process.pid));
    const image = options.image ?? join(folder, 'image');
    if (options.image === undefined) {
      await using handle = await open(image, 'w');
      await handle.truncate(options.bytes);
    }
    const disk = new RawDisk(image, await mustRun('losetup', ['-f', '--show', image]));
    t.teardown(async () => {
      await disk.unplug();
      await rm(folder, { recursive: true, force: true });
    });
    return disk;
  }

  /** loop3 */
  get name(): string {
    return basename(this.device);
  }

  /** Takes the device away, whatever is mounted of it. */
  async unplug(): Promise<void> {
    if (this.device === '') return;
    for (let tries = 0; tries < 5; tries++) {
      const { code } = await runProgram('umount', ['-l', this.device]);
      if (code !== 0) break;
    }
    await runProgram('losetup', ['-d', this.device]);
    this.device = '';
  }

  /** Plugs it in again, maybe under another name. */
  async plugIn(): Promise<void> {
    this.device = await mustRun('losetup', ['-f', '--show', this.image]);
  }
}
