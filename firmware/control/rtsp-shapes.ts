import { z } from 'zod';
import type { RtspPasswordView } from '../accounts/index.ts';
import { Id, isoOf } from './shapes.ts';

export const RtspPassword = z.object({
  id: z.string(),
  /** What players and recorders are given as user name. */
  user: z.string(),
  label: z.string(),
  /** The user who made it; empty: made at the box itself. */
  owner: z.string(),
  /** Ids; left out: every camera that the owner may watch. */
  cameras: z.array(Id).optional(),
  created: z.string(),
  expires: z.string().optional(),
  lastUsed: z.string().optional(),
});

/** Somebody who takes a stream at this moment. */
const RtspReader = z.object({
  camera: Id,
  stream: Id,
  /** Label and name of the RTSP password. */
  user: z.string(),
  address: z.string(),
  transport: z.enum(['tcp', 'tls', 'udp']),
  since: z.string(),
  sentBytes: z.number(),
  /** Pictures that were left out because the line or the player was too slow. */
  droppedPictures: z.number(),
});

/** Ports that are listened at; 0: none. */
const Ports = { port: z.int(), securePort: z.int(), udpPort: z.int() };

export const RtspOverview = z.object({
  /** Whether the settings want it. */
  enabled: z.boolean(),
  ...Ports,
  cameras: z.array(
    z.object({
      camera: Id,
      name: z.string(),
      /** `path` stands behind rtsp://BOX:PORT. */
      streams: z.array(z.object({ stream: Id, path: z.string() })),
    }),
  ),
  readers: z.array(RtspReader),
});

/** What operations ask of the RTSP server. */
export interface RtspPort {
  show(): {
    readonly enabled: boolean;
    readonly port: number;
    readonly securePort: number;
    readonly udpPort: number;
    readonly readers: readonly z.input<typeof RtspReader>[];
  };
}

export function rtspPasswordOf(view: RtspPasswordView): z.input<typeof RtspPassword> {
  const { cameras, createdUs, expiresUs, lastUs, ...rest } = view;
  return {
    ...rest,
    ...(cameras ? { cameras: [...cameras] } : {}),
    created: isoOf(createdUs),
    ...(expiresUs === undefined ? {} : { expires: isoOf(expiresUs) }),
    ...(lastUs === undefined ? {} : { lastUsed: isoOf(lastUs) }),
  };
}
