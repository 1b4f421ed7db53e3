import type { Command } from './command.ts';
import { numberOption } from './number-option.ts';
import { formatDiskHealth } from './disk-health-text.ts';

export const disksHealth: Command = {
  name: 'disks health',
  usage: 'disks health [--history DAYS]',
  help: 'says how the disks are, why, and what to do; exit code 1 if one is failing',
  words: 0,
  options: { history: { type: 'string' } },
  run: async ({ options, host }) => {
    const report = (await host.call('disks.health', numberOption(options, 'history', 'historyDays'))) as {
      disks: { verdict: string }[];
    };
    const failing = report.disks.some(({ verdict }) => verdict === 'failing');
    return { json: report, text: formatDiskHealth(report), exitCode: failing ? 1 : 0 };
  },
};
