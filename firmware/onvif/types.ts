/** Who a camera says it is. Every field is what it says; none is proof. */
export interface CameraIdentity {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly serial?: string;
  readonly hardwareId?: string;
  /** In lower case with colons, the first the one of the interface that answered where that is known. */
  readonly macs: readonly string[];
  /** The endpoint reference of WS-Discovery, "urn:uuid:..."; some makers use one for a whole batch, or change it at a boot. */
  readonly endpoint?: string;
  readonly name?: string;
  readonly location?: string;
  /** Of the certificate that was shown over https, in lower-case hex. */
  readonly certificateSha256?: string;
}

export type ServiceName =
  | 'device'
  | 'media'
  | 'media2'
  | 'ptz'
  | 'imaging'
  | 'events'
  | 'deviceIO'
  | 'analytics'
  | 'recording'
  | 'search'
  | 'replay';

/** What a camera offers, and where it answers. */
export interface OnvifFacts {
  /** The address of the device service that answered. */
  readonly address: string;
  readonly services: readonly ServiceName[];
  readonly clock: CameraClock;
}

export interface CameraClock {
  /** Camera minus box, in ms; undefined where the camera tells no time. */
  readonly offsetMs?: number;
  readonly source?: 'manual' | 'ntp';
  /** POSIX text as the camera gives it; often odd. */
  readonly zone?: string;
  readonly daylightSavings?: boolean;
}

export interface NtpServers {
  readonly fromDhcp: boolean;
  readonly servers: readonly string[];
}

/** One way in which a camera offers its picture. */
export interface MediaProfile {
  /** Opaque; may change at a reboot. */
  readonly token: string;
  readonly name: string;
  readonly videoSource?: string;
  /** "H264", "H265", "JPEG", "MPEG4" as far as the camera says; the truth stands in the stream. */
  readonly codec?: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  readonly bitrateKbps?: number;
  /** Pictures from key frame to key frame. */
  readonly gop?: number;
  readonly audioCodec?: string;
  /** The node that moves this picture. */
  readonly ptzNode?: string;
  readonly ptzConfiguration?: string;
}

export interface StreamOffer extends MediaProfile {
  /** Without user and password; host and port are those that answer. */
  readonly url: string;
}

export interface CameraStreams {
  /** All, best first. */
  readonly profiles: readonly MediaProfile[];
  readonly main?: StreamOffer;
  /** The smallest that is useful beside the main stream. */
  readonly sub?: StreamOffer;
}

/** One axis of movement that a camera offers. */
export interface PtzAxes {
  readonly panTilt: boolean;
  readonly zoom: boolean;
}

export interface PtzAbilities {
  readonly continuous: PtzAxes;
  readonly relative: PtzAxes;
  readonly absolute: PtzAxes;
  readonly home: boolean;
  readonly maxPresets: number;
  /** Lamps, wipers and the like: commands to be sent as they are. */
  readonly auxiliary: readonly string[];
  readonly focus: { readonly continuous: boolean; readonly relative: boolean; readonly absolute: boolean };
  readonly iris: boolean;
}

/** -1 to 1 for moves and positions, zoom positions 0 to 1; what is absent stays as it is. */
export interface PtzVector {
  readonly pan?: number;
  readonly tilt?: number;
  readonly zoom?: number;
}

export interface PtzStatus {
  readonly position?: PtzVector;
  readonly moving?: boolean;
  readonly error?: string;
}

export interface PtzPreset {
  readonly token: string;
  readonly name?: string;
  readonly position?: PtzVector;
}

export type CameraEventKind = 'motion' | 'digital-input' | 'relay' | 'tamper' | 'analytics' | 'other';

/** Something a camera tells of. */
export interface CameraEvent {
  readonly kind: CameraEventKind;
  /** Of the topic, without prefixes: "RuleEngine/CellMotionDetector/Motion". */
  readonly topic: string;
  /** What it is about, for analytics: "people", "vehicle", "line-crossing"... */
  readonly detail?: string;
  /** The token of the video source, input or relay; empty where the camera names none. */
  readonly source: string;
  /** True while it lasts; undefined for something that has no end. */
  readonly active?: boolean;
  /** The state as it is, told after a new subscription, not a change. */
  readonly initial: boolean;
  /** In the time of the box, ms since 1970. */
  readonly atMs: number;
  /** As sent, for rules that look deeper. At most 32. */
  readonly items: readonly (readonly [name: string, value: string])[];
}

export type EventsState =
  | { readonly state: 'connecting' | 'listening' }
  /** The camera offers no events; this is not tried again before a day has passed. */
  | { readonly state: 'absent' }
  | { readonly state: 'waiting'; readonly code: string; readonly retryMs: number };

export interface EventSink {
  event(event: CameraEvent): void;
  state(state: EventsState): void;
}

export interface RelayOutput {
  readonly token: string;
  /** monostable: falls back by itself after `delayMs`. */
  readonly mode?: 'monostable' | 'bistable';
  readonly delayMs?: number;
  readonly idle?: 'closed' | 'open';
}

export interface DigitalInput {
  readonly token: string;
  readonly idle?: 'closed' | 'open';
}

/** What answered a probe. */
export interface FoundDevice {
  /** "urn:uuid:...", in lower case; empty where the answer names none. */
  readonly endpoint: string;
  /** Addresses of the device service, the best first; never 0.0.0.0 or loopback of the camera. */
  readonly xaddrs: readonly string[];
  /** From where the answer came. */
  readonly address: string;
  /** The interface of the box that heard it; absent for a unicast probe. */
  readonly interface?: string;
  readonly types: readonly string[];
  readonly scopes: readonly string[];
  readonly name?: string;
  readonly hardware?: string;
  readonly location?: string;
  readonly mac?: string;
}
