import { z } from 'zod';

export const Job = z.object({
  id: z.string(),
  operation: z.string(),
  /** What it is about, where the operation says. */
  subject: z.string().optional(),
  /** Who began it; empty if the box does not know. */
  by: z.string(),
  state: z.enum(['running', 'done', 'failed', 'stopped']),
  /** 0 to 1; absent where nobody can say. */
  progress: z.number().min(0).max(1).optional(),
  cancellable: z.boolean(),
  startedAt: z.string(),
  endedAt: z.string().optional(),
  /** What the operation answered. */
  result: z.unknown().optional(),
  error: z
    .object({ code: z.string(), what: z.string(), advice: z.string(), context: z.record(z.string(), z.unknown()) })
    .optional(),
});
