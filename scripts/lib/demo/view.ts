/** The demo's figures as text: a block for a terminal, a line for a log. */
import { relative, sep } from 'node:path';
import type { CameraFigures, Figures } from './figures.ts';

export interface Surroundings {
  readonly url: string;
  readonly secureUrl: string | undefined;
  /** The port that was wanted, if another program has it. */
  readonly portTaken: number | undefined;
  readonly dataFolder: string;
  readonly logFile: string;
  readonly hasDemo: boolean;
  readonly startedAtMs: number;
}

const REASONS: Readonly<Record<string, string>> = {
  'camera-down': 'the camera was away',
  'network-loss': 'the network lost it',
  disk: 'no disk took it',
  schedule: 'not in the schedule',
  restart: 'the box was off',
  overload: 'the disk was too slow',
  'clock-step': 'the clock was set',
  stopped: 'the box was stopped',
};

const GAPS_SHOWN = 3;
const PROBLEMS_SHOWN = 3;
/** Together they fill a terminal of 80 columns. */
const LEAST_WIDTHS = [1, 15, 10, 25, 6, 7, 5, 4];

/** The block for a terminal of that many columns and rows, one string per line. */
export function block(figures: Figures, around: Surroundings, size: { columns: number; rows: number }): string[] {
  const { columns, rows } = size;
  const notices = [...problemLines(figures, columns), ...gapLines(figures)];
  const foot = footer(figures, around, columns);
  const room = Math.max(1, rows - foot.length - notices.length - 6);
  const isStarting = figures.cameras.length === 0 && figures.status.expected > 0;
  const cameras = isStarting ? ['  The cameras are being called.'] : table(figures.cameras.slice(0, room));
  if (figures.cameras.length > room) cameras.push(`  ... and ${figures.cameras.length - room} more on the status page`);
  const aside = around.hasDemo ? 'The warehouse loses its power now and then, to show what that looks like.' : '';
  const lines = [title(figures, around), aside, '', ...cameras, ...notices, '', ...foot];
  // A small terminal keeps the top, where the cameras are, and the last line, which says how to end.
  if (lines.length >= rows) lines.splice(rows - 2, lines.length - rows + 1);
  return lines.map((line) => line.slice(0, columns));
}

/** Everything of importance in one line. */
export function line(figures: Figures): string {
  const { status, gaps } = figures;
  const kbit = status.cameras.reduce((sum, camera) => sum + camera.bitsPerSecond, 0) / 1000;
  const seconds = status.cameras.reduce((sum, camera) => sum + camera.recordedTodayS, 0);
  const files = figures.cameras.reduce((sum, camera) => sum + camera.filesToday, 0);
  const last = gaps[0] && ` (last: ${gapText(gaps[0])})`;
  return [
    `${new Date().toISOString().slice(0, 19)}Z recording ${status.recording} of ${status.expected}`,
    `${kbit.toFixed(0)} kbit/s`,
    `today ${clock(seconds)} in ${files} files`,
    `gaps since start: ${gaps.length}${last ?? ''}`,
    disks(figures),
    machine(figures),
  ].join(' | ');
}

/** h:mm:ss */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${Math.floor(whole / 3600)}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

