import type { z } from 'zod';
import type { CheckJob, EvacuationJob } from '../control/index.ts';
import type { Command } from './command.ts';
import { formatBytes } from './text.ts';

type Evacuation = z.output<typeof EvacuationJob>;
type Check = z.output<typeof CheckJob>;

const evacuate: Command = {
  name: 'disks evacuate',
  usage: 'disks evacuate VOLUME [--locked] [--remove] [--stop]',
  help: 'copies the recordings of a volume to others, locked ones first, then the newest; --remove deletes what was copied',
  words: 1,
  options: { locked: { type: 'boolean' }, remove: { type: 'boolean' }, stop: { type: 'boolean' } },
  run: async ({ words: [volume], options, host }) => {
    if (options['stop'] === true) {
      const job = (await host.call('disks.evacuate-stop', { volume })) as Evacuation | undefined;
      return { json: job ?? null, text: job ? formatEvacuation(job) : `Nothing is being copied off ${volume}.` };
    }
    const what = options['locked'] === true ? 'locked' : 'all';
    const job = (await host.call('disks.evacuate', { volume, what, remove: options['remove'] === true })) as Evacuation;
    return {
      json: job,
      text: `${formatEvacuation(job)}\nIt goes on by itself; ipvs disks jobs shows how far it has come.`,
    };
  },
};

const check: Command = {
  name: 'disks check',
  usage: 'disks check VOLUME [--deep]',
  help: 'checks the files of a volume in the background, with --deep also their media and seals',
  words: 1,
  options: { deep: { type: 'boolean' } },
  run: async ({ words: [volume], options, host }) => {
    const job = (await host.call('disks.check', { volume, deep: options['deep'] === true })) as Check;
    return { json: job, text: `${formatCheck(job)}\nIt goes on by itself; ipvs disks jobs shows how far it has come.` };
  },
};

const jobs: Command = {
  name: 'disks jobs',
  usage: 'disks jobs',
  help: 'says what is being copied off volumes and checked on them',
  words: 0,
  run: async ({ host }) => {
    const all = (await host.call('disks.jobs', {})) as { evacuations: Evacuation[]; checks: Check[] };
    const lines = [...all.evacuations.map(formatEvacuation), ...all.checks.map(formatCheck)];
    return { json: all, text: lines.join('\n') || 'Nothing is being copied or checked.' };
  },
};

export const DISK_JOB_COMMANDS: readonly Command[] = [evacuate, check, jobs];

function formatEvacuation(job: Evacuation): string {
  const { copied, segments, copiedBytes, bytes, unreadable, unreadableCount, noRoom, notAsSealed } = job;
  const files = unreadable.map(({ path, code }) => `  cannot be read (${code}): ${path}`);
  return [
    `copying off ${job.volume}: ${job.state}, ${copied} of ${segments} files, ${formatBytes(copiedBytes)} of ${formatBytes(bytes)}`,
    ...(job.error === undefined ? [] : [`  ${job.error}`]),
    ...(noRoom.segments > 0
      ? [`  no room for ${noRoom.segments} files (${formatBytes(noRoom.bytes)}), ${noRoom.locked} of them locked`]
      : []),
    ...files,
    ...(unreadableCount > files.length ? [`  and ${unreadableCount - files.length} more`] : []),
    ...notAsSealed.map((path) => `  copied, but not what it was when it was recorded: ${path}`),
  ].join('\n');
}

function formatCheck(job: Check): string {
  const found = job.findings.map(({ code, count }) => `${count} x ${code}`).join(', ');
  return [
    `check of ${job.volume}${job.deep ? ' (deep)' : ''}: ${job.state}, ${job.segments} of ${job.of} files, ${found || 'nothing found'}`,
    ...(job.error === undefined ? [] : [`  ${job.error}`]),
    ...job.listed.map(({ code, path }) => `  ${code}: ${path}`),
  ].join('\n');
}
