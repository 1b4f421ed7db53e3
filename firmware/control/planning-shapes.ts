import { z } from 'zod';
import { Id } from './shapes.ts';

/** What is to be expected of cameras and disks if everything stays as it is. */
export const PlanForecast = z.object({
  made: z.string(),
  cameras: z.array(
    z.object({
      camera: Id,
      name: z.string(),
      volumes: z.array(z.string()),
      bytesPerDay: z.number(),
      /** False: nothing was measured yet, the figures are a guess. */
      measured: z.boolean(),
      keptNowDays: z.number(),
      /** In the long run: the mean over a week, between which it may lie, and the worst of the week. */
      days: z.number(),
      lowDays: z.number(),
      highDays: z.number(),
      leastDays: z.number(),
      boundBy: z.enum(['age', 'size', 'space', 'nothing']),
      wishDays: z.number().optional(),
      /** When footage younger than wished is deleted, or recording stops for want of room. */
      breaksAt: z.string().optional(),
      stopsAt: z.string().optional(),
    }),
  ),
  volumes: z.array(
    z.object({
      id: z.string(),
      roomBytes: z.number(),
      usedBytes: z.number(),
      bytesPerDay: z.number(),
      fillsAt: z.string().optional(),
    }),
  ),
});

const Change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('retention'), camera: Id, days: z.number() }),
  z.object({ kind: z.literal('bind-group'), camera: Id, group: z.string() }),
  z.object({ kind: z.literal('record-sub'), camera: Id, stream: Id }),
  z.object({ kind: z.literal('schedule'), camera: Id, from: z.string(), to: z.string() }),
  z.object({ kind: z.literal('bitrate'), camera: Id, fromBitsPerS: z.number(), bitsPerS: z.number() }),
  z.object({ kind: z.literal('bigger-disk'), group: z.string(), bytes: z.number() }),
]);

const Proposal = z.object({
  id: z.string(),
  change: Change,
  applicable: z.boolean(),
  effects: z.array(z.object({ camera: Id, beforeDays: z.number(), afterDays: z.number() })),
  enough: z.boolean(),
});

/** What must change so that every camera is kept as long as wished. */
export const StoragePlan = z.object({
  fits: z.boolean(),
  fitsWhenApplied: z.boolean(),
  cameras: z.array(
    z.object({
      camera: Id,
      name: z.string(),
      group: z.string(),
      wishDays: z.number().optional(),
      beforeDays: z.number(),
      afterDays: z.number(),
    }),
  ),
  recommended: z.array(Proposal),
  alternatives: z.array(Proposal),
});

export const Wishes = z.array(z.object({ camera: z.string().min(1), days: z.int().min(1).max(3650) }));
