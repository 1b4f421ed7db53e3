/** Whether recorded sound is an unbroken piece of the looped clip that a simulated camera sends. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import type { AudioClip } from './camera/clip.ts';
import { probe } from './ffprobe.ts';

/** 'whole', or words that say where the files' sound, one behind another, is broken. */
export async function soundOf(clip: AudioClip, files: readonly string[]): Promise<string> {
  const pieces = await Promise.all(files.map((file) => (clip.kind === 'aac' ? aacFrames(file) : pcmSamples(file))));
  if (pieces.some((piece) => piece.length === 0)) return 'a file without sound';
  const found = Buffer.concat(pieces);
  const loop = clip.kind === 'aac' ? Buffer.concat(clip.frames) : await decodedG711(clip);
  return findIn(loop, found);
}

/** Length of the common part where `found` lies best in the endless loop. */
function findIn(loop: Buffer, found: Buffer): string {
  const endless = Buffer.concat(Array.from({ length: Math.ceil(found.length / loop.length) + 2 }, () => loop));
  const head = found.subarray(0, Math.min(found.length, 8000));
  let best = 0;
  for (let at = endless.indexOf(head); at >= 0 && at < loop.length; at = endless.indexOf(head, at + 1)) {
    if (endless.subarray(at, at + found.length).equals(found)) return 'whole';
    let same = 0;
    while (same < found.length && endless[at + same] === found[same]) same++;
    best = Math.max(best, same);
  }
  return `broken after ${best} of ${found.length} bytes`;
}

/** The raw AAC frames of a file, one behind another. */
async function aacFrames(file: string): Promise<Buffer> {
  const { streams, packets } = await probe(file);
  const audio = streams.find(({ kind }) => kind === 'audio');
  await using handle = await open(file);
  const frames: Buffer[] = [];
  for (const { stream, position, size } of packets) {
    if (stream !== audio?.index || position === undefined) continue;
    const bytes = Buffer.alloc(size);
    await handle.read(bytes, 0, size, position);
    frames.push(bytes);
  }
  return Buffer.concat(frames);
}

function pcmSamples(file: string): Promise<Buffer> {
  return decode(['-i', file, '-map', '0:a']);
}

function decodedG711(clip: AudioClip): Promise<Buffer> {
  const form = clip.kind === 'pcma' ? 'alaw' : 'mulaw';
  const input = ['-f', form, '-ar', String(clip.sampleRate), '-ac', String(clip.channels), '-i', 'pipe:0'];
  return decode(input, Buffer.concat(clip.frames));
}

async function decode(input: readonly string[], bytes?: Buffer): Promise<Buffer> {
  const child = spawn('ffmpeg', ['-v', 'error', ...input, '-f', 's16le', 'pipe:1'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(bytes);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
