import { z } from 'zod';

const sums = {
  expectedS: z.number(),
  recordedS: z.number(),
  missingS: z.number(),
  /** Part of recordedS that came later. */
  filledInS: z.number(),
  /** Footage beside what was expected: around events, by hand. */
  besidesS: z.number(),
  missingByReason: z.record(z.string(), z.number()),
};

/** What should have been recorded in a month, what was, and why not. */
export const AssuranceMonth = z.object({
  box: z.string(),
  month: z.string(),
  timeZone: z.string(),
  until: z.string(),
  total: z.object(sums),
  cameras: z.array(
    z.object({
      camera: z.string(),
      name: z.string(),
      ...sums,
      days: z.array(
        z.object({
          day: z.string(),
          ...sums,
          missing: z.array(z.object({ start: z.string(), end: z.string(), seconds: z.number(), reason: z.string() })),
        }),
      ),
    }),
  ),
  /** The same as a file, if one was asked for. */
  document: z.string().optional(),
});

/** Month of a year, YYYY-MM. */
export const Month = z.string().regex(/^20\d\d-(?:0[1-9]|1[0-2])$/, 'must be a month such as 2026-05');
export const ReportDocument = z.enum(['none', 'csv', 'page']);
export const ReportLanguage = z.enum(['en', 'zh']);
