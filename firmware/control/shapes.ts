import { z } from 'zod';
import { Repair } from './problem-repairs.ts';

/** Letters, digits and hyphens: safe as a folder name, a topic level and a URL path. */
export const Id = z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be 1-40 lower-case letters, digits or hyphens');

/** An instant: ISO 8601 with a zone, kept as UTC microseconds inside. */
export const Instant = z.iso
  .datetime({ offset: true, error: 'must be a time such as 2026-05-31T18:30:00Z' })
  .transform((text) => Date.parse(text) * 1000);

/** UTC microseconds on the way out, as ISO 8601 with milliseconds. */
export function isoOf(wallUs: number): string {
  return new Date(Math.floor(wallUs / 1000)).toISOString();
}

export const Mode = z.enum(['continuous', 'schedule', 'event', 'manual']);
export const Transport = z.enum(['tcp', 'udp', 'auto']);

export const CameraSettings = z.object({
  id: Id,
  name: z.string().min(1).max(80),
  enabled: z.boolean(),
  mode: Mode,
  /** Where people look for it, such as a building or a floor, and the words by which they find it. */
  groups: z.array(z.string()).default([]),
  labels: z.array(z.string()).default([]),
  streams: z.array(z.object({ id: Id, url: z.string(), transport: Transport, record: z.boolean() })).min(1),
});

export const Segment = z.object({
  camera: Id,
  stream: Id,
  start: z.string(),
  end: z.string(),
  startUs: z.number(),
  endUs: z.number(),
  bytes: z.number(),
  codec: z.string(),
  open: z.boolean(),
  suspect: z.boolean(),
  startsWithKey: z.boolean(),
  volume: z.string(),
  sequence: z.number(),
  file: z.string(),
});

export const Gap = z.object({ start: z.string(), end: z.string(), seconds: z.number(), reason: z.string() });

export const CoverageDay = z.object({
  day: z.string(),
  seconds: z.number(),
  bytes: z.number(),
  segments: z.number(),
});

const Finding = z.object({ code: z.string(), path: z.string().optional(), detail: z.string() });

export const VerifyReport = z.object({
  ok: z.boolean(),
  volumes: z.number(),
  segments: z.number(),
  findings: z.array(Finding),
});

const CameraStatus = z.object({
  id: Id,
  name: z.string(),
  stream: Id,
  mode: Mode,
  /** The connection: playing, connecting, retrying, blocked, off. */
  connection: z.string(),
  /** The camera is not the one that was added: what it sends is recorded, and not to be trusted. */
  untrusted: z.boolean().optional(),
  /** Who steers it now; a higher priority comes before a lower one. */
  steering: z.object({ by: z.string(), priority: z.number() }).optional(),
  /** Recording, waiting for a key frame, idle, no disk. */
  recording: z.string(),
  /** Volumes that it is recorded on now. */
  volumes: z.array(z.string()),
  because: z.string(),
  /** What is wrong, in words, with what to do. */
  problem: z.object({ code: z.string(), what: z.string(), advice: z.string() }).optional(),
  nextTry: z.string().optional(),
  video: z
    .object({ codec: z.string(), width: z.number(), height: z.number(), fps: z.number(), gopS: z.number() })
    .optional(),
  audio: z.string().optional(),
  bitsPerSecond: z.number(),
  packetsLost: z.number(),
  framesRecorded: z.number(),
  recordedTodayS: z.number(),
  bytesToday: z.number(),
  gapSince: z.string().optional(),
  gapReason: z.string().optional(),
  notes: z.array(z.string()),
});

const VolumeStatus = z.object({
  id: z.string(),
  folder: z.string(),
  state: z.string(),
  usedBytes: z.number(),
  budgetBytes: z.number(),
  freeBytes: z.number(),
  queuedBytes: z.number(),
  writeMsP99: z.number(),
  syncMsP99: z.number(),
  oldest: z.string().optional(),
});

