/** What the box is compared with: ffmpeg, one per camera, and the floor. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cameras } from './cameras.ts';
import { Child } from './child.ts';

/** Something that records all cameras. */
export interface Recorder {
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** One ffmpeg for each camera writes fragmented MP4 in segments, which is what most recorders do. */
export async function startFfmpeg(cameras: Cameras, folder: string, log: string): Promise<Recorder> {
  const children: Child[] = [];
  for (let index = 0; index < cameras.count; index++) {
    const out = join(folder, `cam${index}`);
    await mkdir(out, { recursive: true });
    children.push(
      new Child(
        'ffmpeg',
        [
          ...['-nostdin', '-v', 'error', '-rtsp_transport', 'tcp', '-i', cameras.url(index), '-c', 'copy'],
          ...['-f', 'segment', '-segment_time', '60', '-segment_format', 'mp4', '-reset_timestamps', '1'],
          ...['-segment_format_options', 'movflags=+frag_keyframe+empty_moov+default_base_moof'],
          join(out, '%04d.mp4'),
        ],
        { log },
      ),
    );
  }
  return recorderOf(children);
}

/** `compiled` is the program made of floor.c; without it, Node runs floor.ts. */
export async function startFloor(
  cameras: Cameras,
  folder: string,
  options: { log: string; compiled: string | undefined; tracks: number; napMs: number },
): Promise<Recorder> {
  await mkdir(folder, { recursive: true });
  const { log, compiled, tracks, napMs } = options;
  const args = [cameras.port, cameras.count, tracks, napMs].map(String).concat(folder);
  const program = compiled ?? process.execPath;
  return recorderOf([
    new Child(program, compiled === undefined ? [join(import.meta.dirname, 'floor.ts'), ...args] : args, { log }),
  ]);
}

function recorderOf(children: readonly Child[]): Recorder {
  return {
    pids: children.map(({ pid }) => pid),
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}
