/** Words for people: the same facts as --json, as short lines. */
import type { BoxStatus, CameraProbe, CameraSettings, Gap, Segment, VerifyReport } from '../control/index.ts';
import type { z } from 'zod';

type Camera = z.output<typeof BoxStatus>['cameras'][number];

export function formatCameras(value: unknown): string {
  const cameras = value as z.output<typeof CameraSettings>[];
  if (cameras.length === 0) return 'No cameras yet. Add one: ipvs cameras add NAME rtsp://ADDRESS/PATH';
  return table(
    ['id', 'name', 'mode', 'streams'],
    cameras.map((camera) => [
      camera.id,
      camera.name,
      camera.enabled ? camera.mode : 'switched off',
      camera.streams.map((stream) => `${stream.id}${stream.record ? '' : ' (not recorded)'}: ${stream.url}`).join('  '),
    ]),
  );
}

export function formatSegments(value: unknown): string {
  const segments = value as z.output<typeof Segment>[];
  if (segments.length === 0) return 'Nothing was recorded in this span.';
  return table(
    ['start (UTC)', 'seconds', 'size', 'state', 'file'],
    segments.map((each) => [
      each.start,
      ((each.endUs - each.startUs) / 1e6).toFixed(1),
      formatBytes(each.bytes),
      each.open ? 'growing' : each.suspect ? 'suspect' : 'whole',
      each.file,
    ]),
  );
}

export function formatGaps(value: unknown): string {
  const gaps = value as z.output<typeof Gap>[];
  if (gaps.length === 0) return 'No gaps in this span.';
  return table(
    ['start (UTC)', 'end (UTC)', 'seconds', 'reason'],
    gaps.map((gap) => [gap.start, gap.end, gap.seconds.toFixed(1), gap.reason]),
  );
}

export function formatProbe(value: unknown): string {
  const probe = value as z.output<typeof CameraProbe>;
  const { video } = probe;
  const interval = probe.keyFrameIntervalS === undefined ? 'not seen twice' : `${probe.keyFrameIntervalS.toFixed(1)} s`;
  const lines = [
    `video       ${video.codec} ${video.width}x${video.height}, ${probe.fps.toFixed(1)} pictures/s (${video.rfc6381})`,
    `bit rate    ${(probe.bitsPerSecond / 1000).toFixed(0)} kbit/s measured`,
    `key frames  every ${interval}`,
    `audio       ${probe.audio ?? 'none'}`,
    `transport   ${probe.transport}, ${probe.frames} pictures, ${probe.packetsLost} packets lost`,
    `clock       ${probe.clockOffsetS === undefined ? 'the camera does not tell its time' : `${probe.clockOffsetS.toFixed(2)} s off`}`,
    ...probe.warnings.map((warning) => `warning     ${warning.text}`),
  ];
  return lines.join('\n');
}

export function formatVerify(value: unknown): string {
  const report = value as z.output<typeof VerifyReport>;
  const head = `${report.segments} segments on ${report.volumes} volume(s) checked: ${report.ok ? 'everything is in order' : `${report.findings.length} finding(s)`}.`;
  return [head, ...report.findings.map((each) => `${each.code}  ${each.path ?? ''}  ${each.detail}`)].join('\n');
}

export function formatStatus(value: unknown): string {
  const box = value as z.output<typeof BoxStatus>;
  const head = `Recording ${box.recording} of ${box.expected} streams.`;
  const rows = box.cameras.map((camera) => [camera.name, cameraState(camera), ...cameraFigures(camera)]);
  const volumes = box.volumes.map(
    (volume) =>
      `disk ${volume.id}: ${volume.state}, ${formatBytes(volume.usedBytes)} of ${formatBytes(volume.budgetBytes)} used`,
  );
  const problems = box.problems.map(({ subject, what, advice, repairs }) => {
    const mended = repairs.length === 0 ? '' : ` In the window: ${repairs.map(({ title }) => title).join(', or: ')}.`;
    return `problem: ${subject}: ${what} ${advice}${mended}`;
  });
  const about = `Firmware ${box.version}, looked after until ${box.supportedUntil}.`;
  return [
    head,
    table(['camera', 'state', 'video', 'kbit/s', 'lost', 'today'], rows),
    ...volumes,
    ...problems,
    about,
  ].join('\n');
}

/** What a camera does now, in words. */
function cameraState(camera: Camera): string {
  if (camera.problem && camera.connection !== 'playing') return camera.problem.what;
  if (camera.recording === 'idle') return `${camera.connection}, not recording (${camera.mode})`;
  return camera.recording === 'recording' ? 'recording' : `${camera.connection}, ${camera.recording}`;
}

function cameraFigures(camera: Camera): string[] {
  const { video } = camera;
  return [
    video ? `${video.codec} ${video.width}x${video.height}${camera.audio ? ` + ${camera.audio}` : ''}` : '-',
    (camera.bitsPerSecond / 1000).toFixed(0),
    String(camera.packetsLost),
    formatSeconds(camera.recordedTodayS),
  ];
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

export function formatSeconds(seconds: number): string {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
