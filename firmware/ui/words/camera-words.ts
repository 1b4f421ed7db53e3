import type { Status, CameraStatus } from '../box/live.ts';
import type { Tone } from '../parts/show.tsx';
import { length } from './format.ts';
import { faultWords, t, tOf } from './index.ts';
import { boxNow } from '../box/client.ts';

/** Resting as its plan says: neither lost nor recorded. */
export function isOff({ recording, problem, because }: CameraStatus): boolean {
  return recording === 'idle' && problem === undefined && because !== 'full';
}

/** Streams recorded now, and those that the plan wants recorded now. */
export function recordingCounts(
  cameras: readonly CameraStatus[],
  box: Pick<Status, 'recording' | 'expected'> | undefined,
): { recording: number; planned: number; off: number } {
  const off = cameras.filter(isOff).length;
  const recording = cameras.filter((each) => each.recording === 'recording').length;
  // Whoever sees some cameras only is told of those.
  const all = box && box.recording === recording ? Math.max(box.expected, cameras.length) : cameras.length;
  return { recording, planned: Math.max(recording, all - off), off };
}

/** The name of a camera, and of its stream where it is not the main one. */
export function streamName({ name, stream }: Pick<CameraStatus, 'name' | 'stream'>): string {
  return stream === 'main' ? name : `${name} (${tOf('stream', stream)})`;
}

/** How a stream is, in a few words. */
export function cameraState(camera: CameraStatus): { tone: Tone; text: string; more?: string } {
  const { recording, problem, gapSince } = camera;
  if (camera.untrusted === true && !problem) return { tone: 'bad', text: t('trust.changed') };
  if (recording === 'recording') return { tone: 'plain', text: tOf('because', camera.because, t('state.recording')) };
  const lasts =
    gapSince === undefined ? undefined : t('time.for', { length: length((boxNow() - Date.parse(gapSince)) / 1000) });
  const more = lasts === undefined ? {} : { more: lasts };
  if (problem) return { tone: 'bad', text: faultWords(problem).what, ...more };
  if (recording === 'no-disk') return { tone: 'bad', text: t('state.noDisk'), ...more };
  if (camera.because === 'full') return { tone: 'bad', text: t('state.full'), ...more };
  if (recording === 'idle') return { tone: 'plain', text: tOf('state.off', camera.mode, t('state.idle')) };
  return { tone: 'warn', text: tOf('connection', camera.connection, t('state.connecting')), ...more };
}

/** H.265 2560×1440, AAC */
export function pictureOf({ video, audio }: CameraStatus): string | undefined {
  if (!video) return undefined;
  return `${codecName(video.codec)} ${video.width}×${video.height}${audio === undefined ? '' : `, ${audio.toUpperCase()}`}`;
}

export function codecName(codec: string): string {
  return codec.replace(/^h(26[45])$/i, 'H.$1');
}
