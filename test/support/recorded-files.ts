/** Whether what a box recorded of simulated cameras is whole, playable, and in its place in time. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import { readSegment } from '../../firmware/media/index.ts';
import { Box, cameraAt, type GapRow } from './box.ts';
import type { Camera, CameraOptions } from './camera/camera.ts';
import { CameraFarm } from './camera/farm.ts';
import { burntNumbers, decodeErrors, probe, type Probe } from './ffprobe.ts';
import { compareOrdinals, picturesOf, type RecordedPicture } from './ordinals.ts';

export interface RecordedFile extends Probe {
  readonly segment: Segment;
  readonly pictures: readonly RecordedPicture[];
}

export interface Scene {
  readonly farm: CameraFarm;
  readonly box: Box;
}

export async function record(t: Test, cameras: readonly CameraOptions[], segmentSeconds = 5): Promise<Scene> {
  const farm = await CameraFarm.start({ cameras });
  t.teardown(() => farm.stop());
  const settings = cameras.map(({ path }) => cameraAt(path, farm.url(path)));
  const box = await Box.start(t, { settings: { cameras: settings, recording: { segmentSeconds } } });
  await box.untilRecording();
  return { farm, box };
}

/** One file of a volume, by what it says itself. */
export interface Segment {
  readonly file: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly startsWithKey: boolean;
}

/** What a box has recorded of its cameras, and left out, by path. */
export interface Footage {
  readonly segments: ReadonlyMap<string, readonly Segment[]>;
  readonly gaps: ReadonlyMap<string, readonly GapRow[]>;
}

/** Ends all recordings and tells what there is. */
export async function finishRecording(t: Test, { farm, box }: Scene): Promise<Footage> {
  const gaps = new Map<string, readonly GapRow[]>();
  for (const { path } of farm.cameras) gaps.set(path, await box.gaps(path));
  t.equal(await box.stop(), 0, 'the box ends cleanly');
  const segments = new Map<string, readonly Segment[]>();
  for (const { path } of farm.cameras) {
    const folder = join(box.data, 'recordings/video', path, 'main');
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.mp4')).sort();
    segments.set(path, await Promise.all(names.map((name) => readFileOf(t, join(folder, name)))));
  }
  return { segments, gaps };
}

async function readFileOf(t: Test, file: string): Promise<Segment> {
  const bytes = await readFile(file);
  const read = async (offset: number, length: number): Promise<Buffer> => bytes.subarray(offset, offset + length);
  const { state, identity, endWallUs } = await readSegment({ size: bytes.length, read });
  t.equal(state, 'finished', file);
  return { file, startUs: identity.startWallUs, endUs: endWallUs, startsWithKey: identity.startsWithKey };
}

export async function untilRecorded({ farm, box }: Scene, seconds: number): Promise<void> {
  await box.untilStatus(`${seconds} s of all`, ({ cameras }) => {
    return cameras.length === farm.cameras.length && cameras.every(({ recordedTodayS }) => recordedTodayS >= seconds);
  });
}

export function secondsOf({ startUs, endUs }: Segment): number {
  return (endUs - startUs) / 1e6;
}

/** All files of a camera, each judged by another program: whole, decodable if that is asked, with times that make sense. */
export async function filesOf(
  t: Test,
  footage: Footage,
  path: string,
  options: { decode: boolean } = { decode: true },
): Promise<RecordedFile[]> {
  const files: RecordedFile[] = [];
  for (const segment of footage.segments.get(path)!) {
    const probed = await probe(segment.file);
    const pictures = await picturesOf(segment.file, probed);
    if (segment.startsWithKey) {
      t.strictSame(probed.warnings, [], `${path}: ffprobe has no complaint`);
      if (options.decode) t.strictSame(await decodeErrors(segment.file), [], `${path}: every picture is decoded`);
    }
    checkTimes(t, path, segment, probed);
    files.push({ ...probed, segment, pictures });
  }
  return files;
}

function checkTimes(t: Test, path: string, segment: Segment, { streams, packets }: Probe): void {
  for (const { index, kind, timeBase } of streams) {
    const own = packets.filter(({ stream }) => stream === index);
    const scale = Number(timeBase.split('/')[1]);
    const seconds = own.map(({ dts }) => dts! / scale);
    t.ok(
      seconds.every((time, i) => i === 0 || time > seconds[i - 1]!),
      `${path}: decode times of ${kind} increase`,
    );
    const longest = own.reduce((most, { duration }) => Math.max(most, (duration ?? 0) / scale), 0);
    t.ok(longest < 1, `${path}: no ${kind} frame of ${longest} s`);
    if (kind !== 'video') continue;
    const lastS = seconds.at(-1)! - seconds[0]! + own.at(-1)!.duration! / scale;
    t.ok(Math.abs(lastS - secondsOf(segment)) < 0.1, `${path}: ${secondsOf(segment)} s last ${lastS} s`);
  }
}

export function ordinalsOf(files: readonly RecordedFile[]): number[] {
  return files.flatMap(({ pictures }) => pictures.flatMap(({ ordinal }) => ordinal ?? []));
}

/** Every picture that was sent is there once, in order, and there is no gap. */
export function checkWhole(t: Test, footage: Footage, camera: Camera, files: readonly RecordedFile[]): void {
  const sent = camera.sessions.flatMap(({ sentFrames }) => sentFrames);
  const compared = compareOrdinals(sent, ordinalsOf(files));
  t.strictSame(compared, { missing: [], unexpected: [], repeated: [], disordered: 0 }, `${camera.path}: every picture`);
  t.equal(camera.sessions.length, 1, `${camera.path}: one session`);
  t.same(footage.gaps.get(camera.path), [], `${camera.path}: no gap`);
}

/** The files together last as long as their pictures do, and follow each other. */
export function checkLength(t: Test, path: string, files: readonly RecordedFile[], fps: number, slackS = 1): void {
  const recordedS = files.reduce((sum, { segment }) => sum + secondsOf(segment), 0);
  const [first, last] = [files[0]!.segment, files.at(-1)!.segment];
  const spanS = (last.endUs - first.startUs) / 1e6;
  const picturesS = ordinalsOf(files).length / fps;
  t.ok(Math.abs(recordedS - picturesS) < slackS, `${path}: ${picturesS} s of pictures last ${recordedS} s`);
  t.ok(Math.abs(spanS - recordedS) < slackS, `${path}: and fill the time from the first to the last`);
}

/** The pictures of a clip with B-frames are shown in the order of their numbers. */
export async function checkOrderShown(t: Test, files: readonly RecordedFile[], clipLength: number): Promise<void> {
  for (const { segment, pictures } of files) {
    const shown = (await burntNumbers(segment.file)).map((code) => code?.number ?? NaN);
    t.equal(shown.length, pictures.length);
    // The last group of pictures may have been cut off in the middle.
    const whole = shown.slice(0, -3);
    t.ok(
      whole.every((number, i) => i === 0 || number === (whole[i - 1]! + 1) % clipLength),
      shown.join(' '),
    );
  }
}

/** What a decoder shows is what the camera sent, picture by picture. */
export async function checkShown(t: Test, camera: Camera, files: readonly RecordedFile[]): Promise<void> {
  for (const { segment, pictures } of files) {
    const inOrder = pictures.toSorted((a, b) => a.pts! - b.pts!);
    const sent = inOrder.map(({ ordinal }) => camera.frameAt(ordinal!).number);
    const shown = await burntNumbers(segment.file);
    t.same(
      shown.map((code) => code?.number),
      sent,
      `${camera.path}: the right pictures in the right order`,
    );
  }
}
