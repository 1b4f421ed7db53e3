import { z } from 'zod';
import { DiskHealthList } from '../disk-health-shapes.ts';
import { operation } from '../operation.ts';

export const disksHealth = operation({
  name: 'disks.health',
  title: 'How the disks are: verdict, reasons, temperature, hours, trend and history',
  effect: 'read',
  right: 'disks',
  offline: false,
  input: z.object({ historyDays: z.int().min(0).max(400).default(30) }),
  output: DiskHealthList,
  handle: async ({ historyDays }, box) => box.diskHealth.list(historyDays),
});
