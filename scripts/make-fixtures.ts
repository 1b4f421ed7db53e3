/**
 * Draws and encodes the clips in test/fixtures: `node scripts/make-fixtures.ts`. Needs ffmpeg with libx264 and libx265.
 * Run by hand when a scene or a clip changes; the results are kept in the repository.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { paintFrameCode } from '../test/support/frame-number.ts';
import { Canvas, rgb } from '../test/support/scenes/canvas.ts';
import { SCENES } from '../test/support/scenes/scenes.ts';
import { hum, murmur } from '../test/support/scenes/sounds.ts';

const folder = new URL('../test/fixtures/', import.meta.url);

interface Recipe {
  readonly name: string;
  readonly scene: keyof typeof SCENES;
  readonly codec: 'h264' | 'h265';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Frames from one key frame to the next; the clip holds an even number of GOPs, so that idr_pic_id alternates on looping. */
  readonly gop: number;
  readonly frames: number;
  readonly kbps: number;
  readonly bFrames?: number;
  /** Slices of a picture; 1 if absent. */
  readonly slices?: number;
}

const RECIPES: readonly Recipe[] = [
  {
    name: 'front-door',
    scene: 'front-door',
    codec: 'h264',
    width: 1280,
    height: 720,
    fps: 15,
    gop: 30,
    frames: 300,
    kbps: 320,
  },
  { name: 'yard', scene: 'yard', codec: 'h265', width: 1280, height: 720, fps: 15, gop: 30, frames: 300, kbps: 200 },
  { name: 'shop', scene: 'shop', codec: 'h264', width: 640, height: 360, fps: 15, gop: 30, frames: 300, kbps: 110 },
  {
    name: 'warehouse',
    scene: 'warehouse',
    codec: 'h264',
    width: 640,
    height: 360,
    fps: 15,
    gop: 30,
    frames: 300,
    kbps: 110,
  },
  {
    name: 'small',
    scene: 'front-door',
    codec: 'h264',
    width: 320,
    height: 240,
    fps: 25,
    gop: 10,
    frames: 100,
    kbps: 80,
  },
  {
    name: 'small-h265',
    scene: 'yard',
    codec: 'h265',
    width: 320,
    height: 240,
    fps: 25,
    gop: 10,
    frames: 100,
    kbps: 60,
  },
  {
    name: 'b-frames',
    scene: 'shop',
    codec: 'h264',
    width: 320,
    height: 240,
    fps: 25,
    gop: 25,
    frames: 100,
    kbps: 60,
    bFrames: 2,
  },
  {
    name: 'slices',
    scene: 'yard',
    codec: 'h264',
    width: 320,
    height: 240,
    fps: 25,
    gop: 25,
    frames: 50,
    kbps: 60,
    slices: 3,
  },
  {
    name: 'long-gop',
    scene: 'warehouse',
    codec: 'h264',
    width: 320,
    height: 240,
    fps: 15,
    gop: 450,
    frames: 900,
    kbps: 25,
  },
  { name: 'resize-a', scene: 'shop', codec: 'h264', width: 320, height: 240, fps: 15, gop: 15, frames: 30, kbps: 60 },
  { name: 'resize-b', scene: 'shop', codec: 'h264', width: 480, height: 360, fps: 15, gop: 15, frames: 30, kbps: 90 },
];

/** Runs ffmpeg and feeds it what the generator yields. */
async function ffmpeg(args: string[], input: Iterable<Buffer>): Promise<void> {
  const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const exited = once(child, 'exit');
  for (const bytes of input) if (!child.stdin.write(bytes)) await once(child.stdin, 'drain');
  child.stdin.end();
  const [code] = await exited;
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
}

