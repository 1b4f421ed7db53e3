import { z } from 'zod';

const Origin = {
  /** Its id, for jobs.get and jobs.cancel. */
  job: z.string(),
  /** Who began it; empty: the box itself. */
  by: z.string(),
};
const Ending = { started: z.string(), ended: z.string().optional(), error: z.string().optional() };

export const EvacuationJob = z.object({
  /** As the settings call it. */
  volume: z.string(),
  state: z.enum(['running', 'done', 'incomplete', 'stopped', 'failed']),
  phase: z.enum(['locked', 'rest', 'over']),
  segments: z.number(),
  bytes: z.number(),
  copied: z.number(),
  copiedBytes: z.number(),
  /** Volumes that it writes to. */
  targets: z.array(z.string()),
  unreadable: z.array(z.object({ path: z.string(), code: z.string() })),
  unreadableCount: z.number(),
  notAsSealed: z.array(z.string()),
  noRoom: z.object({ segments: z.number(), bytes: z.number(), locked: z.number() }),
  ...Origin,
  ...Ending,
});

export const CheckJob = z.object({
  volume: z.string(),
  deep: z.boolean(),
  state: z.enum(['running', 'done', 'stopped', 'failed']),
  segments: z.number(),
  of: z.number(),
  findings: z.array(z.object({ code: z.string(), count: z.number() })),
  listed: z.array(z.object({ code: z.string(), path: z.string() })),
  ...Origin,
  ...Ending,
});
