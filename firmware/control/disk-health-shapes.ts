/** Shapes of what disks.health answers with. */
import { z } from 'zod';

/** A sentence in both languages. */
const Words = z.object({ en: z.string(), zh: z.string() });

const Reason = z.object({
  code: z.string(),
  level: z.enum(['notice', 'warning', 'failing', 'unknown']),
  text: Words,
  /** What to do. */
  advice: Words,
});

/** Counters by name, such as reallocated, pending, crc, wearPercent, temperatureC; a disk that does not tell one lacks it. */
const Figures = z.record(z.string(), z.number());

const DiskHealth = z.object({
  /** The same wherever it is plugged in. */
  id: z.string(),
  /** The kernel's name now: sda. */
  device: z.string(),
  model: z.string(),
  serial: z.string(),
  kind: z.enum(['ata', 'nvme', 'scsi', 'unknown']),
  medium: z.enum(['hdd', 'ssd']).optional(),
  sizeBytes: z.number(),
  verdict: z.enum(['ok', 'notice', 'warning', 'failing', 'unknown']),
  /** The gravest first. */
  reasons: z.array(Reason),
  temperatureC: z.number().optional(),
  /** Its own upper limit, or what is usual for its kind. */
  temperatureMaxC: z.number().optional(),
  /** Hours that it has run. */
  hours: z.number().optional(),
  /** Share of the promised life that is used. */
  wearPercent: z.number().optional(),
  /** When the promised life ends at this pace. */
  wearEnds: z.string().optional(),
  /** When it last told of its health. */
  read: z.string().optional(),
  sleeping: z.boolean(),
  /** Volumes on it. */
  volumes: z.array(z.string()),
  trend: z.object({
    /** Days that the history goes back. */
    days: z.number(),
    /** Counters that grew in the last week. */
    grew: z.array(z.object({ figure: z.string(), from: z.number(), to: z.number(), days: z.number() })),
    /** How much warmer the last day was than the weeks before. */
    warmerC: z.number().optional(),
    wearPercentPerYear: z.number().optional(),
  }),
  /** From the oldest on. */
  history: z.array(z.object({ at: z.string(), figures: Figures })),
});

export const DiskHealthList = z.object({
  disks: z.array(DiskHealth),
  volumes: z.array(
    z.object({
      volume: z.string(),
      /** Ids of the disks that it lies on; none on a share of the network, say. */
      disks: z.array(z.string()),
      /** avoid: no new recordings while another disk takes them. */
      fitness: z.enum(['good', 'avoid']),
      /** What is wrong with its speed. */
      slow: z.array(Reason),
    }),
  ),
});
