import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mustRun } from '../../test/support/programs.ts';
import { ROOT } from '../lib/tool.ts';

/** Made once and kept; not part of the repository. */
export const CACHE = join(ROOT, 'tmp/bench');

export const CLIP_FPS = 25;
export const GOP_PICTURES = 50;
const CLIP_SECONDS = 32;

/** 1080p25 at 4 Mbit/s with a key frame every 2 s, one slice, no B-frames: what an ordinary camera sends. The noise keeps the rate up. */
const ENCODER = [
  ...['-f', 'lavfi', '-i', 'testsrc2=size=1920x1080:rate=25,noise=alls=12:allf=t,format=yuv420p'],
  ...['-t', String(CLIP_SECONDS), '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'],
  ...['-profile:v', 'main', '-b:v', '4M', '-maxrate', '4500k', '-bufsize', '4M'],
  ...['-g', String(GOP_PICTURES), '-keyint_min', String(GOP_PICTURES), '-sc_threshold', '0', '-bf', '0'],
  ...['-x264-params', 'slices=1:sliced-threads=0:open-gop=0:force-cfr=1', '-f', 'h264'],
];

/** The clip that all cameras show, as an Annex-B file. */
export async function benchClip(): Promise<string> {
  const file = join(CACHE, 'camera-1080p25.h264');
  if (await exists(file)) return file;
  await mkdir(CACHE, { recursive: true });
  process.stdout.write('Making the cameras’ clip (once)...\n');
  await mustRun('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...ENCODER, `${file}.part`], 600_000);
  await rename(`${file}.part`, file);
  return file;
}

/** A Node of the box's own: with the bench's, it would share memory with the bench, and look smaller than it is. */
export async function nodeForBox(): Promise<string> {
  const file = join(CACHE, `node-${process.version}`);
  if (!(await exists(file))) {
    await mkdir(CACHE, { recursive: true });
    await copyFile(process.execPath, file);
  }
  return file;
}

/** The compiled floor, or undefined where there is no C compiler. */
export async function compiledFloor(compiler: string | undefined): Promise<string | undefined> {
  if (compiler === undefined) return undefined;
  const file = join(CACHE, 'floor');
  await mkdir(CACHE, { recursive: true });
  await mustRun(compiler, ['-O2', '-Wall', '-o', file, join(import.meta.dirname, 'floor.c')]);
  return file;
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
