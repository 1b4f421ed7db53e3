import { BoxError } from '../../base/index.ts';
import { SampleTrack, type AudioFormat, type BlockPool, type VideoFormat } from '../../media/index.ts';
import type { MediaDescription } from '../description.ts';
import { AccessUnitBuilder } from './access-unit.ts';
import { AudioOutput } from './audio-output.ts';
import { AacDepacketiser } from './depacketise-aac.ts';
import { H264Depacketiser } from './depacketise-h264.ts';
import { H265Depacketiser } from './depacketise-h265.ts';
import { LatmDepacketiser } from './depacketise-latm.ts';
import { OpusDepacketiser } from './depacketise-opus.ts';
import { SampleDepacketiser } from './depacketise-samples.ts';
import type { Depacketiser } from './packet-sink.ts';
import { Reception } from './reception.ts';
import { ReorderWindow } from './reorder.ts';
import { parseRtcp } from './rtcp.ts';
import { looksLikeRtcp, RtpHeader } from './rtp-header.ts';
import { SequenceSpace } from './sequence.ts';
import type { SessionClock, TrackClock } from './session-clock.ts';
import { parameterSetsOf } from './sprop.ts';
import type { TrackSink } from './track-sink.ts';
import { TrackCounters, type TrackStats } from './track-stats.ts';

export type { TrackSink } from './track-sink.ts';
export type { TrackStats } from './track-stats.ts';

/** So many packets of one foreign type and none of the announced one, and the announcement was wrong. */
const FOREIGN_TO_ADOPT = 50;
const CNAME = 'ipvs';
const VIDEO_CLOCK_RATE = 90000;

/** What a track lacks before it can be recorded: packets, codec parameters, or a key frame to begin with. */
export type Waiting = 'packets' | 'parameters' | 'key-frame';

type AudioDeps = { output: AudioOutput; clock: TrackClock; sink: TrackSink };

export interface TrackReceiverDeps {
  readonly pool: BlockPool;
  readonly sink: TrackSink;
  /** For UDP: how long packets that came too early wait for those before them. Absent for TCP, where they cannot. */
  readonly reorder?: { readonly packets: number; readonly ms: number };
}

/**
 * Turns the RTP packets of one track into frames. All packets are read in place from a read buffer that is shared by many
 * sockets; payload is copied once, into arena blocks.
 */
export class TrackReceiver {
  readonly media: MediaDescription;
  readonly #sink: TrackSink;
  readonly #clock: TrackClock;
  readonly #reception: Reception;
  readonly #counters = new TrackCounters();
  readonly #header = new RtpHeader();
  readonly #notes = new Set<string>();
  readonly #depacketiser: Depacketiser;
  readonly #reorder: ReorderWindow | undefined;
  readonly #format: () => VideoFormat | AudioFormat | undefined;
  #payloadType: number;
  #foreignType = -1;
  #foreignCount = 0;
  #givenUp = 0;
  #disposed = false;

