import { parseMounts, withDescendants, type BlockDevice } from '../privileged/index.ts';
import { isWithin } from './inventory.ts';

/**
 * The disks that a folder lies on, through partitions, LVM, encryption and RAID; none for a share of the network, memory, or a file that
 * is used as a disk. `folder` is absolute; nothing is read from it, since a disk that hangs would never answer. `mountinfo`: the
 * text of /proc/self/mountinfo.
 */
export function disksUnder(folder: string, mountinfo: string, disks: readonly BlockDevice[]): BlockDevice[] {
  const above = parseMounts(mountinfo).filter((mount) => isWithin(folder, mount.folder));
  const nearest = Math.max(...above.map((mount) => mount.folder.length));
  // What was mounted last on a folder hides what was there before.
  const mount = above.findLast((each) => each.folder.length === nearest);
  if (!mount) return [];
  const real = disks.filter(({ type }) => type === 'disk');
  const by = (holds: (device: BlockDevice) => boolean): BlockDevice[] =>
    real.filter((disk) => withDescendants(disk).some(holds));
  const found = by(({ number }) => number === mount.number);
  // btrfs has device numbers of its own that lead nowhere.
  return found.length > 0 || !mount.number.startsWith('0:') ? found : by(({ mounts }) => mounts.includes(mount.folder));
}