export function bytes(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} GB`;
  return `${(value / 1e6).toFixed(1)} MB`;
}

/** As people type it: below the current folder without its whole path. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '..' || short.startsWith(`..${sep}`) ? path : short;
}

function title({ status }: Figures, { hasDemo, startedAtMs }: Surroundings): string {
  const running = clock((Date.now() - startedAtMs) / 1000);
  return `${status.name}${hasDemo ? ' with four simulated cameras' : ''}: recording ${status.recording} of ${status.expected}, running ${running}`;
}

function table(cameras: readonly CameraFigures[]): string[] {
  if (cameras.length === 0) return ['  No camera yet.'];
  const rows = cameras.map(({ status, filesToday, gaps }) => [
    status.recording === 'recording' ? '●' : '○',
    status.stream === 'main' ? status.name : `${status.name} (${status.stream})`,
    stateOf(status),
    picture(status),
    (status.bitsPerSecond / 1000).toFixed(0),
    clock(status.recordedTodayS),
    String(filesToday),
    String(gaps),
  ]);
  const head = ['', 'camera', 'state', 'picture and sound', 'kbit/s', 'today', 'files', 'gaps'];
  const widths = LEAST_WIDTHS.map((width, i) => Math.max(width, ...rows.map((row) => Math.min(30, row[i]!.length))));
  const isNumber = (i: number): boolean => i > 3;
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i]!) : cell.slice(0, 30).padEnd(widths[i]!)))
      .join(' ')
      .trimEnd(),
  );
}

function stateOf({ recording, connection, problem }: CameraFigures['status']): string {
  if (recording === 'recording') return 'recording';
  if (problem) return 'away';
  if (recording === 'no-disk') return 'no disk';
  return recording === 'idle' && connection === 'playing' ? 'not now' : 'connecting';
}

function picture({ video, audio }: CameraFigures['status']): string {
  return video ? `${video.codec} ${video.width}x${video.height}${audio ? ` ${audio}` : ''}` : '-';
}

function problemLines({ status }: Figures, columns: number): string[] {
  return status.problems.slice(0, PROBLEMS_SHOWN).flatMap(({ subject, what, advice }) => {
    const name = status.cameras.find(({ id }) => id === subject)?.name ?? subject;
    return wrap(`! ${name}: ${what} ${advice}`, columns);
  });
}

/** Breaks a text between words; the lines after the first are indented by two. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = ` `;
    }
    line += line ? ` ${word}` : word;
  }
  return [...lines, line];
}

function gapLines({ gaps }: Figures): string[] {
  const lines = gaps.slice(0, GAPS_SHOWN).map((gap) => `  gap: ${gapText(gap)}`);
  if (gaps.length > GAPS_SHOWN)
    lines.push(`  ... and ${gaps.length - GAPS_SHOWN} earlier: npm run ipvs -- help says how to list them`);
  return lines;
}

function gapText({ camera, start, seconds, reason }: Figures['gaps'][number]): string {
  return `${camera} at ${start.slice(11, 19)} UTC for ${seconds.toFixed(0)} s, ${REASONS[reason] ?? reason}`;
}

function disks({ status }: Figures): string {
  return status.volumes
    .map(({ id, state, usedBytes, budgetBytes }) => {
      return state === 'ready' ? `${id} ${bytes(usedBytes)} of ${bytes(budgetBytes)}` : `${id} ${state}`;
    })
    .join(', ');
}

function machine({ status, cpuShare }: Figures): string {
  const cpu = cpuShare === undefined ? '' : `, ${(cpuShare * 100).toFixed(1)} % of one processor core`;
  return `${bytes(status.process.rssBytes)} of memory${cpu}`;
}

function footer(figures: Figures, around: Surroundings, columns: number): string[] {
  const { url, secureUrl, portTaken, dataFolder, logFile } = around;
  const own = shown(dataFolder) === 'data' ? '' : ` --data ${shown(dataFolder)}`;
  const day = new Date().toISOString().slice(0, 10);
  const folder = shown(figures.status.volumes[0]?.folder ?? dataFolder);
  const newest = `         ${shown(figures.newestFile ?? '')}`;
  return [
    `page     ${url}${portTaken === undefined ? '' : `   (port ${portTaken} is taken by another program)`}`,
    ...(secureUrl === undefined ? [] : [`for all  ${secureUrl}`]),
    ...(figures.claimCode === undefined ? [] : [`set-up   with the claim code ${figures.claimCode}`]),
    `files    ${folder}/video/<camera>/main/${day}/*.mp4`,
    '         open any of them in a player, also one that still grows',
    ...(figures.newestFile === undefined || newest.length > columns ? [] : [newest]),
    `disk     ${disks(figures)}; then the oldest files make room`,
    `box      ${machine(figures)}; log: ${shown(logFile)}`,
    '',
    'A camera of your own, from another terminal:',
    '  npm run ipvs -- cameras add NAME rtsp://ADDRESS/PATH \\',
    `    --username USER --password-stdin${own}`,
    '',
    'Ctrl-C ends it with every file finished.',
  ];
}
