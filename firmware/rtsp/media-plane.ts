import { BoxError, type Clock } from '../base/index.ts';
import type { BlockPool, Format } from '../media/index.ts';
import type { RtspConnection } from './connection.ts';
import type { MediaDescription } from './description.ts';
import type { ReadBeat } from './read-beat.ts';
import { SessionClock } from './rtp/session-clock.ts';
import { TrackReceiver } from './rtp/track-receiver.ts';
import type { TrackSink } from './rtp/track-sink.ts';
import type { TrackStats } from './rtp/track-stats.ts';
import type { UdpPair } from './udp-pair.ts';

const REPORT_PERIOD_US = 5_000_000;
/** What a network that is not lost may do to the order of packets. */
const UDP_REORDER = { packets: 64, ms: 80 };
const NO_CHANNEL = -1;

/** One track that has been set up. */
export class Track {
  readonly media: MediaDescription;
  /** Undefined for a track that was set up only because the camera wants it: its packets are dropped. */
  readonly receiver: TrackReceiver | undefined;
  readonly udp: UdpPair | undefined;
  readonly rtcpChannel: number;
  nextReportUs = 0;

  constructor(media: MediaDescription, receiver: TrackReceiver | undefined, way: UdpPair | { rtcpChannel: number }) {
    this.media = media;
    this.receiver = receiver;
    this.udp = 'rtcpChannel' in way ? undefined : way;
    this.rtcpChannel = 'rtcpChannel' in way ? way.rtcpChannel : NO_CHANNEL;
  }
}

/** What one track has received, for people. */
export interface TrackFigures extends TrackStats {
  readonly kind: string;
  readonly codec: string;
  /** What its frames will be, as far as that is known before they come. */
  readonly format: Format | undefined;
}

/** The packets of one session: from channels and ports to the tracks' receivers, and reports back. */
export class MediaPlane {
  readonly #connection: RtspConnection;
  readonly #beat: ReadBeat;
  readonly #clock: Clock;
  readonly #pool: BlockPool;
  readonly #sink: TrackSink;
  readonly #routes: (Track | undefined)[] = Array.from({ length: 256 });
  readonly #tracks: Track[] = [];
  #disposed = false;
  readonly sessionClock: SessionClock;
  /** Packets on channels that were never set up: tolerated and dropped. */
  strayPackets = 0;

  constructor(deps: { connection: RtspConnection; beat: ReadBeat; clock: Clock; pool: BlockPool; sink: TrackSink }) {
    this.#connection = deps.connection;
    this.#beat = deps.beat;
    this.#clock = deps.clock;
    this.#pool = deps.pool;
    this.#sink = deps.sink;
    this.sessionClock = new SessionClock(deps.clock);
  }

  get tracks(): readonly Track[] {
    return this.#tracks;
  }

  /** True when a channel already leads to a track. */
  taken(channel: number): boolean {
    return this.#routes[channel] !== undefined;
  }

  addInterleaved(media: MediaDescription, channels: readonly [number, number], wanted: boolean): void {
    const track = new Track(media, this.#receiver(media, wanted, false), { rtcpChannel: channels[1] });
    this.#tracks.push(track);
    for (const channel of channels) {
      this.#routes[channel] = track;
      this.#connection.addChannel(channel);
    }
  }

  addUdp(media: MediaDescription, pair: UdpPair, addresses: readonly string[], wanted: boolean): void {
    const track = new Track(media, this.#receiver(media, wanted, true), pair);
    this.#tracks.push(track);
    const take = (buffer: Buffer, length: number): void => {
      track.receiver?.rtp(buffer, 0, length, this.#clock.monoUs());
    };
    const portionRead = (): void => this.poll(this.#clock.monoUs());
    pair.listen(addresses, { rtp: take, rtcp: take, portionRead }, this.#beat);
  }

  /** How the sockets of packets are read, if there are any. */
  setPace(pace: 'live' | 'nap'): void {
    for (const { udp } of this.#tracks) udp?.setPace(pace);
  }

  /** What comes in one burst; so much must find room. */
  noteFrameBytes(bytes: number): void {
    for (const { udp } of this.#tracks) udp?.noteFrameBytes(bytes);
  }

  /** One interleaved packet. The hot path: called for every packet of every camera. */
  packet(channel: number, buffer: Buffer, start: number, end: number, arrivalUs: number): void {
    const track = this.#routes[channel];
    if (track === undefined) {
      if (!this.#disposed) this.strayPackets++;
      return;
    }
    // The receiver tells RTCP by its type (RFC 5761 section 4), not by the channel: some cameras mix them up.
    track.receiver?.rtp(buffer, start, end, arrivalUs);
  }

  /** Time-driven work; cheap enough for every portion read. */
  poll(nowUs: number): void {
    if (this.#disposed) return;
    for (const track of this.#tracks) track.receiver?.poll(nowUs);
  }

  /**
   * Sends the reports that are due (RFC 3550 section 6.4.2): some cameras stop without, and to some they are the only sign
   * of life that counts for the session's time-out.
   */
  report(nowUs: number, sessionTimeoutS: number): void {
    const periodUs = Math.min(REPORT_PERIOD_US, sessionTimeoutS * 450_000);
    for (const track of this.#tracks) {
      if (nowUs < track.nextReportUs) continue;
      track.nextReportUs = nowUs + periodUs;
      const bytes = track.receiver?.receiverReport(nowUs);
      if (!bytes) continue;
      if (track.udp) track.udp.sendRtcp(bytes);
      else this.#connection.sendPacket(track.rtcpChannel, bytes);
    }
  }

  /** The track whose silence means that the camera is gone: video if there is any; sound alone may be silent for ever. */
  get leading(): TrackReceiver | undefined {
    const wanted = this.#tracks.filter((track) => track.receiver !== undefined);
    return (wanted.find((track) => track.media.kind.toLowerCase() === 'video') ?? wanted[0])?.receiver;
  }

  get figures(): TrackFigures[] {
    return this.#tracks.flatMap(({ media: { kind, codec }, receiver }) =>
      receiver ? [{ kind, codec, format: receiver.format, ...receiver.stats }] : [],
    );
  }

  /** Hands on what is still held and lets go of memory and sockets; the figures stay. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#routes.fill(undefined);
    for (const { receiver, udp } of this.#tracks) {
      udp?.close();
      receiver?.flush();
      receiver?.dispose();
    }
  }

  #receiver(media: MediaDescription, wanted: boolean, udp: boolean): TrackReceiver | undefined {
    if (!wanted) return undefined;
    const deps = { pool: this.#pool, sink: this.#sink, ...(udp && { reorder: UDP_REORDER }) };
    try {
      return new TrackReceiver(media, this.sessionClock, deps);
    } catch (error) {
      // Sound of a kind that only its numbers reveal as useless must not cost the video.
      if (!(error instanceof BoxError) || media.kind.toLowerCase() === 'video') throw error;
      this.#sink.note('rtsp.track-unusable', {
        kind: media.kind,
        encoding: media.encoding,
        clockRate: media.clockRate,
      });
      return undefined;
    }
  }
}
