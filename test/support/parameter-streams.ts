import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nalType, splitAnnexB, type VideoCodec } from '../../firmware/media/index.ts';

export interface StreamRecipe {
  readonly name: string;
  readonly codec: VideoCodec;
  readonly size: string;
  readonly fps?: string;
  readonly pixels?: string;
  /** More arguments of ffmpeg. */
  readonly more?: readonly string[];
  /** Options of x264 or x265. */
  readonly options?: string;
}

export interface MadeStream {
  readonly nals: readonly Buffer[];
  /** What ffprobe says. */
  readonly width: number;
  readonly height: number;
  readonly level: number;
  readonly pixels: string;
  readonly fps: number;
  /** The decoder configuration record that ffmpeg makes of the same stream. */
  readonly record: Buffer;
}

export const hasFfmpeg =
  spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0;

/** Encodes a few pictures and lets ffmpeg describe them. Undefined if this ffmpeg's encoder cannot make such a stream. */
export function makeStream(recipe: StreamRecipe): MadeStream | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'parameters-'));
  try {
    const { codec, size, fps = '25', pixels = 'yuv420p', more = [], options } = recipe;
    const raw = join(folder, `raw.${codec === 'h264' ? 'h264' : 'hevc'}`);
    const movie = join(folder, 'movie.mp4');
    const params = codec === 'h264' ? ['-x264-params'] : ['-x265-params'];
    params.push(`${options ?? 'threads=1'}${codec === 'h265' ? ':log-level=none:pools=1' : ''}`);
    const encoder = ['-c:v', codec === 'h264' ? 'libx264' : 'libx265', '-preset', 'ultrafast', '-pix_fmt', pixels];
    const input = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-frames:v', '4'];
    if (run('ffmpeg', '-v', 'quiet', ...input, ...encoder, ...params, ...more, raw) === undefined) return undefined;
    const tag = codec === 'h264' ? 'avc1' : 'hvc1';
    run('ffmpeg', '-v', 'error', '-r', fps, '-i', raw, '-c', 'copy', '-tag:v', tag, movie);
    const probed = JSON.parse(run('ffprobe', '-v', 'error', '-show_streams', '-of', 'json', raw)!) as {
      streams: [{ width: number; height: number; level: number; pix_fmt: string; r_frame_rate: string }];
    };
    const [stream] = probed.streams;
    const [count, seconds] = stream.r_frame_rate.split('/').map(Number);
    const { width, height, level } = stream;
    const record = boxBody(readFileSync(movie), codec === 'h264' ? 'avcC' : 'hvcC');
    return { nals: nalsOf(raw), width, height, level, pixels: stream.pix_fmt, fps: count! / seconds!, record };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The NAL units of these types. */
export function nalsOfTypes(codec: VideoCodec, nals: readonly Buffer[], ...types: number[]): Buffer[] {
  return nals.filter((nal) => types.includes(nalType(codec, nal[0]!)));
}

function nalsOf(file: string): Buffer[] {
  const bytes = readFileSync(file);
  return splitAnnexB(bytes, 0, bytes.length).map(({ start, end }) => bytes.subarray(start, end));
}

function run(command: string, ...args: string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout : undefined;
}

function boxBody(file: Buffer, type: string): Buffer {
  const at = file.indexOf(type);
  return file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4));
}
