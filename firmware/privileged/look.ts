import type { BlockDevice } from './block-device.ts';
import { scan } from './scan.ts';
import { Task } from './task.ts';

const LOOK_MS = 20_000;

/**
 * The disks of the machine as any user may see them: without the process with the rights of root, so what is on a disk is only
 * known where udev has looked at it.
 */
export async function lookAtDisks(): Promise<BlockDevice[]> {
  return scan(new Task(LOOK_MS), { probe: process.getuid?.() === 0 ? 'unknown' : 'nothing' });
}
