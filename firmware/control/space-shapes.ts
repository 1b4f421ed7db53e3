import { z } from 'zod';
import { Id } from './shapes.ts';

/** Footage of a camera that is kept from being overwritten. Times are ISO 8601. */
export const Lock = z.object({
  id: z.string(),
  camera: z.string(),
  stream: z.string().optional(),
  from: z.string(),
  to: z.string(),
  reason: z.string(),
  /** Holds until then; absent: for ever. */
  until: z.string().optional(),
  made: z.string(),
  holds: z.boolean(),
  /** How many volumes hold it in their journals. */
  volumes: z.number(),
  /** Footage in its range. */
  segments: z.number(),
  bytes: z.number(),
});

const VolumeSpace = z.object({
  /** Its id in the settings, or its uuid if it is not in them. */
  id: z.string(),
  /** False: its disk is away; the rest is how it was. */
  here: z.boolean(),
  state: z.enum(['comfortable', 'trimming', 'short', 'stuck']),
  /** No recording begins on it. */
  closed: z.boolean(),
  usedBytes: z.number(),
  /** Deletion rests below the first, begins above the second, and nothing is ever above the third. */
  lowBytes: z.number(),
  highBytes: z.number(),
  limitBytes: z.number(),
  bytesPerS: z.number(),
  peakBytesPerS: z.number(),
  /** Hours of writing at the fastest rate until the limit, if nothing were deleted. */
  headroomHours: z.number().optional(),
  heldBytes: z.number(),
  plannedBytes: z.number(),
  deletedBytes: z.number(),
});

export const SpaceDecision = z.enum(['overwrite-once', 'keep-stopped']);

const GroupSpace = z.object({
  group: Id,
  name: z.string(),
  cameras: z.array(z.string()),
  fullVolumes: z.array(z.string()),
  /** Its cameras stand still until its owner answers. */
  asks: z.boolean(),
  /** It overwrites what it had recorded when its owner allowed it. */
  overwrites: z.boolean(),
  decision: SpaceDecision.optional(),
});

export const ClockVerdict = z.enum(['right', 'wrong']);

export const SpaceOverview = z.object({
  volumes: z.array(VolumeSpace),
  groups: z.array(GroupSpace),
  /** The clock is further ahead than can be explained; ages and terms are not counted by it. */
  clock: z
    .object({
      /** `waits`, then `follows` the clock a day of footage an hour; `wrong`: until it is set, or said to be right. */
      stage: z.enum(['waits', 'follows', 'wrong']),
      aheadDays: z.number(),
      leftHours: z.number(),
    })
    .optional(),
});
