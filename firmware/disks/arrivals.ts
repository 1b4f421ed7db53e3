import { access, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { asBoxError, firstPromise, type BoxError, type Clock, type Part } from '../base/index.ts';
import { parseMounts, UUID, withDescendants, type Privileged } from '../privileged/index.ts';
import type { PoolVolume } from './pool-ports.ts';

export interface ArrivalsDeps {
  readonly privileged: Privileged;
  volumes(): readonly PoolVolume[];
  /** File systems whose removal an earlier process did not finish. */
  readonly removals: { readonly inherited: readonly string[]; over(fileSystems: readonly string[]): Promise<void> };
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

const LOOK_EVERY_MS = 5000;
const FIRST_LOOK_MS = 3000;

/**
 * Mounts the disks of the pool: those that are there when the box starts, and those that are plugged in later. Only volumes
 * whose folder is named by the uuid of a file system, as the pool names them; all others are mounted by somebody else. And
 * unmounts what an earlier process has taken out of use and not unmounted any more.
 */
export class DiskArrivals implements Part {
  readonly name = 'disk-arrivals';
  readonly #deps: ArrivalsDeps;
  readonly #stopping = new AbortController();
  /** What went wrong with each volume, so that the log says it once. */
  readonly #told = new Map<string, string>();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: ArrivalsDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves when the disks that are there have been mounted, so that no camera begins on a wrong one; soon in any case, since
   * a disk that hangs must delay nobody else.
   */
  readonly start = firstPromise(async () => {
    const first = Promise.withResolvers<void>();
    this.#loop = this.#watch(first.resolve);
    const inTime = new AbortController();
    const late = this.#deps.clock.sleep(FIRST_LOOK_MS, inTime.signal).catch(() => undefined);
    await Promise.race([first.promise, late]);
    inTime.abort();
  });

  readonly stop = firstPromise(async () => {
    this.#stopping.abort();
    await this.#loop;
  });

  async #watch(looked: () => void): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look().catch((error: unknown) => this.#tell('', asBoxError(error, 'box.bug')));
      looked();
      await this.#deps.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    for (const uuid of this.#deps.removals.inherited) await this.#finishRemoval(uuid);
    const missing = await this.#missing();
    if (missing.length === 0) return;
    const { root, disks } = await this.#deps.privileged.ask('disks.scan', {});
    const here = new Set(disks.flatMap(withDescendants).map(({ fileSystemUuid }) => fileSystemUuid));
    await Promise.all(
      missing
        .filter(({ folder }) => dirname(folder) === root && here.has(basename(folder)))
        .map((volume) => this.#mount(volume)),
    );
  }

  /** The box died between taking a volume out of the settings and unmounting its disk. */
  async #finishRemoval(uuid: string): Promise<void> {
    try {
      const { folder } = await this.#deps.privileged.ask('volume.unmount', { uuid });
      await this.#deps.removals.over([uuid]);
      this.#deps.log('disk.unmounted', { folder });
    } catch (error) {
      this.#tell(uuid, asBoxError(error, 'box.bug'));
    }
  }

  /** Volumes of the pool without a disk under their folder. A mount whose device is gone is none. */
  async #missing(): Promise<PoolVolume[]> {
    const pooled = this.#deps.volumes().filter(({ folder }) => UUID.test(basename(folder)));
    if (pooled.length === 0) return [];
    const mounts = parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
    const missing: PoolVolume[] = [];
    for (const volume of pooled) {
      const mount = mounts.findLast(({ folder }) => folder === volume.folder);
      if (!mount || !(await isThere(`/sys/dev/block/${mount.number}`))) missing.push(volume);
    }
    return missing;
  }

  async #mount({ id, folder, readOnly }: PoolVolume): Promise<void> {
    try {
      await this.#deps.privileged.ask('volume.mount', { uuid: basename(folder), readOnly });
      this.#told.delete(id);
      this.#deps.log('disk.mounted', { volume: id, folder });
    } catch (error) {
      this.#tell(id, asBoxError(error, 'box.bug'));
    }
  }

  #tell(volume: string, error: BoxError): void {
    if (this.#told.get(volume) === error.message) return;
    this.#told.set(volume, error.message);
    this.#deps.log('disk.not-mounted', { volume, code: error.code, ...error.context });
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
