/** The disks of the machine as people should see them: what each is, what is on it, and whether it may be used. Pure. */
import { dirname } from 'node:path';
import { isSystemDisk, obstacleOf, withDescendants, type BlockDevice } from '../privileged/index.ts';
import type { ErrorCode } from '../base/index.ts';

/** Whose recordings a file system holds. `unknown`: it is in use elsewhere, or could not be looked at. */
export type Footage = 'ours' | 'other-box' | 'newer' | 'damaged' | 'none' | 'unknown';

export interface FileSystemFacts {
  readonly device: string;
  readonly sizeBytes: number;
  /** ext4, xfs, ntfs ... */
  readonly kind: string;
  readonly uuid: string;
  readonly label: string;
  readonly mounts: readonly string[];
  readonly footage: Footage;
}

export interface DiskFacts {
  /** Stays the same wherever the disk is plugged in; empty if the disk has nothing to be told apart by. */
  readonly id: string;
  /** The kernel's name now: sda. */
  readonly device: string;
  readonly model: string;
  readonly serial: string;
  readonly sizeBytes: number;
  readonly rotational: boolean;
  readonly transport: string;
  readonly removable: boolean;
  readonly readOnly: boolean;
  readonly system: boolean;
  /** Another disk here has the same id. */
  readonly ambiguous: boolean;
  readonly fileSystems: readonly FileSystemFacts[];
  /** Why it cannot be formatted; undefined if it can. */
  readonly obstacle: ErrorCode | undefined;
  /** Ids of the volumes of the settings that lie on it. */
  readonly volumes: readonly string[];
}

export interface VolumePlace {
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
}

/**
 * Facts of all disks that could ever hold recordings. `disks`: all of the machine, since a folder may lie below the mounts of
 * several. `footageOf` is asked for each file system by its uuid. `root`: the folder whose entries are mount points.
 */
export function diskFactsOf(
  disks: readonly BlockDevice[],
  volumes: readonly VolumePlace[],
  footageOf: (uuid: string) => Footage,
  root?: string,
): DiskFacts[] {
  const homes = volumeHomes(disks, volumes, root);
  return disks
    .filter(({ type }) => type !== 'rom')
    .map((disk) => {
      const ambiguous = disks.filter(({ stableId }) => stableId === disk.stableId).length > 1;
      return {
        id: disk.stableId ?? '',
        device: disk.name,
        model: disk.model,
        serial: disk.serial,
        sizeBytes: disk.sizeBytes,
        rotational: disk.rotational,
        transport: disk.transport,
        removable: disk.removable,
        readOnly: disk.readOnly,
        system: isSystemDisk(disk),
        ambiguous,
        fileSystems: withDescendants(disk)
          .filter(({ fileSystem, mounts }) => fileSystem !== '' || mounts.length > 0)
          .map((device) => fileSystemFactsOf(device, footageOf)),
        obstacle: obstacleOf(disk) ?? (ambiguous ? ('disks.ambiguous' as const) : undefined),
        volumes: homes.get(disk.name) ?? [],
      };
    });
}

function fileSystemFactsOf(device: BlockDevice, footageOf: (uuid: string) => Footage): FileSystemFacts {
  return {
    device: device.name,
    sizeBytes: device.sizeBytes,
    kind: device.fileSystem,
    uuid: device.fileSystemUuid,
    label: device.fileSystemLabel,
    mounts: device.mounts,
    footage: footageOf(device.fileSystemUuid),
  };
}

/**
 * Names of disks with the ids of the volumes on them: a folder lies on the file system that is mounted nearest above it. A mount
 * point that nothing is mounted at belongs to a disk that is away.
 */
function volumeHomes(
  disks: readonly BlockDevice[],
  volumes: readonly VolumePlace[],
  root: string | undefined,
): Map<string, string[]> {
  const mounts = disks.flatMap((disk) =>
    withDescendants(disk).flatMap((device) => device.mounts.map((mount) => ({ disk: disk.name, mount }))),
  );
  const homes = new Map<string, string[]>();
  for (const { id, folder } of volumes) {
    const isMountPoint = dirname(folder) === root;
    const above = mounts.filter(({ mount }) => (isMountPoint ? mount === folder : isWithin(folder, mount)));
    const nearest = Math.max(...above.map(({ mount }) => mount.length));
    for (const { disk } of above.filter(({ mount }) => mount.length === nearest)) {
      homes.set(disk, [...(homes.get(disk) ?? []), id]);
    }
  }
  return homes;
}

/** True if `path` is `folder` or lies in it. Both absolute, without "..". */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}