export const BoxStatus = z.object({
  box: z.string(),
  name: z.string(),
  version: z.string(),
  /** The last day on which this release is looked after, as YYYY-MM-DD. */
  supportedUntil: z.string(),
  /** Of the site: what people read is told in it. */
  timeZone: z.string(),
  startedAt: z.string(),
  recording: z.number(),
  expected: z.number(),
  cameras: z.array(CameraStatus),
  volumes: z.array(VolumeStatus),
  problems: z.array(
    z.object({
      code: z.string(),
      severity: z.string(),
      subject: z.string(),
      since: z.string(),
      what: z.string(),
      advice: z.string(),
      /** What can be done about it by one operation. */
      repairs: z.array(Repair),
    }),
  ),
  process: z.object({
    rssBytes: z.number(),
    loopDelayMsP99: z.number(),
    recordLoopDelayMsP99: z.number(),
    mediaBytesHeld: z.number(),
    cpuSeconds: z.number(),
  }),
});

export const CameraWatch = z.object({
  seconds: z.number(),
  frames: z.number(),
  keyFrames: z.number(),
  bytes: z.number(),
  /** Longest time without a picture. */
  longestPauseMs: z.number(),
  droppedFrames: z.number(),
});

export const CameraProbe = z.object({
  reachable: z.literal(true),
  transport: z.string(),
  video: z.object({ codec: z.string(), rfc6381: z.string(), width: z.number(), height: z.number() }),
  fps: z.number(),
  bitsPerSecond: z.number(),
  keyFrameIntervalS: z.number().optional(),
  audio: z.string().optional(),
  clockOffsetS: z.number().optional(),
  frames: z.number(),
  packetsLost: z.number(),
  warnings: z.array(z.object({ code: z.string(), text: z.string() })),
});

export const NoticeSeverity = z.enum(['notice', 'warning', 'error']);

const Fault = z.object({ code: z.string(), what: z.string(), advice: z.string() });

/** How notices go out: the channels now, and the last notices, the newest first. */
export const NoticeList = z.object({
  channels: z.array(
    z.object({
      /** `email`, or `webhook/<id>`. */
      id: z.string(),
      /** Where it leads, without secrets. */
      target: z.string(),
      minSeverity: NoticeSeverity,
      state: z.enum(['ok', 'failing', 'untried']),
      waiting: z.number(),
      delivered: z.string().optional(),
      error: Fault.optional(),
    }),
  ),
  /** Notices that were dropped before they were delivered, since the beginning. */
  dropped: z.number(),
  notices: z.array(
    z.object({
      id: z.string(),
      at: z.string(),
      kind: z.string(),
      title: z.string(),
      deliveries: z.array(
        z.object({ channel: z.string(), state: z.string(), attempts: z.number(), error: Fault.optional() }),
      ),
    }),
  ),
});

const FileSystemOnDisk = z.object({
  device: z.string(),
  sizeBytes: z.number(),
  kind: z.string(),
  uuid: z.string(),
  label: z.string(),
  mounts: z.array(z.string()),
  /** Whose recordings it holds: ours, other-box, newer, damaged, none, unknown. */
  footage: z.string(),
});

const Disk = z.object({
  /** Stays the same wherever the disk is plugged in; empty if nothing tells it apart. */
  id: z.string(),
  /** The name that the system gives it today. */
  device: z.string(),
  model: z.string(),
  serial: z.string(),
  sizeBytes: z.number(),
  rotational: z.boolean(),
  transport: z.string(),
  removable: z.boolean(),
  system: z.boolean(),
  /** Ids of the volumes that lie on it. */
  volumes: z.array(z.string()),
  fileSystems: z.array(FileSystemOnDisk),
  /** Why it cannot be formatted; absent if it can. */
  obstacle: z.object({ code: z.string(), what: z.string(), advice: z.string() }).optional(),
});

export const PooledVolume = z.object({ id: Id, name: z.string(), folder: z.string(), readOnly: z.boolean() });

export const DiskList = z.object({
  disks: z.array(Disk),
  volumes: z.array(PooledVolume),
  /** True if the process with the rights of root does not answer: less is known, and nothing can be formatted or mounted. */
  limited: z.boolean(),
});
