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
