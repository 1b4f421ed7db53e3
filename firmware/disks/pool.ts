import { basename, dirname, join } from 'node:path';
import { asBoxError, BoxError, type Clock } from '../base/index.ts';
import {
  FILE_SYSTEMS,
  lookAtDisks,
  UUID,
  withDescendants,
  type BlockDevice,
  type FileSystem,
  type Inspection,
  type Privileged,
} from '../privileged/index.ts';
import { diskFactsOf, type DiskFacts, type Footage } from './inventory.ts';
import { checkFolder } from './pool-folder.ts';
import type { Judgement, PoolPorts, PoolVolume } from './pool-ports.ts';

export interface PoolDeps {
  readonly ports: PoolPorts;
  readonly privileged: Privileged;
  readonly clock: Pick<Clock, 'sleep' | 'monoUs'>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

export type AdoptMode = 'use' | 'read-only';

export interface AdoptOptions {
  readonly mode: AdoptMode;
  readonly label: string;
  /** Footage of another box of cameras with the same ids as here is of the same cameras. */
  readonly sameCameras: boolean;
}

/** A volume as it was put into use. */
export interface PooledVolume {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly readOnly: boolean;
}

/** A running box lets go of a volume by its own deadlines; then readers have this long. */
const RELEASE_MS = 30_000;
const RETRY_MS = 500;

/** The disks of the machine and the volumes that are made of them: finds, formats, adopts, removes. */
export class DiskPool {
  readonly #deps: PoolDeps;
  /** One change at a time: two commands must not choose the same disk. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(deps: PoolDeps) {
    this.#deps = deps;
  }

  /** Without the process with the rights of root it says what any user may see. */
  async list(): Promise<{ disks: DiskFacts[]; volumes: readonly PoolVolume[]; limited: boolean }> {
    const { ports } = this.#deps;
    const volumes = ports.volumes();
    const scanned = await this.#scan().catch((error: unknown) => {
      if (error instanceof BoxError && error.code === 'privileged.unavailable') return undefined;
      throw error;
    });
    const disks = scanned?.disks ?? (await lookAtDisks());
    const footage = scanned ? await this.#footage(disks) : new Map<string, Footage>();
    return {
      disks: diskFactsOf(disks, volumes, (uuid) => footage.get(uuid) ?? 'unknown', scanned?.root),
      volumes,
      limited: scanned === undefined,
    };
  }

  /** Erases a disk and makes it a volume. `confirm`: its id once more. Rejects with disks.* and privileged.*. */
  format(disk: string, options: { confirm: string; fs: FileSystem; label: string }): Promise<PooledVolume> {
    return this.#alone(async () => {
      const { privileged, ports, log } = this.#deps;
      const { confirm, fs, label } = options;
      const fsLabel = label.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 40);
      const { uuid } = await privileged.ask('volume.format', { disk, confirm, fs, label: fsLabel });
      const { folder } = await privileged.ask('volume.mount', { uuid, readOnly: false });
      log('disk.formatted', { disk, fs, folder });
      return this.#orUnmount(uuid, async () => {
        const volume = await ports.identity.create(folder);
        return this.#add({ name: label, folder, readOnly: false, uuid: volume });
      });
    });
  }

  /** Puts a disk with footage, or a folder, into use. Nothing on it is changed before all is known to be right. */
  adopt(what: string, options: AdoptOptions): Promise<PooledVolume> {
    return this.#alone(() => (what.includes('/') ? this.#adoptFolder(what, options) : this.#adoptDisk(what, options)));
  }

  /**
   * Takes a volume out of use: recording moves off, everything is made durable, the disk is unmounted and may be unplugged then.
   * `what`: id or name of a volume, or id of a disk, with all that is mounted of it. Its footage stays on it.
   */
  remove(what: string): Promise<{ volumes: string[]; unmounted: string[]; ended: string[] }> {
    return this.#alone(async () => {
      const { ports } = this.#deps;
      const { leaving, fileSystems } = await this.#leaving(what);
      const ids = leaving.map(({ id }) => id);
      const { ended, over } = await ports.quiet(ids);
      let dropped = false;
      const unmounted: string[] = [];
      try {
        if (fileSystems.length > 0) await ports.removals.begin(fileSystems, ids);
        await this.#drop(ids, fileSystems);
        dropped = true;
        for (const uuid of fileSystems) {
          const { folder, mounted } = await this.#release(uuid);
          if (mounted) unmounted.push(folder);
          await ports.removals.over([uuid]);
        }
      } finally {
        over(dropped);
      }
      this.#deps.log('disk.removed', { volumes: ids, unmounted, ended });
      return { volumes: ids, unmounted, ended };
    });
  }

  /** Gives a volume another name. Rejects with disks.no-such-volume. */
  label(what: string, name: string): Promise<PooledVolume> {
    return this.#alone(async () => {
      const volumes = this.#deps.ports.volumes();
      const volume = volumes.find(({ id }) => id === what) ?? volumes.find((each) => each.name === what);
      if (!volume) throw new BoxError('disks.no-such-volume', { volume: what });
      await this.#deps.ports.rename(volume.id, name);
      return this.#volume(volume.id);
    });
  }

  /** What leaves with a volume or disk: volumes, and uuids of file systems to be unmounted. Rejects with disks.*. */
  async #leaving(what: string): Promise<{ leaving: PoolVolume[]; fileSystems: string[] }> {
    const volumes = this.#deps.ports.volumes();
    const named = volumes.find(({ id }) => id === what) ?? volumes.find(({ name }) => name === what);
    // Without the list of disks only folders can be let go of.
    const scanned = named && !isPooled(named) ? undefined : await this.#scan();
    const disk = named ? undefined : scanned?.disks.find(({ stableId }) => stableId === what);
    if (!named && !disk) throw new BoxError('disks.no-such-volume', { volume: what });
    const facts = scanned ? diskFactsOf(scanned.disks, volumes, () => 'unknown', scanned.root) : [];
    const on = disk ? (facts.find(({ device }) => device === disk.name)?.volumes ?? []) : [named!.id];
    const leaving = volumes.filter(({ id }) => on.includes(id));
    const staying = volumes.filter((volume) => !leaving.includes(volume) && !volume.readOnly);
    if (leaving.length > 0 && staying.length === 0) throw new BoxError('disks.last-volume', { volume: what });
    const uuids = [
      ...leaving.filter(({ folder }) => dirname(folder) === scanned?.root).map(({ folder }) => basename(folder)),
      ...(disk ? withDescendants(disk) : []).filter(isOurKind).map(({ fileSystemUuid }) => fileSystemUuid),
    ];
    return { leaving, fileSystems: [...new Set(uuids)] };
  }

  async #drop(ids: readonly string[], fileSystems: readonly string[]): Promise<void> {
    try {
      if (ids.length > 0) await this.#deps.ports.drop(ids);
    } catch (error) {
      await this.#deps.ports.removals.over(fileSystems);
      throw error;
    }
  }

  async #adoptFolder(given: string, { mode, label, sameCameras }: AdoptOptions): Promise<PooledVolume> {
    const { ports } = this.#deps;
    const folder = await checkFolder(given, { volumes: ports.volumes(), dataFolder: ports.dataFolder });
    const text = await ports.identity.read(folder);
    let uuid: string;
    if (text === undefined) {
      if (mode === 'read-only') throw new BoxError('disks.no-footage', { folder });
      // Refuses a folder with anything in it.
      uuid = await ports.identity.create(folder);
    } else {
      const sound = this.#mustBeSound(ports.identity.judge(text), { folder });
      await this.#mustBeAlone(sound.volume, folder);
      if (!sameCameras) await this.#mustNotMix(sound.box, folder);
      if (mode === 'use' && sound.box !== ports.box) await ports.identity.takeOver(folder);
      uuid = sound.volume;
    }
    return this.#add({ name: label, folder, readOnly: mode === 'read-only', uuid });
  }

  async #adoptDisk(id: string, { mode, label, sameCameras }: AdoptOptions): Promise<PooledVolume> {
    const { ports, privileged } = this.#deps;
    const { root, disks } = await this.#scan();
    const disk = theOne(disks, id);
    const { uuid, judged } = await this.#findFootage(disk, root);
    const folder = join(root, uuid);
    const used = ports.volumes().find((volume) => volume.folder === folder);
    if (used) throw new BoxError('disks.already-used', { volume: used.id, disk: id });
    const sound = this.#mustBeSound(judged, { disk: id });
    await this.#mustBeAlone(sound.volume, folder);
    const readOnly = mode === 'read-only';
    // One that was never unmounted after its removal stays now.
    await ports.removals.over([uuid]);
    await privileged.ask('volume.mount', { uuid, readOnly });
    return this.#orUnmount(uuid, async () => {
      await this.#mustBeReadable(folder, id);
      if (!sameCameras) await this.#mustNotMix(sound.box, folder);
      if (!readOnly && sound.box !== ports.box) await ports.identity.takeOver(folder);
      return this.#add({ name: label || fileSystemLabelOf(disk, uuid), folder, readOnly, uuid: sound.volume });
    });
  }

  /** The one file system of a disk that has an identity file. */
  async #findFootage(disk: BlockDevice, root: string): Promise<{ uuid: string; judged: Judgement }> {
    const context = { disk: disk.stableId };
    const all = withDescendants(disk).filter(({ fileSystem }) => fileSystem !== '');
    const ours = all.filter((device) => isOurKind(device));
    const other = all.find((device) => !isOurKind(device));
    if (ours.length === 0 && other) throw new BoxError('disks.foreign-format', { ...context, found: other.fileSystem });
    const found: { uuid: string; judged: Judgement }[] = [];
    for (const { fileSystemUuid: uuid, mounts } of ours) {
      const elsewhere = mounts.find((mount) => mount !== join(root, uuid));
      if (elsewhere !== undefined) throw new BoxError('disks.mounted', { ...context, folder: elsewhere });
      const { identity } = await this.#deps.privileged.ask('volume.inspect', { uuid });
      if (identity !== undefined) found.push({ uuid, judged: this.#deps.ports.identity.judge(identity) });
    }
    if (found.length === 0) throw new BoxError('disks.no-footage', context);
    if (found.length > 1)
      throw new BoxError('disks.ambiguous', { ...context, fileSystems: found.map(({ uuid }) => uuid) });
    return found[0]!;
  }

  /** Whose footage is on each file system of ours, by its uuid. One that cannot be looked at is unknown. */
  async #footage(disks: readonly BlockDevice[]): Promise<Map<string, Footage>> {
    const { privileged, ports, log } = this.#deps;
    const found = new Map<string, Footage>();
    for (const device of disks.flatMap(withDescendants)) {
      const { fileSystem, fileSystemUuid: uuid } = device;
      if (fileSystem !== '') found.set(uuid, 'none');
      if (!isOurKind(device)) continue;
      try {
        found.set(uuid, footageOf(await privileged.ask('volume.inspect', { uuid }), ports));
      } catch (error) {
        found.set(uuid, 'unknown');
        log('disk.not-inspected', { device: device.name, code: asBoxError(error, 'box.bug').code });
      }
    }
    return found;
  }

  #mustBeSound(judged: Judgement, context: Record<string, unknown>): Extract<Judgement, { kind: 'sound' }> {
    if (judged.kind === 'newer') throw new BoxError('disks.newer-format', context);
    if (judged.kind === 'damaged') throw new BoxError('disks.identity-damaged', context);
    return judged;
  }

  /** Rejects with disks.same-identity if a volume of the settings has the same uuid. */
  async #mustBeAlone(uuid: string, folder: string): Promise<void> {
    const { ports } = this.#deps;
    for (const volume of ports.volumes()) {
      // One that is away cannot be asked, and is none of the two that are here.
      const text = await ports.identity.read(volume.folder).catch(() => undefined);
      const judged = text === undefined ? undefined : ports.identity.judge(text);
      if (judged?.kind === 'sound' && judged.volume === uuid) {
        throw new BoxError('disks.same-identity', { folder, volume: volume.id, other: volume.folder });
      }
    }
  }

  /** Footage is found by camera: that of another box with a camera of the same id would stand among ours. Rejects with disks.same-cameras. */
  async #mustNotMix(box: string, folder: string): Promise<void> {
    const { ports } = this.#deps;
    if (box === ports.box) return;
    const ours = new Set(await ports.cameras());
    const cameras = (await ports.identity.cameras(folder)).filter((id) => ours.has(id)).sort();
    if (cameras.length > 0) throw new BoxError('disks.same-cameras', { folder, box, cameras });
  }

  async #mustBeReadable(folder: string, disk: string): Promise<void> {
    try {
      if ((await this.#deps.ports.identity.read(folder)) !== undefined) return;
    } catch (cause) {
      throw new BoxError('disks.foreign-owner', { disk, folder }, { cause });
    }
    throw new BoxError('disks.no-footage', { disk, folder });
  }

  async #add(volume: { name: string; folder: string; readOnly: boolean; uuid: string }): Promise<PooledVolume> {
    const id = await this.#deps.ports.add(volume);
    this.#deps.log('volume.added', { volume: id, folder: volume.folder, readOnly: volume.readOnly });
    return this.#volume(id);
  }

  #volume(id: string): PooledVolume {
    const found = this.#deps.ports.volumes().find((volume) => volume.id === id);
    if (!found) throw new BoxError('disks.no-such-volume', { volume: id });
    const { name, folder, readOnly } = found;
    return { id, name, folder, readOnly };
  }

  /** Does the work, and unmounts again if it fails. */
  async #orUnmount<T>(uuid: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const failed = (cause: unknown): void => this.#deps.log('disk.not-unmounted', { uuid, reason: String(cause) });
      await this.#deps.privileged.ask('volume.unmount', { uuid }).catch(failed);
      throw error;
    }
  }

  /** Unmounts as soon as nobody has files open there any more. */
  async #release(uuid: string): Promise<{ folder: string; mounted: boolean }> {
    const { privileged, clock } = this.#deps;
    const endUs = clock.monoUs() + RELEASE_MS * 1000;
    for (;;) {
      try {
        return await privileged.ask('volume.unmount', { uuid });
      } catch (error) {
        const busy = error instanceof BoxError && error.code === 'disks.still-busy';
        if (!busy || clock.monoUs() > endUs) throw error;
      }
      await clock.sleep(RETRY_MS);
    }
  }

  #scan(): Promise<{ root: string; disks: BlockDevice[] }> {
    return this.#deps.privileged.ask('disks.scan', {});
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    // A failure belongs to its own caller, not to the next one.
    this.#last = done.then(nothing, nothing);
    return done;
  }
}

function footageOf({ identity }: Inspection, ports: PoolPorts): Footage {
  if (identity === undefined) return 'none';
  const judged = ports.identity.judge(identity);
  if (judged.kind !== 'sound') return judged.kind;
  return judged.box === ports.box ? 'ours' : 'other-box';
}

function theOne(disks: readonly BlockDevice[], id: string): BlockDevice {
  const [disk, ...more] = disks.filter(({ stableId }) => stableId === id);
  if (!disk) throw new BoxError('disks.no-such-disk', { disk: id });
  if (more.length > 0) throw new BoxError('disks.ambiguous', { disk: id });
  return disk;
}

function isOurKind({ fileSystem, fileSystemUuid }: BlockDevice): boolean {
  return fileSystemUuid !== '' && FILE_SYSTEMS.some((kind) => kind === fileSystem);
}

function fileSystemLabelOf(disk: BlockDevice, uuid: string): string {
  return withDescendants(disk).find(({ fileSystemUuid }) => fileSystemUuid === uuid)?.fileSystemLabel ?? '';
}

/** True if its folder has the name that the pool gives: then its disk is mounted by the process with the rights of root. */
function isPooled({ folder }: PoolVolume): boolean {
  return UUID.test(basename(folder));
}

function nothing(): void {}
