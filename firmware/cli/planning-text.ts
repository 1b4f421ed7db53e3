/** Words for people about plans: what is kept, what is wished, what to change. */
import type { z } from 'zod';
import type { PlanForecast, StoragePlan } from '../control/index.ts';
import { formatBytes, table } from './text.ts';

type Forecast = z.output<typeof PlanForecast>;
type Plan = z.output<typeof StoragePlan>;
type Proposal = Plan['recommended'][number];

const BOUND_BY: Record<Forecast['cameras'][number]['boundBy'], string> = {
  age: 'its limit of days',
  size: 'its limit of size',
  space: 'the room on the disks',
  nothing: 'nothing yet',
};

export function formatForecast({ cameras, volumes }: Forecast): string {
  if (cameras.length === 0) return 'No camera is recorded, so there is nothing to plan.';
  const rows = cameras.map((camera) => [
    camera.name,
    camera.volumes.join(' + ') || 'none',
    `${formatBytes(camera.bytesPerDay)}${camera.measured ? '' : ' (guess)'}`,
    days(camera.keptNowDays),
    camera.boundBy === 'nothing' ? `over ${days(camera.days)}` : days(camera.days),
    `${days(camera.lowDays)} to ${days(camera.highDays)}`,
    BOUND_BY[camera.boundBy],
    camera.wishDays === undefined ? '-' : days(camera.wishDays),
    verdict(camera),
  ]);
  const head = ['camera', 'disk', 'per day', 'kept now', 'days kept', 'likely', 'bound by', 'wished', ''];
  const disks = volumes.map(({ id, usedBytes, roomBytes, bytesPerDay, fillsAt }) => {
    const fills =
      usedBytes >= roomBytes * 0.98
        ? 'full: the oldest footage makes room'
        : fillsAt === undefined
          ? 'does not fill'
          : `full on ${fillsAt.slice(0, 10)}`;
    return `disk ${id}: ${formatBytes(usedBytes)} of ${formatBytes(roomBytes)} used, ${formatBytes(bytesPerDay)} a day, ${fills}`;
  });
  return [table(head, rows), ...disks].join('\n');
}

export function formatPlan(plan: Plan): string {
  const wished = plan.cameras.filter(({ wishDays }) => wishDays !== undefined);
  if (wished.length === 0) {
    return 'Nobody has wished for days. Try: ipvs disks plan --wish CAMERA=30';
  }
  if (plan.fits) return 'Every camera is kept as long as wished. Nothing needs to change.';
  const name = (id: string): string => plan.cameras.find(({ camera }) => camera === id)?.name ?? id;
  const lines = ['Not every camera is kept as long as wished.'];
  if (plan.recommended.length > 0) {
    lines.push('Recommended, all together (ipvs disks plan --apply recommended):');
    lines.push(...plan.recommended.map((proposal) => `  ${wordsOf(proposal, name)}`));
    lines.push(...wished.map((each) => `  then ${each.name}: ${days(each.afterDays)} of ${days(each.wishDays!)}`));
  }
  if (plan.fitsWhenApplied) return lines.join('\n');
  lines.push(
    plan.recommended.length > 0 ? 'That is not enough. Besides, one of these:' : 'What would help, each by itself:',
  );
  for (const proposal of plan.alternatives) {
    const effects = proposal.effects.map(
      (each) => `${name(each.camera)} ${days(each.beforeDays)} -> ${days(each.afterDays)}`,
    );
    const end = proposal.enough ? 'enough' : 'not enough by itself';
    lines.push(`  ${wordsOf(proposal, name)}`, `      ${effects.join(', ') || 'no effect to speak of'}; ${end}`);
    if (proposal.applicable) lines.push(`      ipvs disks plan --apply ${proposal.id}`);
  }
  return lines.join('\n');
}

function verdict({ wishDays, breaksAt, stopsAt }: Forecast['cameras'][number]): string {
  if (stopsAt !== undefined) return `stops recording on ${stopsAt.slice(0, 10)}`;
  if (wishDays === undefined) return '';
  return breaksAt === undefined ? 'as wished' : `not as wished from ${breaksAt.slice(0, 10)} on`;
}

function wordsOf({ change }: Proposal, name: (id: string) => string): string {
  switch (change.kind) {
    case 'retention':
      return `${name(change.camera)}: keep at most ${change.days} days`;
    case 'bind-group':
      return `${name(change.camera)}: record to the disks of the group ${change.group}`;
    case 'record-sub':
      return `${name(change.camera)}: record its stream ${change.stream} instead`;
    case 'schedule':
      return `${name(change.camera)}: record only from ${change.from} to ${change.to}`;
    case 'bitrate':
      return `${name(change.camera)}: lower the bit rate in the camera from ${mbit(change.fromBitsPerS)} to ${mbit(change.bitsPerS)}`;
    case 'bigger-disk':
      return `${change.group === '' ? 'Disks' : `Disks of the group ${change.group}`}: ${formatBytes(change.bytes)} more room`;
  }
}

function mbit(bitsPerS: number): string {
  return `${(bitsPerS / 1e6).toFixed(2)} Mbit/s`;
}

function days(value: number): string {
  return value < 10 ? `${value.toFixed(1)} d` : `${Math.round(value)} d`;
}
