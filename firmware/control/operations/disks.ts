import { z } from 'zod';
import { operation } from '../operation.ts';
import { DiskList, PooledVolume } from '../shapes.ts';

/** The id of a disk, as `disks.list` gives it. */
const DiskId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, 'must be the id of a disk, as the list shows it');
/** What people call a volume; without characters that would let it disguise itself. */
const Label = z
  .string()
  .trim()
  .max(40)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be letters that can be seen');
/** The id of a disk or volume, the name of a volume, or a folder. */
const Something = z
  .string()
  .min(1)
  .max(1000)
  .refine((text) => !text.includes('\0'), 'must not contain NUL');

export const disksList = operation({
  name: 'disks.list',
  title: 'List the disks of the machine: what each holds and whether it can be used',
  effect: 'read',
  right: 'disks',
  offline: true,
  input: z.object({}),
  output: DiskList,
  handle: async (_input, box) => box.disks.list(),
});

export const disksFormat = operation({
  name: 'disks.format',
  title: 'Erase a disk and record on it',
  effect: 'erase',
  right: 'erase',
  offline: true,
  input: z.object({
    disk: DiskId,
    /** The same id again: nobody erases a disk by a slip. */
    confirm: DiskId,
    fs: z.enum(['ext4', 'xfs']).default('ext4'),
    label: Label.default(''),
  }),
  output: PooledVolume,
  handle: async ({ disk, ...options }, box) => box.disks.format(disk, options),
});

export const disksAdopt = operation({
  name: 'disks.adopt',
  title: 'Use a disk or folder with the recordings on it, or only show them',
  effect: 'change',
  right: 'disks',
  offline: true,
  input: z.object({
    what: Something,
    mode: z.enum(['use', 'read-only']).default('use'),
    label: Label.default(''),
    /** Cameras of the other box that have ids of cameras here are the same cameras. */
    sameCameras: z.boolean().default(false),
  }),
  output: PooledVolume,
  handle: async ({ what, ...options }, box) => box.disks.adopt(what, options),
});

export const disksRemove = operation({
  name: 'disks.remove',
  title: 'Take a volume out of use, so that its disk may be unplugged; its recordings stay on it',
  effect: 'change',
  right: 'disks',
  offline: true,
  input: z.object({ what: Something }),
  output: z.object({
    volumes: z.array(z.string()),
    unmounted: z.array(z.string()),
    /** Jobs on them that were ended for it, by their ids. */
    ended: z.array(z.string()),
  }),
  handle: async ({ what }, box) => box.disks.remove(what),
});

export const disksLabel = operation({
  name: 'disks.label',
  title: 'Give a volume another name',
  effect: 'change',
  right: 'disks',
  offline: true,
  input: z.object({ volume: Something, name: Label }),
  output: PooledVolume,
  handle: async ({ volume, name }, box) => box.disks.label(volume, name),
});
