/** ffprobe and ffmpeg as independent readers of what was recorded. */
import { type FrameCode, readFrameCode } from './frame-number.ts';
import { mustRun, runProgram } from './programs.ts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ProbedStream {
  readonly index: number;
  readonly codec: string;
  readonly kind: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly sampleRate: number | undefined;
  readonly channels: number | undefined;
  /** "num/den" as ffprobe writes it. */
  readonly timeBase: string;
  readonly startS: number | undefined;
  readonly durationS: number | undefined;
  /** Sample count of the index, if the file has one. */
  readonly frames: number | undefined;
}

export interface ProbedPacket {
  readonly stream: number;
  /** In ticks of the stream's time base; undefined if the file does not tell. */
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  readonly duration: number | undefined;
  readonly size: number;
  /** Where it is in the file. */
  readonly position: number | undefined;
  readonly key: boolean;
}

export interface Probe {
  readonly format: string;
  readonly durationS: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly streams: readonly ProbedStream[];
  readonly packets: readonly ProbedPacket[];
  /** Lines of complaint; none for a good file. */
  readonly warnings: readonly string[];
}

type Fields = Record<string, unknown>;

function number(value: unknown): number | undefined {
  const parsed = Number(value);
  return value === undefined || value === 'N/A' || Number.isNaN(parsed) ? undefined : parsed;
}

/** Everything ffprobe says about a file or an address; `packets: false` leaves out the packets. */
export async function probe(
  file: string,
  options: { packets?: boolean; args?: readonly string[] } = {},
): Promise<Probe> {
  const shows = ['-show_format', '-show_streams', ...(options.packets === false ? [] : ['-show_packets'])];
  const args = ['-v', 'warning', '-of', 'json', ...shows, ...(options.args ?? []), file];
  const { stdout, stderr } = await runProgram('ffprobe', args);
  const told = JSON.parse(stdout || '{}') as {
    format?: Fields & { format_name?: string };
    streams?: Fields[];
    packets?: Fields[];
  };
  return {
    format: told.format?.format_name ?? '',
    durationS: number(told.format?.['duration']),
    tags: (told.format?.['tags'] ?? {}) as Record<string, string>,
    streams: (told.streams ?? []).map(probedStream),
    packets: (told.packets ?? []).map(probedPacket),
    warnings: stderr.split('\n').filter((line) => line.trim() !== ''),
  };
}

function probedStream(fields: Fields): ProbedStream {
  return {
    index: Number(fields['index']),
    codec: String(fields['codec_name']),
    kind: String(fields['codec_type']),
    width: number(fields['width']),
    height: number(fields['height']),
    sampleRate: number(fields['sample_rate']),
    channels: number(fields['channels']),
    timeBase: String(fields['time_base']),
    startS: number(fields['start_time']),
    durationS: number(fields['duration']),
    frames: number(fields['nb_frames']),
  };
}

function probedPacket(fields: Fields): ProbedPacket {
  return {
    stream: Number(fields['stream_index']),
    pts: number(fields['pts']),
    dts: number(fields['dts']),
    duration: number(fields['duration']),
    size: Number(fields['size']),
    position: number(fields['pos']),
    key: String(fields['flags']).startsWith('K'),
  };
}

/** Complaints of a full decode of every stream: none for a file whose pictures and sounds are whole. */
export async function decodeErrors(file: string): Promise<string[]> {
  // Times stay those of the file: what ffmpeg makes of an odd frame rate is its own affair.
  const times = ['-fps_mode', 'passthrough', '-enc_time_base', '-1'];
  const { stderr } = await runProgram('ffmpeg', ['-v', 'error', '-xerror', '-i', file, ...times, '-f', 'null', '-']);
  return stderr.split('\n').filter((line) => line.trim() !== '');
}

/** The numbers burnt into the pictures of a file or address, in order of presentation; undefined where none can be read. */
export async function burntNumbers(
  file: string,
  options: { inputArgs?: readonly string[]; outputArgs?: readonly string[] } = {},
): Promise<(FrameCode | undefined)[]> {
  const width = 320;
  const height = 180;
  const scale = [
    '-vf',
    `scale=${width}:${height}:flags=area`,
    '-pix_fmt',
    'gray',
    '-f',
    'rawvideo',
    '-fps_mode',
    'passthrough',
  ];
  const args = [
    '-v',
    'error',
    ...(options.inputArgs ?? []),
    '-i',
    file,
    ...(options.outputArgs ?? []),
    ...scale,
    'pipe:1',
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const codes: (FrameCode | undefined)[] = [];
  const size = width * height;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of child.stdout) {
    rest = Buffer.concat([rest, chunk as Buffer]);
    for (; rest.length >= size; rest = rest.subarray(size)) codes.push(readFrameCode(rest, width));
  }
  await exited;
  return codes;
}

/** ffmpeg copies an address or file without re-encoding. */
export async function copyWithFfmpeg(
  input: readonly string[],
  output: readonly string[],
  timeoutMs = 120_000,
): Promise<void> {
  await mustRun('ffmpeg', ['-v', 'error', '-y', ...input, '-c', 'copy', ...output], timeoutMs);
}
