import * as z from 'zod';
import { notes } from './setting-notes.ts';

/** What viewers may have of the box. */
export const live = z.strictObject({
  mpeg1Places: z
    .int()
    .min(0)
    .max(32)
    .default(6)
    .meta(
      notes({
        title: 'Converted pictures',
        help:
          'How many streams may be converted to MPEG-1 at a time, for browsers that cannot play the codec of a camera and its sub ' +
          'stream (H.265 in many); each costs processor time. 0: none. Needs ffmpeg on the machine.',
      }),
    ),
});

/** What one user may take away. */
export const exports = z.strictObject({
  userDailyBytes: z
    .int()
    .min(0)
    .default(1_000_000_000_000)
    .meta(
      notes({
        title: 'Downloads of a user in a day',
        help:
          'The most bytes of recordings that one user, or one token, may download in 24 hours; 0: as many as they like. Whoever may ' +
          'change settings is not held by it. Recording is never affected.',
      }),
    ),
});
