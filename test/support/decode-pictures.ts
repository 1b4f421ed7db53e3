import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFrameCode, type FrameCode } from './frame-number.ts';

/** Luma of each picture of a stream that ffmpeg understands, one byte a pixel. */
export async function decodeLuma(bytes: Buffer, size: { width: number; height: number }): Promise<Buffer[]> {
  const args = [
    '-v',
    'error',
    '-i',
    'pipe:0',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ];
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(bytes);
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  await once(child, 'close');
  const all = Buffer.concat(pieces);
  const each = size.width * size.height;
  return Array.from({ length: Math.floor(all.length / each) }, (_, i) => all.subarray(i * each, (i + 1) * each));
}

/** What is burnt into each picture. */
export async function decodeCodes(
  bytes: Buffer,
  size: { width: number; height: number },
): Promise<(FrameCode | undefined)[]> {
  return (await decodeLuma(bytes, size)).map((luma) => readFrameCode(luma, size.width));
}
