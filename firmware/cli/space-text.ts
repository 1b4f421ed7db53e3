import type { z } from 'zod';
import type { Lock, SpaceOverview } from '../control/index.ts';
import { formatBytes, table } from './text.ts';

export function formatLocks(value: unknown): string {
  const locks = value as z.output<typeof Lock>[];
  if (locks.length === 0) return 'No locks.';
  return table(
    ['id', 'camera', 'from (UTC)', 'to (UTC)', 'until', 'keeps', 'disks', 'reason'],
    locks.map((lock) => [
      lock.id,
      lock.stream === undefined ? lock.camera : `${lock.camera}/${lock.stream}`,
      lock.from,
      lock.to,
      lock.until ?? 'for ever',
      `${lock.segments} files, ${formatBytes(lock.bytes)}`,
      String(lock.volumes),
      lock.reason,
    ]),
  );
}

export function formatSpace(value: unknown): string {
  const { volumes, groups, clock } = value as z.output<typeof SpaceOverview>;
  const rows = volumes.map((each) => [
    each.id,
    each.here ? (each.closed ? `${each.state}, takes no recordings` : each.state) : 'its disk is away',
    formatBytes(each.usedBytes),
    formatBytes(each.lowBytes),
    formatBytes(each.highBytes),
    formatBytes(each.limitBytes),
    each.here ? `${formatBytes(each.bytesPerS)}/s` : '-',
    each.headroomHours === undefined || !each.here ? '-' : each.headroomHours.toFixed(1),
  ]);
  const head = ['volume', 'state', 'used', 'rests at', 'deletes from', 'never above', 'written', 'hours left'];
  return [table(head, rows), ...groups.map(groupLine), ...(clock ? [clockLine(clock)] : [])].join('\n');
}

function clockLine({ stage, aheadDays, leftHours }: NonNullable<z.output<typeof SpaceOverview>['clock']>): string {
  const ahead = `The clock is ${aheadDays} days further than can be explained; nothing is deleted for its age`;
  if (stage === 'wrong') return `${ahead} until it is set: ipvs space clock right`;
  if (stage === 'follows') return `${ahead} but a day of footage an hour: ipvs space clock right|wrong`;
  return `${ahead} for ${leftHours.toFixed(1)} hours: ipvs space clock right|wrong`;
}

function groupLine(group: z.output<typeof SpaceOverview>['groups'][number]): string {
  const who = `group ${group.group} (${group.cameras.join(', ')})`;
  if (group.overwrites) return `${who}: overwrites what it had recorded when that was allowed`;
  if (!group.asks) return `${who}: records; stops when the disks are full`;
  if (group.decision === 'keep-stopped') return `${who}: stopped, as decided`;
  return `${who}: has stopped and asks: ipvs space answer ${group.group} overwrite-once|keep-stopped`;
}
