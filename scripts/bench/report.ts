import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from '../lib/tool.ts';
import { machine } from './meter.ts';
import type { Results, Row } from './rows.ts';

const WORDS = { aim: 'reached', must: 'enough', missed: 'MISSED', '': '-' } as const;

/** The table for a terminal. */
export function terminalTable(rows: readonly Row[]): string {
  const cells = rows.map(({ measure, figure, must, aim, verdict }) => [WORDS[verdict], measure, must, aim, figure]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n');
}

/** Writes the table as Markdown, with what somebody needs to judge it, and gives the file. */
export async function writeMarkdown(
  rows: readonly Row[],
  results: Results,
  command: string,
  minutes: number,
): Promise<string> {
  const date = new Date().toISOString();
  const all = [results.ffmpegAudio, results.audio, results.plain, results.watched, results.udp];
  const loads = all.map((figures) => figures.load.toFixed(1)).join(', ');
  const lines = [
    `${results.cameras} cameras, 1080p25 H.264, 4 Mbit/s, key frame every 2 s, loopback. Measured ${date} with \`${command}\`, ` +
      `in ${minutes.toFixed(0)} minutes, on ${machine()}. Load of the machine during the runs: ${loads}.`,
    '',
    '| measure | measured | must | aim | |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      ({ measure, figure, must, aim, verdict }) => `| ${measure} | ${figure} | ${must} | ${aim} | ${WORDS[verdict]} |`,
    ),
    '',
  ];
  const folder = join(ROOT, 'bench-results');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${date.replaceAll(':', '-').slice(0, 19)}.md`);
  await writeFile(file, lines.join('\n'));
  await writeFile(file.replace(/md$/, 'json'), JSON.stringify(results, undefined, 2));
  return file;
}
