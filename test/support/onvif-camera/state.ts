/** What the simulated camera is and how it is, whoever asks. */
import { EventDesk } from './event-desk.ts';
import { Head } from './head.ts';
import type { Login } from './login.ts';
import { URIS, type Service, type SoapRequest } from './request.ts';
import type { WireFault } from './wire.ts';

export interface OnvifCameraOptions {
  /** Address to listen on; 127.0.0.1. */
  readonly host?: string;
  readonly port?: number;
  readonly tls?: boolean;
  readonly login?: Login;
  /** Answers WS-Discovery on the interface of `host`. */
  readonly discoverable?: boolean;
  readonly identity?: Partial<Identity>;
  readonly services?: readonly Service[];
  readonly clockOffsetMs?: number;
  readonly profiles?: readonly SimulatedProfile[];
  /** What a snapshot shows: a JPEG. */
  readonly snapshot?: Buffer;
}

export interface Identity {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  readonly serial: string;
  readonly hardwareId: string;
  readonly mac: string;
  readonly endpoint: string;
  readonly name: string;
  readonly location: string;
}

export interface SimulatedProfile {
  readonly token: string;
  readonly name: string;
  readonly codec: 'H264' | 'H265' | 'JPEG';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateKbps: number;
  readonly videoSource?: string;
  readonly movable?: boolean;
  /** rtsp://..., as announced. */
  readonly streamUrl: string;
}

/** What the camera does wrong. All can be changed while it runs. */
export interface OnvifFaults {
  /** Operations that are answered by a fault of these codes, outermost first. */
  refuse: Partial<Record<string, readonly string[]>>;
  /** Operations answered by the page of a web server, with this status. */
  html: Partial<Record<string, number>>;
  /** Operations answered by exactly this body. */
  raw: Partial<Record<string, string>>;
  /** Operations that are never answered. */
  silence: readonly string[];
  /** GetSystemDateAndTime wants a login; tells local time only; or tells none. */
  timeNeedsLogin: boolean;
  time: 'utc' | 'local' | 'none';
  zone: string;
  /** What stands in XAddrs instead of the camera's own address. */
  announcedHost: string | undefined;
  /** It asks for the password as text, and takes whatever comes. */
  asksReadable: boolean;
  /** How the answer travels. */
  wire: WireFault;
  /** Each request is sent on to this address. */
  redirectTo: string | undefined;
  /** Spaces that the node lacks, by the beginning of their names: "Absolute", "ContinuousZoom"... */
  missingSpaces: readonly string[];
  /** Longer limits of a move are refused. */
  maxMoveTimeoutMs: number | undefined;
  maxPullPoints: number;
  longestLifeMs: number;
  /** Pulls are answered at once, also with nothing. */
  pullsAtOnce: boolean;
  /** Tokens of profiles get this behind them, as after a restart. */
  tokenSuffix: string;
}

export type Handler = (camera: CameraState, request: SoapRequest) => string | Promise<string>;

const FAULTLESS: OnvifFaults = {
  refuse: {},
  html: {},
  raw: {},
  silence: [],
  timeNeedsLogin: false,
  time: 'utc',
  zone: 'UTC0',
  announcedHost: undefined,
  asksReadable: false,
  wire: 'length',
  redirectTo: undefined,
  missingSpaces: [],
  maxMoveTimeoutMs: undefined,
  maxPullPoints: 4,
  longestLifeMs: 600_000,
  pullsAtOnce: false,
  tokenSuffix: '',
};

export class CameraState {
  readonly options: OnvifCameraOptions;
  readonly faults: OnvifFaults = structuredClone(FAULTLESS);
  identity: Identity;
  clockOffsetMs: number;
  /** Every operation that was answered, in order. */
  readonly seen: string[] = [];
  readonly head = new Head();
  readonly events = new EventDesk();
  readonly lens = { focus: 0.5, speed: 0, iris: -11 };
  readonly relays = new Map([['R1', false]]);
  readonly inputs = new Map([['I1', false]]);
  reboots = 0;
  /** How its clock is set. */
  timeMode: 'Manual' | 'NTP' = 'Manual';
  ntp: { fromDhcp: boolean; servers: readonly string[] } = { fromDhcp: false, servers: [] };
  port = 0;

