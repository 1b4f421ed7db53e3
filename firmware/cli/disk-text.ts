/** The disks in words for people who install boxes. */
import type { z } from 'zod';
import type { DiskList } from '../control/index.ts';
import { formatBytes, table } from './text.ts';

type List = z.output<typeof DiskList>;
type Disk = List['disks'][number];

export function formatDisks(value: unknown): string {
  const { disks, volumes, limited } = value as List;
  const rows = disks.map((disk) => [disk.id || '(no id)', formatBytes(disk.sizeBytes), kindOf(disk), stateOf(disk)]);
  const used = volumes.map(({ id, name, folder, readOnly }) => {
    const disk = disks.find((each) => each.volumes.includes(id));
    const where = disk ? disk.id || disk.device : 'not here';
    return [id, name || '-', readOnly ? 'only shown' : 'records', where, folder];
  });
  const note = limited
    ? 'The process with the rights of root does not answer (systemctl status ipvs-privileged): less is known, and disks can be neither formatted nor mounted.'
    : 'Format: ipvs disks format DISK --confirm DISK.  Bring recordings back: ipvs disks adopt DISK.';
  return [
    disks.length === 0 ? 'No disks were found.' : table(['disk', 'size', 'what it is', 'state'], rows),
    '',
    table(['volume', 'name', 'use', 'disk', 'folder'], used),
    '',
    note,
  ].join('\n');
}

/** A disk so that the person who is about to erase it knows it. */
export function describeDisk(disk: Disk): string {
  return `${disk.id}: ${formatBytes(disk.sizeBytes)}, ${kindOf(disk)}, ${stateOf(disk)}`;
}

function kindOf({ model, rotational, transport, removable, device }: Disk): string {
  const kind = rotational ? 'disk' : 'SSD';
  const plug = [transport, removable ? 'removable' : ''].filter(Boolean).join(', ');
  return `${model || 'unnamed'} (${[kind, plug, device].filter(Boolean).join(', ')})`;
}

function stateOf(disk: Disk): string {
  const { volumes, system, fileSystems, obstacle } = disk;
  const used = volumes.length > 0 ? `recordings: ${volumes.join(', ')}` : '';
  if (system) return ['system of the box', used].filter(Boolean).join('; ');
  if (used) return used;
  const footage = fileSystems.map((each) => WORDS[each.footage]).find((words) => words !== undefined);
  if (footage !== undefined) return footage;
  if (obstacle) return obstacle.what;
  const held = fileSystems.map(({ kind, label }) => (label ? `${kind} "${label}"` : kind)).join(', ');
  return held ? `other data: ${held}; formatting erases it` : 'empty; can be formatted';
}

/** By whose recordings a file system holds. */
const WORDS: Readonly<Record<string, string>> = {
  ours: 'recordings of this box; can be adopted',
  'other-box': 'recordings of another box; can be adopted',
  newer: 'recordings of a newer firmware; update the box first',
  damaged: 'recordings whose identity file is damaged',
};
