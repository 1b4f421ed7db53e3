import { z } from 'zod';
import { Id, Mode } from './shapes.ts';

const Fault = z.object({ code: z.string(), what: z.string(), advice: z.string() });

/** Who a camera is; empty: not known. */
const Identity = z.object({
  maker: z.string(),
  model: z.string(),
  serial: z.string(),
  mac: z.string(),
  hardware: z.string(),
  endpoint: z.string(),
  /** SHA-256, hexadecimal with colons. */
  certificate: z.string(),
  /** Of its streams; some have another one for them. */
  streamCertificate: z.string(),
});

/** A device that answered a search. */
export const FoundCamera = z.object({
  /** Of the device service, the best first: what `cameras.add-many` takes. */
  xaddrs: z.array(z.string()),
  address: z.string(),
  endpoint: z.string(),
  mac: z.string().optional(),
  maker: z.string().optional(),
  model: z.string().optional(),
  name: z.string().optional(),
  location: z.string().optional(),
  interface: z.string().optional(),
  /** The camera of the settings that it is; absent if it is not recorded yet. */
  camera: Id.optional(),
});

export const SearchResult = z.object({
  found: z.array(FoundCamera),
  /** Interfaces that were asked. */
  interfaces: z.array(z.string()),
  /** Interfaces and addresses that could not be asked, or may not be. */
  refused: z.array(z.string()),
});

export const AddVerdict = z.object({
  address: z.string(),
  /** The new camera; absent if it was not added. */
  camera: Id.optional(),
  name: z.string().optional(),
  bitsPerSecond: z.number().optional(),
  error: Fault.optional(),
});

/** What the disks keep with the new cameras. */
export const RoomVerdict = z.object({
  enough: z.boolean(),
  bytesPerDay: z.number(),
  /** Days of footage of all cameras together; absent where nothing is known of the disks yet. */
  days: z.number().optional(),
});

export const UrlPattern = z.object({
  maker: z.string(),
  also: z.array(z.string()),
  port: z.number(),
  /** Paths; `{channel}` stands for the number of the picture, from 1. */
  main: z.string(),
  sub: z.string(),
  /** Whole addresses, where a host was named. */
  mainUrl: z.string().optional(),
  subUrl: z.string().optional(),
});

/** How a camera is, against how it should be. */
export const CameraStanding = z.object({
  camera: Id,
  name: z.string(),
  /** `unknown`: nothing is known by which it could be told from another one. */
  trust: z.enum(['trusted', 'unknown', 'untrusted']),
  untrustedSince: z.string().optional(),
  changes: z.array(z.object({ field: z.string(), pinned: z.string(), found: z.string() })),
  identity: Identity,
  groups: z.array(z.string()),
  labels: z.array(z.string()),
  order: z.number(),
  onvif: z
    .object({
      address: z.string(),
      phase: z.enum(['connecting', 'online', 'failing']),
      error: Fault.optional(),
      seen: z.string().optional(),
      /** Camera minus box. */
      clockOffsetS: z.number().optional(),
      clockSource: z.enum(['manual', 'ntp']).optional(),
      firmware: z.string(),
      events: z.enum(['off', 'connecting', 'listening', 'absent', 'waiting']),
    })
    .optional(),
});

/** What of a camera may be changed; what is absent stays. */
export const CameraChange = z.object({
  name: z.string().trim().min(1).max(80).optional(),
  enabled: z.boolean().optional(),
  mode: Mode.optional(),
  groups: z.array(z.string().trim().min(1).max(60)).max(20).optional(),
  labels: z.array(z.string().trim().min(1).max(60)).max(20).optional(),
  order: z.int().min(0).max(100_000).optional(),
  onvifUrl: z.string().max(500).optional(),
  username: z.string().max(200).optional(),
  password: z.string().max(200).optional(),
});

const CameraEvent = z.object({
  id: z.string(),
  camera: Id,
  /** motion, digital-input, tamper, analytics, relay, other, untrusted; or what a trigger called it. */
  kind: z.string(),
  detail: z.string(),
  source: z.string(),
  start: z.string(),
  end: z.string(),
  startUs: z.number(),
  endUs: z.number(),
  active: z.boolean(),
  /** How often it began within this time. */
  count: z.number(),
});

export const EventList = z.object({
  /** By their beginning, the oldest first; the newest ones if not all fit. */
  events: z.array(CameraEvent),
  counts: z.record(z.string(), z.object({ events: z.number(), count: z.number() })),
  more: z.boolean(),
});

export const ClockState = z.object({
  offsetS: z.number().optional(),
  source: z.enum(['manual', 'ntp']).optional(),
  zone: z.string().optional(),
});

export const Relay = z.object({ relay: z.string(), mode: z.enum(['monostable', 'bistable']).optional() });

export const DigitalInput = z.object({
  input: z.string(),
  /** It was told that it is not idle, and not yet that it is again. */
  active: z.boolean(),
  idle: z.enum(['closed', 'open']).optional(),
});

const Axes = z.object({ panTilt: z.boolean(), zoom: z.boolean() });
const Speed = z.number().min(-1).max(1);

export const PtzVector = z.object({ pan: Speed.optional(), tilt: Speed.optional(), zoom: Speed.optional() });

/** What a camera can do, where it looks, and who steers. */
export const PtzState = z.object({
  continuous: Axes,
  relative: Axes,
  absolute: Axes,
  home: z.boolean(),
  maxPresets: z.number(),
  focus: z.boolean(),
  iris: z.boolean(),
  position: PtzVector.optional(),
  moving: z.boolean(),
  steering: z
    .object({
      by: z.string(),
      priority: z.number(),
      since: z.string(),
      mine: z.boolean(),
      /** It is somebody else's, but a move of whoever asks takes it. */
      takes: z.boolean(),
      /** When it is free, if no other word comes. */
      until: z.string(),
      /** It is somebody else's, and whoever asks this waits for it. */
      asked: z.boolean(),
      /** Who waits for it, the first one first; told to the one who steers. */
      asks: z.array(z.object({ by: z.string(), priority: z.number(), since: z.string() })),
    })
    .optional(),
});

export const PtzPreset = z.object({ preset: z.string(), name: z.string() });