  constructor(options: OnvifCameraOptions = {}) {
    this.options = options;
    this.identity = { ...DEFAULT_IDENTITY, ...options.identity };
    this.clockOffsetMs = options.clockOffsetMs ?? 0;
  }

  get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  get url(): string {
    return `${this.options.tls ? 'https' : 'http'}://${this.host}:${this.port}/onvif/device_service`;
  }

  get nowMs(): number {
    return Date.now() + this.clockOffsetMs;
  }

  get services(): readonly Service[] {
    return this.options.services ?? (Object.keys(URIS) as Service[]);
  }

  get profiles(): SimulatedProfile[] {
    const { tokenSuffix } = this.faults;
    return (this.options.profiles ?? DEFAULT_PROFILES).map((each) => ({
      ...each,
      token: `${each.token}${tokenSuffix}`,
    }));
  }

  snapshotUrl(token: string): string {
    return this.xaddr('media').replace('/onvif/media_service', `/snapshot/${encodeURIComponent(token)}.jpg`);
  }

  setRelay(token: string, active: boolean): void {
    this.relays.set(token, active);
    const state = active ? 'active' : 'inactive';
    this.events.tell(this, {
      topic: 'tns1:Device/Trigger/Relay',
      source: [['RelayToken', token]],
      data: [['LogicalState', state]],
    });
  }

  setInput(token: string, active: boolean): void {
    this.inputs.set(token, active);
    this.events.tell(this, {
      topic: 'tns1:Device/Trigger/DigitalInput',
      source: [['InputToken', token]],
      data: [['LogicalState', String(active)]],
    });
  }

  /** Under the two topics by which many cameras tell it. */
  setMotion(active: boolean): void {
    this.events.tell(this, {
      topic: 'tns1:RuleEngine/CellMotionDetector/Motion',
      source: [
        ['VideoSourceConfigurationToken', 'VS0'],
        ['VideoAnalyticsConfigurationToken', 'VA0'],
        ['Rule', 'MyMotionDetectorRule'],
      ],
      data: [['IsMotion', String(active)]],
    });
    this.events.tell(this, {
      topic: 'tns1:VideoSource/MotionAlarm',
      source: [['Source', 'VS0']],
      data: [['State', String(active)]],
    });
  }

  get scopes(): string[] {
    const { name, model, location, mac } = this.identity;
    return [
      'onvif://www.onvif.org/type/video_encoder',
      'onvif://www.onvif.org/Profile/Streaming',
      `onvif://www.onvif.org/name/${encodeURIComponent(name)}`,
      `onvif://www.onvif.org/hardware/${encodeURIComponent(model)}`,
      `onvif://www.onvif.org/location/${encodeURIComponent(location)}`,
      `onvif://www.onvif.org/MAC/${mac}`,
    ];
  }

  /** Where a service is, as the camera believes. */
  xaddr(service: Service): string {
    const scheme = this.options.tls ? 'https' : 'http';
    return `${scheme}://${this.faults.announcedHost ?? `${this.host}:${this.port}`}/onvif/${service}_service`;
  }

  count(operation: string): number {
    return this.seen.filter((each) => each === operation).length;
  }
}

const DEFAULT_IDENTITY: Identity = {
  manufacturer: 'Simulated',
  model: 'Dome 1',
  firmware: '1.0.0',
  serial: 'SIM0001',
  hardwareId: 'A1',
  mac: '02:00:00:00:00:01',
  endpoint: 'urn:uuid:11111111-2222-3333-4444-555555555555',
  name: 'Yard dome',
  location: 'yard',
};

const DEFAULT_PROFILES: readonly SimulatedProfile[] = [
  {
    token: 'Profile_1',
    name: 'mainStream',
    codec: 'H264',
    width: 1280,
    height: 720,
    fps: 25,
    bitrateKbps: 2048,
    movable: true,
    streamUrl: 'rtsp://127.0.0.1:554/main',
  },
  {
    token: 'Profile_2',
    name: 'subStream',
    codec: 'H264',
    width: 640,
    height: 360,
    fps: 12,
    bitrateKbps: 512,
    movable: true,
    streamUrl: 'rtsp://127.0.0.1:554/sub',
  },
];
