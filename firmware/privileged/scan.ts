import { readFile, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { BoxError } from '../base/index.ts';
import { COLUMNS, deviceFileOf, parseBlockDevices, withDescendants, type BlockDevice } from './block-device.ts';
import type { Outcome, Task } from './task.ts';

/** A healthy disk answers at once; one that does not must not hold up the list. */
const PROBE_MS = 5000;
/** Parts of a path in sysfs that name a port: on the PCI bus, of a USB hub, of a SATA controller, of a virtual machine. */
const PORT = /^(?:[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.\d|\d+-\d+(?:\.\d+)*|ata\d+|virtio\d+|mmc\d+)$/;
const MAY_HOLD_FILES = new Set(['disk', 'part', 'loop', 'crypt', 'lvm']);

/**
 * All disks of the machine as lsblk sees them. Where udev has not looked at a device (in a container, or just after a format)
 * blkid reads its first bytes, if `probe` allows it: that takes the rights of root.
 */
export async function scan(task: Task, options: { probe: Probe }): Promise<BlockDevice[]> {
  const json = await task.must('lsblk', ['--json', '--bytes', '--output', COLUMNS]);
  const names = parseBlockDevices(json, () => undefined).map(({ name }) => name);
  const places = new Map(await Promise.all(names.map(async (name) => [name, await placeOf(name)] as const)));
  const disks = parseBlockDevices(json, (name) => places.get(name));
  const { probe } = options;
  return probe === 'nothing' ? disks : Promise.all(disks.map((disk) => probed(task, disk, probe)));
}

async function probed(task: Task, device: BlockDevice, probe: Probe): Promise<BlockDevice> {
  const children = await Promise.all(device.children.map((child) => probed(task, child, probe)));
  const told = device.fileSystem !== '' || device.partitionTable !== '';
  const known = children.length > 0 || (told && probe === 'unknown');
  if (known || !MAY_HOLD_FILES.has(device.type)) return { ...device, children };
  return { ...device, ...(await readSignature(task, device)), children };
}

/** Which devices are read: none, those that udev knows nothing of, or all, since udev is told of a change a moment late. */
export type Probe = 'nothing' | 'unknown' | 'everything';

/**
 * Devices that are being asked, with the answer they will give; none if they do not give it in time. They stay here until the
 * program ends, since asking a device that hangs again would only pile up programs that hang.
 */
const asked = new Map<string, Promise<Outcome | undefined>>();

type Signature = Partial<Pick<BlockDevice, 'fileSystem' | 'fileSystemUuid' | 'fileSystemLabel' | 'partitionTable'>>;

/** What the first bytes of a device say, read now. Empty if they say nothing or cannot be read. */
export async function readSignature(task: Task, device: BlockDevice): Promise<Signature> {
  const { name } = device;
  let answer = asked.get(name);
  if (!answer) {
    const limits = { ms: PROBE_MS, exited: () => asked.delete(name) };
    const args = ['--probe', '--output', 'export', deviceFileOf(name)];
    answer = task.run('blkid', args, limits).catch((error: unknown) => {
      const hangs = error instanceof BoxError && error.code === 'privileged.timeout';
      if (!hangs) asked.delete(name);
      return undefined;
    });
    asked.set(name, answer);
  }
  const outcome = await answer;
  if (outcome?.exitCode !== 0) return {};
  const found: Record<string, string> = {};
  for (const line of outcome.stdout.split('\n')) {
    const [, key, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined)
      found[key] = value.replaceAll(/\\(.)/g, '$1').replaceAll(/\p{C}/gu, '');
  }
  return {
    fileSystem: found['TYPE'] ?? '',
    fileSystemUuid: (found['UUID'] ?? '').toLowerCase(),
    fileSystemLabel: found['LABEL'] ?? '',
    partitionTable: found['PTTYPE'] ?? '',
  };
}

/** Where a disk without number of its own is: the port it is plugged into, or the file behind a loop device. */
async function placeOf(name: string): Promise<string | undefined> {
  const device = `/sys/block/${name}`;
  try {
    const file = (await readFile(`${device}/loop/backing_file`, 'utf8')).trimEnd();
    const { dev, ino } = await stat(file);
    return `file-${dev}-${ino}`;
  } catch {
    // No loop device, or one whose file is gone.
  }
  try {
    const path = await realpath(`${device}/device`);
    return (
      path
        .split('/')
        .filter((part) => PORT.test(part))
        .join('-') || basename(path)
    );
  } catch {
    return undefined;
  }
}

/** The one disk with this id, and how many there are. */
export function withStableId(disks: readonly BlockDevice[], id: string): BlockDevice[] {
  return disks.filter(({ stableId }) => stableId === id);
}

/** File systems with this uuid, each with the disk that it is on. */
export function withFileSystem(
  disks: readonly BlockDevice[],
  uuid: string,
): { readonly disk: BlockDevice; readonly device: BlockDevice }[] {
  const found = new Map<string, { disk: BlockDevice; device: BlockDevice }>();
  for (const disk of disks) {
    for (const device of withDescendants(disk)) {
      if (device.fileSystemUuid === uuid) found.set(device.name, { disk, device });
    }
  }
  return [...found.values()];
}
