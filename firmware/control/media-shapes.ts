import { z } from 'zod';
import { Id } from './shapes.ts';

const Channel = z
  .int()
  .min(0)
  .max(65_535)
  .meta({ description: 'Number of a picture on the screen, chosen by the client.' });
const Epoch = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
  .meta({ description: 'Counted up by the client with each request for a channel; repeated in all that answers it.' });
const Window = z
  .int()
  .min(64 << 10)
  .max(16 << 20)
  .optional()
  .meta({ description: 'Bytes that may be on their way without having been acknowledged.' });
const AtUs = z
  .number()
  .min(0)
  .max(2 ** 53 - 1);
const Speed = z.number().min(0.25).max(16).default(1);
const Channels = z.array(Channel).min(1).max(16);

/** What a client asks for about pictures (firmware/live/README.md has the protocol). */
export const MEDIA_REQUESTS = [
  z.strictObject({
    type: z.literal('media.live'),
    channel: Channel,
    epoch: Epoch,
    camera: Id,
    stream: Id.default('auto'),
    sound: z.boolean().default(false),
    pixels: z.number().min(1).max(10_000).optional(),
    form: z.enum(['mp4', 'mpeg1']).default('mp4').meta({
      description: 'mp4: as the camera sends it. mpeg1: converted, for browsers that cannot play that; few at a time.',
    }),
    anyway: z.boolean().default(false).meta({
      description:
        'Also if the camera is not trusted, for those who may confirm cameras; for others it is held back all the same.',
    }),
    window: Window,
  }),
  z.strictObject({
    type: z.literal('media.play'),
    channel: Channel,
    epoch: Epoch,
    camera: Id,
    stream: Id.default('main'),
    atUs: AtUs,
    speed: Speed,
    sound: z.boolean().default(false),
    window: Window,
  }),
  z.strictObject({ type: z.literal('media.seek'), channels: Channels, epoch: Epoch, atUs: AtUs, speed: Speed }),
  z.strictObject({
    type: z.literal('media.step'),
    channels: Channels,
    epoch: Epoch,
    atUs: AtUs,
    pictures: z.int().min(-250).max(250),
  }),
  z.strictObject({
    type: z.literal('media.ack'),
    channel: Channel,
    epoch: Epoch,
    bytes: z
      .int()
      .min(0)
      .max(2 ** 53 - 1),
  }),
  z.strictObject({ type: z.literal('media.close'), channel: Channel }),
] as const;

export type MediaRequest = z.output<(typeof MEDIA_REQUESTS)[number]>;

const about = { channel: Channel, epoch: Epoch };

/** What the box says about channels, beside the binary parts. */
export const MEDIA_ANSWERS = [
  z
    .object({
      type: z.literal('media.format'),
      ...about,
      track: z.enum(['video', 'audio']),
      kind: z.enum(['live', 'play']),
      camera: z.string(),
      stream: z.string(),
      mime: z.string(),
      codec: z.string(),
      width: z.int().optional(),
      height: z.int().optional(),
      source: z.string().optional(),
      because: z.enum(['asked', 'tile', 'slow', 'only']).optional(),
    })
    .meta({ description: 'What the next init of a track is about.' }),
  z
    .object({
      type: z.literal('media.state'),
      ...about,
      state: z.enum(['waiting', 'playing', 'gap', 'edge', 'end']),
      fromUs: z.number().optional(),
      toUs: z.number().optional(),
    })
    .meta({ description: 'waiting: no picture yet. gap: nothing is recorded between two times. edge: up to now.' }),
  z
    .object({ type: z.literal('media.dropped'), ...about, pictures: z.int(), bytes: z.int() })
    .meta({ description: 'Pictures that were left out because the client or the line was too slow.' }),
  z.object({ type: z.literal('media.places'), ...about, used: z.int(), most: z.int() }).meta({
    description: 'How many streams are being converted to MPEG-1, of which this is one, and how many may be.',
  }),
  z
    .object({ type: z.literal('media.at'), ...about, atUs: z.number() })
    .meta({ description: 'The instant of the picture that was stepped to.' }),
  z
    .object({ type: z.literal('media.error'), ...about, code: z.string(), detail: z.string() })
    .meta({ description: 'The channel is closed.' }),
] as const;

export type MediaAnswer = z.output<(typeof MEDIA_ANSWERS)[number]>;
