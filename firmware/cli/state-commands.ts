import type { z } from 'zod';
import { BoxError, systemClock } from '../base/index.ts';
import { plainText } from '../audit/index.ts';
import { isoOf, type HistoryAnswer, type SystemNow, type TerminalStatistics } from '../control/index.ts';
import type { Command } from './command.ts';
import { formatBytes, table } from './text.ts';

type Now = z.output<typeof SystemNow>;
type History = z.output<typeof HistoryAnswer>;
type Terminals = z.output<typeof TerminalStatistics>;

const UNITS_S: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
/** What the box answers at most for one question. */
const MOST_SERIES = 16;

const now: Command = {
  name: 'state now',
  usage: 'state now',
  help: 'says how the machine, the box and its streams are now',
  words: 0,
  run: async ({ host }) => {
    const state = (await host.call('state.now', {})) as Now;
    return { json: state, text: formatNow(state) };
  },
};

const history: Command = {
  name: 'state history',
  usage: 'state history [--series NAME,...] [--last 24h] [--points 24]',
  help: 'says how they were, up to a year back; without --series, which series there are',
  words: 0,
  options: { series: { type: 'string' }, last: { type: 'string' }, points: { type: 'string' } },
  run: async ({ options, host }) => {
    const { series: wanted, last = '24h', points = '24' } = options;
    if (typeof wanted !== 'string') {
      const known = (await host.call('state.series', {})) as { series: string[] };
      return { json: known, text: known.series.toSorted().join('\n') || 'There is no history yet.' };
    }
    const series = wanted.split(',').map((name) => name.trim());
    if (series.length > MOST_SERIES) throw refused(`--series: ${MOST_SERIES} at most`);
    const nowUs = systemClock.wallUs();
    const range = { from: isoOf(nowUs - secondsOf(String(last)) * 1e6), to: isoOf(nowUs) };
    const answer = (await host.call('state.history', { series, ...range, points: Number(points) })) as History;
    return { json: answer, text: formatHistory(answer) };
  },
};

const terminals: Command = {
  name: 'state terminals',
  usage: 'state terminals',
  help: 'counts the cameras that are online, offline, recording and failing, and says which; exit code 1 if one is offline or failing',
  words: 0,
  run: async ({ host }) => {
    const counts = (await host.call('terminals.statistics', {})) as Terminals;
    return { json: counts, text: formatTerminals(counts), exitCode: counts.offline + counts.failing > 0 ? 1 : 0 };
  },
};

export const STATE_COMMANDS: readonly Command[] = [now, history, terminals];

/** `90m`, `24h`, `30d`. */
function secondsOf(text: string): number {
  const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0) throw refused('--last: such as 90m, 24h or 30d');
  return Number(count) * UNITS_S[unit]!;
}

function refused(fault: string): BoxError {
  return new BoxError('control.bad-input', { faults: [fault], usage: `ipvs ${history.usage}` });
}

function formatNow({ at, machine, identity, process, streams }: Now): string {
  const made = identity && `${identity.maker} ${identity.model}, ${identity.processor}, ${identity.system}`;
  const lines = [
    `at         ${at}`,
    ...(made === undefined ? [] : [`machine    ${plainText(made.trim())}`]),
    `box        ${formatBytes(process.rssBytes)}, ${process.cpuPercent.toFixed(1)} % of one core`,
  ];
  if (machine) {
    const { cpuPercent, cores, load, availableBytes, memoryBytes, temperatureC, networks, disks } = machine;
    const heat = temperatureC === undefined ? '' : `, ${temperatureC.toFixed(0)} °C`;
    lines.push(`processor  ${cpuPercent.toFixed(1)} % of ${cores} cores, load ${load.join(' ')}${heat}`);
    lines.push(`memory     ${formatBytes(availableBytes)} of ${formatBytes(memoryBytes)} to be had`);
    for (const { name, receivedBytesPerS, sentBytesPerS } of networks)
      lines.push(`network    ${name}: ${formatBytes(receivedBytesPerS)}/s in, ${formatBytes(sentBytesPerS)}/s out`);
    for (const { device, readBytesPerS, writtenBytesPerS, busyPercent } of disks)
      lines.push(
        `disk       ${device}: ${formatBytes(readBytesPerS)}/s read, ${formatBytes(writtenBytesPerS)}/s written, ${busyPercent.toFixed(0)} % busy`,
      );
  }
  if (streams.length === 0) return lines.join('\n');
  const rows = streams.map(({ camera, stream, bitsPerSecond, framesPerSecond, lost, reconnects }) => [
    `${camera}/${stream}`,
    (bitsPerSecond / 1000).toFixed(0),
    framesPerSecond.toFixed(1),
    String(lost),
    String(reconnects),
  ]);
  return [...lines, table(['stream', 'kbit/s', 'frames/s', 'lost', 'reconnects'], rows)].join('\n');
}

function formatHistory({ lines }: History): string {
  if (lines.every(({ points }) => points.length === 0)) return 'Nothing is known of that time.';
  return lines
    .map(({ series, stepS, points }) => {
      const rows = points.map(({ at, mean, max }) => [at, String(rounded(mean)), String(rounded(max))]);
      return `${series}, a point for ${stepS} s\n${table(['time (UTC)', 'mean', 'largest'], rows)}`;
    })
    .join('\n\n');
}

function formatTerminals({ total, online, offline, recording, failing, terminals: all }: Terminals): string {
  const head = `${total} cameras: ${online} online, ${offline} offline, ${recording} recording, ${failing} failing.`;
  if (all.length === 0) return head;
  const rows = all.map(({ camera, name, state, since }) => [camera, plainText(name), state, since]);
  return `${head}\n${table(['camera', 'name', 'state', 'since'], rows)}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
