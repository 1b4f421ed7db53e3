/** Every way in which a simulated camera can misbehave. One knob per quirk; all can be turned while sessions run. */

export type Method =
  'OPTIONS' | 'DESCRIBE' | 'SETUP' | 'PLAY' | 'PAUSE' | 'GET_PARAMETER' | 'SET_PARAMETER' | 'TEARDOWN';

/** What a camera does to a request instead of the right thing: a status code, nothing at all, or the end of the connection. */
export type OddAnswer = number | 'silence' | 'wrong-cseq' | 'close';

export interface Faults {
  // The connection
  /** TCP stays open, but nothing is sent and nothing is answered. */
  silent: boolean;
  /** Every byte leaves in a write of its own. */
  dripBytes: boolean;
  /** The next answers have header lines without end. */
  endlessHeader: boolean;
  /** Bytes of junk before every `junkEvery`-th picture on TCP. */
  junkBytes: number;
  junkEvery: number;
  /** CR LF before every picture on TCP. */
  lineBreaks: boolean;
  /** Media is cut off for `forMs` in every `everyMs`, the connection stays. */
  mediaDropOut: { everyMs: number; forMs: number } | undefined;
  /** The connection is reset every so often. */
  resetEveryMs: number | undefined;
  /** Extra RTP on the video channel, in Mbit/s, of this payload type. */
  flood: { mbit: number; payloadType: number } | undefined;

  // RTSP
  /** Methods named in Public; undefined sends no Public header. */
  publicMethods: readonly string[] | undefined;
  /** Odd answers to a method, whenever it comes. */
  answers: Partial<Record<Method, OddAnswer>>;
  /** Odd answer to OPTIONS, GET_PARAMETER and SET_PARAMETER inside a session. */
  keepAliveAnswer: OddAnswer | undefined;
  /** What counts as a sign of life from the client: RTSP requests, receiver reports, or both. */
  keepAliveBy: 'any' | 'rtsp' | 'rtcp';
  contentBase:
    | 'right'
    | 'none'
    | 'content-location'
    | 'no-scheme'
    | 'doubled-scheme'
    | 'other-host'
    | 'no-port'
    | 'mapped-ipv6'
    | 'rubbish';
  /** How the SDP names the tracks. */
  controls: 'relative' | 'absolute' | 'none';
  /** SETUP answers 404 unless the URL is Content-Base, one slash and the control, as text. */
  strictControl: boolean;
  /** Interleaved channels answered: as asked, two higher, the first number only, RTP/AVP without /TCP, or each track on 0-1. */
  channels: 'asked' | 'shifted' | 'single' | 'no-tcp-profile';
  /** Pictures flow between SETUP and the answer to PLAY. */
  framesBeforePlay: boolean;
  /** Also sends RTP of tracks that were never set up, on channels 10 and up. */
  unaskedTracks: boolean;
  /** Requests of the camera to the client. */
  serverRequest: { method: string; everyMs: number } | undefined;
  redirectTo: string | undefined;
  /** Status when `maxSessions` is reached. */
  fullStatus: 453 | 401 | 503;
  refuseUdp: boolean;
  refuseTcp: boolean;
  sessionId: 'random' | 'constant' | 'changing';
  /** No timeout parameter in the Session header (60 s then hold by the RFC). */
  hideTimeout: boolean;
  /** SETUP is refused on a connection that did not DESCRIBE before. */
  needsDescribe: boolean;
  /** 401 for requests without User-Agent. */
  needsUserAgent: boolean;
  /** Nothing flows until every track of the SDP is set up. */
  needsAllTracks: boolean;
  /** The only URL that PLAY takes: Content-Base as text, or the address without a slash at its end. */
  playUrl: 'any' | 'base' | 'plain';
  /** PLAY with a Range header is answered with 457. */
  refuseRange: boolean;
  rtpInfo: 'right' | 'none' | 'zero' | 'negative' | 'foreign';
  transportSsrc: 'none' | 'right' | 'wrong' | 'zero';
  /** Last word on the SDP; for tests in the same process. */
  editSdp: ((sdp: string) => string) | undefined;
  /** Last word on a whole response (head and body); for tests in the same process. */
  editResponse: ((response: string, method: string) => string) | undefined;

  // The bit stream
  sprop: 'right' | 'none' | 'empty' | 'half' | 'wrong' | 'start-code';
  /** Parameter sets in band: with key frames, never, or changing between two contents at each key frame. */
  inBandSets: 'key' | 'none';
  /** Packets that carry parameter sets have the time stamp of the picture before. */
  staleSets: boolean;
  markers: 'right' | 'none' | 'sets-too' | 'every-slice';
  accessUnitDelimiters: boolean;
  /** STAP-A (H.264) or AP (H.265) for parameter sets and SEI. */
  aggregate: boolean;
  /** Start codes inside payloads: before each NAL, or a whole access unit as one NAL with start codes. */
  annexB: 'no' | 'each-nal' | 'whole-unit';
  fragments: 'right' | 'reserved-bit' | 'start-and-end' | 'empty' | 'type-change' | 'no-end';
  /** Largest RTP packet, in bytes. */
  mtu: number;
  /** Extra bytes in each picture's SEI, to make the stream heavier. */
  paddingBytes: number;

