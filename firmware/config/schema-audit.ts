import * as z from 'zod';
import { notes } from './setting-notes.ts';

const MIB = 1024 * 1024;

/** How long the log of operations and events is kept. */
export const audit = z.strictObject({
  keepDays: z
    .int()
    .min(1)
    .max(3650)
    .default(365)
    .meta(notes({ title: 'Days', help: 'For so many days operations and events are kept in the log.' })),
  maxBytes: z
    .int()
    .min(MIB)
    .max(4 * 1024 * MIB)
    .default(256 * MIB)
    .meta(
      notes({
        title: 'Size',
        help: 'The most bytes that the log of operations and events takes; beyond it the oldest lines are deleted, whatever their age.',
      }),
    ),
});