  /** Throws a BoxError, rtsp.codec-unsupported, for media of a codec that cannot be recorded. */
  constructor(media: MediaDescription, session: SessionClock, deps: TrackReceiverDeps) {
    this.media = media;
    this.#payloadType = media.payloadType;
    this.#sink = {
      frame: (frame) => deps.sink.frame(frame),
      note: (code, detail) => this.#note(deps.sink, code, detail),
    };
    const video = media.codec === 'h264' || media.codec === 'h265';
    const clockRate = media.clockRate > 0 ? media.clockRate : video ? VIDEO_CLOCK_RATE : 8000;
    this.#clock = session.join(video ? 'video' : 'audio', clockRate);
    const ownSsrc = Math.floor(Math.random() * 0xffffffff);
    this.#reception = new Reception({ clockRate, cautious: deps.reorder !== undefined, ownSsrc, cname: CNAME });
    const parts = this.#build(deps.pool, clockRate);
    this.#depacketiser = parts.depacketiser;
    this.#format = parts.format;
    if (deps.reorder) this.#reorder = new ReorderWindow(this.#depacketiser, deps.reorder);
  }

  /** The format known so far: of the SDP at first, then of the newest frame. */
  get format(): VideoFormat | AudioFormat | undefined {
    return this.#format();
  }

  /** What the track waits for, or undefined if frames that can be recorded are flowing. */
  get waitingFor(): Waiting | undefined {
    if (this.#counters.packets === 0) return 'packets';
    if (!this.format) return 'parameters';
    return this.#counters.keyFrames === 0 ? 'key-frame' : undefined;
  }

  get stats(): TrackStats {
    const { timeline } = this.#clock;
    const jitterMs = (this.#reception.jitter * 1000) / timeline.clockRate;
    return Object.assign({}, this.#counters, { timeSteps: timeline.rebases, jitterMs });
  }

  /** One whole RTP packet; also takes RTCP that came on the wrong channel. Nothing refers to the buffer after the return. */
  rtp(buffer: Buffer, start: number, end: number, arrivalUs: number): void {
    const counters = this.#counters;
    const header = this.#header;
    if (looksLikeRtcp(buffer, start, end)) {
      this.rtcp(buffer, start, end, arrivalUs);
      return;
    }
    if (this.#disposed) return;
    if (!header.parse(buffer, start, end) || (header.payloadType !== this.#payloadType && !this.#adopts())) {
      counters.foreign++;
      return;
    }
    counters.packets++;
    counters.bytes += end - start;
    counters.lastArrivalUs = arrivalUs;
    if (header.ssrc !== this.#reception.ssrc) this.#changeSource();
    this.#reception.arrived(header.timestamp, arrivalUs);
    const step = this.#reception.sequence.accept(header.sequence);
    if (this.#reorder) this.#inOrder(this.#reorder, buffer, step, arrivalUs);
    else this.#deliver(buffer, step, arrivalUs);
  }

  rtcp(buffer: Buffer, start: number, end: number, arrivalUs: number): void {
    for (const packet of parseRtcp(buffer, start, end)) {
      if (packet.type === 'SR') {
        this.#reception.reported(packet, arrivalUs);
        this.#clock.senderReport(packet, arrivalUs);
      } else if (packet.type === 'BYE') {
        this.#sink.note('rtp.bye', { reason: packet.reason });
      }
    }
  }

  /** Compound of receiver report and source description, to be sent about every 5 s. */
  receiverReport(nowUs: number): Buffer {
    return this.#reception.build(nowUs);
  }

  /** Does what time makes due; to be called a few times a second. */
  poll(nowUs: number): void {
    if (this.#reorder) {
      this.#reorder.poll(nowUs);
      this.#countGivenUp(this.#reorder);
    }
    this.#depacketiser.poll(nowUs);
    this.#counters.measure(nowUs);
  }

  /** Gives out what is complete and waits only for a packet that will not come. */
  flush(): void {
    this.#reorder?.flush();
    this.#depacketiser.flush();
  }

  /** Lets go of all memory; packets are ignored from now on. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#depacketiser.dispose();
  }

  #build(
    pool: BlockPool,
    clockRate: number,
  ): { depacketiser: Depacketiser; format: () => VideoFormat | AudioFormat | undefined } {
    const { media } = this;
    const deps = { pool, clock: this.#clock, sink: this.#sink, counters: this.#counters };
    if (media.codec === 'h264' || media.codec === 'h265') {
      const units = new AccessUnitBuilder(media.codec, deps);
      units.hint(parameterSetsOf(media));
      const format = () => units.formats.format ?? units.formats.parameters.format();
      if (media.codec === 'h264') return { depacketiser: new H264Depacketiser(units, this.#counters), format };
      const decodingOrderNumbers = Number(media.fmtp.get('sprop-max-don-diff') ?? 0) > 0;
      return { depacketiser: new H265Depacketiser(units, this.#counters, { decodingOrderNumbers }), format };
    }
    const output = new AudioOutput(deps);
    return { depacketiser: buildAudio(media, clockRate, { ...deps, output }), format: () => output.format };
  }

  #deliver(buffer: Buffer, step: number, arrivalUs: number): void {
    const { payloadStart, payloadEnd, timestamp, marker } = this.#header;
    let lost = 0;
    if (step !== 1) {
      if (step <= 0) {
        this.#counters.duplicates++;
        return;
      }
      // A new numbering tells nothing of losses, but what was begun before it cannot go on.
      lost = step === SequenceSpace.RESTART ? 1 : step - 1;
      if (step !== SequenceSpace.RESTART) this.#lost(lost);
    }
    this.#depacketiser.packet(buffer, payloadStart, payloadEnd, timestamp, marker, arrivalUs, lost);
  }

  #inOrder(reorder: ReorderWindow, buffer: Buffer, step: number, arrivalUs: number): void {
    const { payloadStart, payloadEnd, timestamp, marker } = this.#header;
    const { highest } = this.#reception.sequence;
    if (step === SequenceSpace.RESTART) reorder.flush();
    const extended = step > 0 ? highest : highest + step;
    if (!reorder.push(extended, buffer, payloadStart, payloadEnd, timestamp, marker, arrivalUs))
      this.#counters.duplicates++;
    this.#countGivenUp(reorder);
  }

  #countGivenUp(reorder: ReorderWindow): void {
    if (reorder.lost > this.#givenUp) this.#lost(reorder.lost - this.#givenUp);
    this.#givenUp = reorder.lost;
  }

  #lost(packets: number): void {
    this.#counters.lost += packets;
    this.#sink.note('rtp.loss');
  }

  #changeSource(): void {
    if (this.#reception.ssrc >= 0) {
      this.#counters.sourceChanges++;
      this.#sink.note('rtp.source-changed');
    }
    this.#reorder?.flush();
    this.#reception.changeSource(this.#header.ssrc);
  }

  /** True if the packet's payload type takes the place of the announced one, which never came. */
  #adopts(): boolean {
    const { payloadType } = this.#header;
    if (this.#counters.packets > 0) return false;
    this.#foreignCount = payloadType === this.#foreignType ? this.#foreignCount + 1 : 1;
    this.#foreignType = payloadType;
    if (this.#payloadType >= 0 && this.#foreignCount < FOREIGN_TO_ADOPT) return false;
    this.#sink.note('rtp.payload-type-differs', { announced: this.#payloadType, sent: payloadType });
    this.#payloadType = payloadType;
    return true;
  }

  #note(sink: TrackSink, code: string, detail?: Record<string, unknown>): void {
    if (this.#notes.has(code)) return;
    this.#notes.add(code);
    sink.note(code, detail);
  }
}

function buildAudio(media: MediaDescription, clockRate: number, deps: AudioDeps): Depacketiser {
  const { codec, fmtp, encoding } = media;
  const channels = Math.max(1, media.channels);
  if (codec === 'aac') return new AacDepacketiser(fmtp, deps);
  if (codec === 'aac-latm') return new LatmDepacketiser(fmtp, deps);
  if (codec === 'opus') return new OpusDepacketiser(channels, deps);
  const isSampled = codec === 'g711a' || codec === 'g711u' || codec === 'l16';
  if (!isSampled || !SampleTrack.supports(clockRate, channels)) {
    throw new BoxError('rtsp.codec-unsupported', { encoding, clockRate, channels: media.channels });
  }
  return new SampleDepacketiser({ encoding: codec, sampleRate: clockRate, channels }, deps);
}