  // RTP
  videoStopped: boolean;
  audioStopped: boolean;
  /** Audio begins this long after PLAY. */
  audioDelayMs: number;
  /** Video begins this long after PLAY, and audio does not wait for it. */
  videoDelayMs: number;
  /** Share of packets that are lost after numbering (0-1). */
  lossRate: number;
  /** Share of pictures left out before sending, with a gap in the numbers (a full buffer in the camera). */
  skipRate: number;
  /** Share of packets sent twice, and swapped with the next one. */
  duplicateRate: number;
  reorderRate: number;
  ssrcEveryGop: boolean;
  /** First RTP time stamp and sequence number of a session; random if undefined. */
  firstTimestamp: number | undefined;
  firstSequence: number | undefined;
  /** Media clock against its nominal rate: 0.84 = 16 % slow. */
  clockFactor: number;
  /** As clockFactor, for audio alone. */
  audioClockFactor: number;
  /** Every n-th picture has a time stamp an hour off. */
  outlierEvery: number;
  /** Bursts of n pictures share a time stamp. */
  equalTimestamps: number;
  /** Header extension (ONVIF replay, 0xABAC), CSRC and padding in each packet. */
  rtpExtras: boolean;
  /** Packets of another payload type with the numbers of the real ones. */
  foreignPayloads: boolean;
  /** UDP packets come from another port than announced. */
  udpOtherPort: boolean;
  /** UDP is accepted in SETUP, but no packet ever leaves. */
  udpMute: boolean;

  // RTCP
  /** Interval of sender reports; 0 = none. */
  senderReportMs: number;
  /** Wrong wall clock in the sender reports, in seconds. */
  ntpOffsetS: number;
  /** Sender reports travel on the RTP channel. */
  rtcpOnRtpChannel: boolean;
  /** A BYE goes out with each sender report although media goes on. */
  byeByMistake: boolean;
  metadataFloodBytes: number;
}

export const NO_FAULTS: Readonly<Faults> = {
  silent: false,
  dripBytes: false,
  endlessHeader: false,
  junkBytes: 0,
  junkEvery: 1,
  lineBreaks: false,
  mediaDropOut: undefined,
  resetEveryMs: undefined,
  flood: undefined,
  publicMethods: ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'GET_PARAMETER', 'SET_PARAMETER', 'TEARDOWN'],
  answers: {},
  keepAliveAnswer: undefined,
  keepAliveBy: 'any',
  contentBase: 'right',
  controls: 'relative',
  strictControl: false,
  channels: 'asked',
  framesBeforePlay: false,
  unaskedTracks: false,
  serverRequest: undefined,
  redirectTo: undefined,
  fullStatus: 453,
  refuseUdp: false,
  refuseTcp: false,
  sessionId: 'random',
  hideTimeout: false,
  needsDescribe: false,
  needsUserAgent: false,
  needsAllTracks: false,
  playUrl: 'any',
  refuseRange: false,
  rtpInfo: 'right',
  transportSsrc: 'right',
  editSdp: undefined,
  editResponse: undefined,
  sprop: 'right',
  inBandSets: 'key',
  staleSets: false,
  markers: 'right',
  accessUnitDelimiters: false,
  aggregate: false,
  annexB: 'no',
  fragments: 'right',
  mtu: 1400,
  paddingBytes: 0,
  videoStopped: false,
  audioStopped: false,
  audioDelayMs: 0,
  videoDelayMs: 0,
  lossRate: 0,
  skipRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  ssrcEveryGop: false,
  firstTimestamp: undefined,
  firstSequence: undefined,
  clockFactor: 1,
  audioClockFactor: 1,
  outlierEvery: 0,
  equalTimestamps: 0,
  rtpExtras: false,
  foreignPayloads: false,
  udpOtherPort: false,
  udpMute: false,
  senderReportMs: 5000,
  ntpOffsetS: 0,
  rtcpOnRtpChannel: false,
  byeByMistake: false,
  metadataFloodBytes: 0,
};

/** The knobs of one camera. */
export class FaultPanel {
  #now: Faults;

  constructor(initial: Partial<Faults> = {}) {
    this.#now = { ...NO_FAULTS, ...initial };
  }

  get now(): Readonly<Faults> {
    return this.#now;
  }

  set(change: Partial<Faults>): void {
    const unknown = Object.keys(change).filter((key) => !(key in NO_FAULTS));
    if (unknown.length > 0) throw new Error(`no such fault: ${unknown.join(', ')}`);
    this.#now = { ...this.#now, ...change };
  }

  /** Back to a well-behaved camera. */
  reset(): void {
    this.#now = { ...NO_FAULTS };
  }
}
