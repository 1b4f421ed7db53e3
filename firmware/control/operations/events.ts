import { z } from 'zod';
import { operation } from '../operation.ts';
import { Instant } from '../shapes.ts';
import { EventList } from '../terminal-shapes.ts';
import { findCamera, theCamera } from './cameras.ts';

/** A year and a day: what a timeline shows at most. */
const LONGEST_US = 367 * 86_400e6;

export const eventsList = operation({
  name: 'events.list',
  title: 'What happened at a camera, and how often',
  effect: 'read',
  right: 'playback',
  offline: false,
  input: z
    .object({
      camera: z.string().min(1),
      from: Instant,
      to: Instant,
      kinds: z.array(z.string().min(1).max(80)).max(20).optional(),
      limit: z.int().min(1).max(5000).default(1000),
    })
    .refine(({ from, to }) => from < to, { path: ['to'], error: 'must be later than from' })
    .refine(({ from, to }) => to - from <= LONGEST_US, { path: ['to'], error: 'must be within 367 days of from' }),
  output: EventList,
  cameras: theCamera,
  handle: async ({ camera, from, to, kinds, limit }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    return box.terminals.events(id, { fromUs: from, toUs: to, kinds, limit });
  },
});