function* pictures(recipe: Recipe): Generator<Buffer> {
  const scene = SCENES[recipe.scene];
  const backdrop = new Canvas(recipe.width, recipe.height);
  scene.backdrop(backdrop);
  const dot = Math.max(2, Math.floor(recipe.height / 100));
  backdrop.text(dot * 3, recipe.height - dot * 10, dot, scene.title, rgb(0xffffff));
  for (let number = 0; number < recipe.frames; number++) {
    const canvas = new Canvas(recipe.width, recipe.height);
    canvas.copyFrom(backdrop);
    scene.actors(canvas, number / recipe.frames);
    const label = String(number).padStart(4, '0');
    canvas.rect(recipe.width - dot * 54, recipe.height - dot * 18, dot * 52, dot * 16, rgb(0x101010));
    canvas.text(recipe.width - dot * 51, recipe.height - dot * 17, dot * 2, label, rgb(0xffffff));
    paintFrameCode(canvas, { scene: scene.number, number });
    yield canvas.bytes;
  }
}

function encoder(recipe: Recipe): string[] {
  const common = ['-b:v', `${recipe.kbps}k`, '-maxrate', `${recipe.kbps * 2}k`, '-bufsize', `${recipe.kbps * 2}k`];
  const keys = `keyint=${recipe.gop}:min-keyint=${recipe.gop}:scenecut=0:open-gop=0`;
  // The encoders' own SEI is removed: it would be a tenth of a small clip.
  if (recipe.codec === 'h265') {
    const options = `${keys}:bframes=${recipe.bFrames ?? 0}:info=0:log-level=error:repeat-headers=1`;
    return ['-c:v', 'libx265', '-preset', 'medium', ...common, '-x265-params', options, '-f', 'hevc'];
  }
  const options = `${keys}:bframes=${recipe.bFrames ?? 0}:b-pyramid=0:weightp=0:slices=${recipe.slices ?? 1}`;
  const clean = ['-bsf:v', 'filter_units=remove_types=6', '-f', 'h264'];
  return ['-c:v', 'libx264', '-preset', 'slow', '-profile:v', 'main', ...common, '-x264-params', options, ...clean];
}

async function makeVideo(recipe: Recipe): Promise<Record<string, unknown>> {
  const { name, codec, width, height, fps, gop, frames } = recipe;
  const file = `${name}.${codec}`;
  const input = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', `${fps}`, '-i', 'pipe:0'];
  await ffmpeg([...input, ...encoder(recipe), new URL(file, folder).pathname], pictures(recipe));
  const { size } = await stat(new URL(file, folder));
  console.log(`${file}: ${size} bytes`);
  const scene = SCENES[recipe.scene].number;
  return { file, codec, width, height, fps, gop, frames, bFrames: recipe.bFrames ?? 0, scene, bytes: size };
}

async function makeAudio(): Promise<Record<string, unknown>> {
  const pcm = (rate: number) => ['-f', 's16le', '-ar', `${rate}`, '-ac', '1', '-i', 'pipe:0'];
  const aac = new URL('voice.aac', folder).pathname;
  await ffmpeg([...pcm(16000), '-c:a', 'aac', '-b:a', '24k', '-f', 'adts', aac], [murmur(16000, 12)]);
  const alaw = new URL('machines.alaw', folder).pathname;
  await ffmpeg([...pcm(8000), '-c:a', 'pcm_alaw', '-f', 'alaw', alaw], [hum(8000, 6)]);
  return {
    aac: { file: 'voice.aac', codec: 'aac', sampleRate: 16000, channels: 1 },
    pcma: { file: 'machines.alaw', codec: 'pcma', sampleRate: 8000, channels: 1 },
  };
}

await mkdir(folder, { recursive: true });
const only = process.argv.slice(2);
if (only.length > 0) {
  for (const recipe of RECIPES.filter(({ name }) => only.includes(name))) await makeVideo(recipe);
} else {
  const video: Record<string, unknown> = {};
  for (const recipe of RECIPES) video[recipe.name] = await makeVideo(recipe);
  await writeFile(new URL('index.json', folder), JSON.stringify({ video, audio: await makeAudio() }, null, 2) + '\n');
}
