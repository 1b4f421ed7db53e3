import { z } from 'zod';
import { MEDIA_ANSWERS, MEDIA_REQUESTS } from '../control/index.ts';

/** What a live client may follow. Pictures travel beside them (firmware/live/README.md). */
export const TOPICS = ['status', 'problems', 'jobs'] as const;
const Topic = z.enum(TOPICS);
export type Topic = z.output<typeof Topic>;

const Items = z.record(z.string(), z.unknown());

/** From the client. */
export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('subscribe'), topics: z.array(Topic).min(1).max(TOPICS.length) }),
  z.strictObject({ type: z.literal('unsubscribe'), topics: z.array(Topic).min(1).max(TOPICS.length) }),
  z.strictObject({ type: z.literal('ping'), id: z.int().min(0).optional() }),
  ...MEDIA_REQUESTS,
]);

/** From the box. */
export const BoxMessage = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), protocol: z.literal(1), version: z.string(), topics: z.array(Topic) }).meta({
    description: 'The first message.',
  }),
  z.object({ type: z.literal('snapshot'), topic: Topic, seq: z.int(), items: Items }).meta({
    description:
      'All there is of a topic, by key. Comes after subscribing, and instead of deltas that a slow client missed.',
  }),
  z.object({ type: z.literal('delta'), topic: Topic, seq: z.int(), set: Items, gone: z.array(z.string()) }).meta({
    description:
      'What changed since the message before: whole items that are new or different, and keys that are gone.',
  }),
  z
    .object({ type: z.literal('pong'), id: z.int().optional(), atUs: z.number() })
    .meta({ description: 'With the time of the box, UTC microseconds.' }),
  z
    .object({ type: z.literal('error'), code: z.string(), detail: z.string() })
    .meta({ description: 'A message of the client was not understood.' }),
  ...MEDIA_ANSWERS,
]);
export type BoxMessage = z.output<typeof BoxMessage>;

/** Why the box closes (RFC 6455 section 7.4.2 leaves 4000 to 4999 to applications). */
export const CLOSED = {
  signedOut: 4001,
  tooMany: 4003,
  notUnderstood: 4004,
  stopping: 1001,
} as const;
