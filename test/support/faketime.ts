/** Child processes that believe in another time, by libfaketime (Debian package faketime). */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDERS = ['/usr/lib/x86_64-linux-gnu/faketime', '/usr/lib/aarch64-linux-gnu/faketime'];

/** The library to preload, or undefined if it is not installed. */
async function library(): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const names = await readdir(folder).catch(() => [] as string[]);
    // Node has threads, so the variant for programs with threads is the one to take.
    const name = ['libfaketimeMT.so.1', 'libfaketime.so.1'].find((candidate) => names.includes(candidate));
    if (name) return join(folder, name);
  }
  return undefined;
}

/** For tap's `skip`. */
export async function skipWithoutFaketime(): Promise<string | false> {
  return (await library()) ? false : 'faketime is not installed';
}

/** The wall clock of a child process, in the test's hand; its monotonic clock stays right. */
export class FakeClock {
  readonly #file: string;

  /** `file` is where the clock's setting is kept: somewhere in the test's own folder. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Environment for the child, on top of that of this process. Call `set` before the child starts. */
  async environment(): Promise<NodeJS.ProcessEnv> {
    const preload = await library();
    if (!preload) throw new Error('faketime is not installed');
    return {
      ...process.env,
      LD_PRELOAD: preload,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      // Read the file at each call, so that a step is seen at once; only the wall clock is faked.
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_RESET: '1',
      TZ: 'UTC',
    };
  }

  /** Wall clock = true time + offset, from now on; a running child sees a step. */
  async set(offsetS: number): Promise<void> {
    await writeFile(this.#file, `${offsetS >= 0 ? '+' : ''}${offsetS}\n`);
  }

  async offsetS(): Promise<number> {
    return Number((await readFile(this.#file, 'utf8')).trim());
  }
}
