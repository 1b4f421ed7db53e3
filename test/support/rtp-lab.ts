import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BlockPool, nalType, splitAnnexB, type Format, type VideoCodec } from '../../firmware/media/index.ts';
import type { MediaDescription } from '../../firmware/rtsp/description.ts';
import { SessionClock } from '../../firmware/rtsp/rtp/session-clock.ts';
import { TrackReceiver } from '../../firmware/rtsp/rtp/track-receiver.ts';

export interface PacketFields {
  readonly sequence: number;
  readonly timestamp: number;
  readonly payload: Buffer;
  readonly marker?: boolean;
  readonly payloadType?: number;
  readonly ssrc?: number;
}

export const PAYLOAD_TYPE = 96;

export function rtpPacket(fields: PacketFields): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = (fields.marker ? 0x80 : 0) | (fields.payloadType ?? PAYLOAD_TYPE);
  header.writeUInt16BE(fields.sequence & 0xffff, 2);
  header.writeUInt32BE(fields.timestamp >>> 0, 4);
  header.writeUInt32BE(fields.ssrc ?? 0x1234, 8);
  return Buffer.concat([header, fields.payload]);
}

/** A frame as a test keeps it. */
export interface CaughtFrame {
  readonly format: Format;
  readonly key: boolean;
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  readonly arrivalUs: number;
  readonly lostBefore: number;
  readonly bytes: Buffer;
  readonly nals: string[];
}

export interface LabOptions {
  readonly codec: MediaDescription['codec'];
  readonly fmtp?: Record<string, string>;
  readonly clockRate?: number;
  readonly channels?: number;
  readonly payloadType?: number;
  readonly session?: SessionClock;
  readonly reorder?: { packets: number; ms: number };
  readonly blockBytes?: number;
}

/** One receiver with everything around it. Packets are read from a shared buffer that is spoilt as soon as the receiver returns. */
export class RtpLab {
  readonly receiver: TrackReceiver;
  readonly frames: CaughtFrame[] = [];
  readonly notes: string[] = [];
  readonly pool: BlockPool;
  readonly session: SessionClock;
  readonly #readBuffer = Buffer.alloc(128 * 1024);
  #sequence = 65_500;

  constructor(options: LabOptions) {
    this.pool = new BlockPool({ blockBytes: options.blockBytes ?? 4096, maxFreeBlocks: 2, poison: true });
    this.session = options.session ?? new SessionClock();
    this.receiver = new TrackReceiver(describe(options), this.session, {
      pool: this.pool,
      sink: {
        frame: (frame) => {
          const bytes = frame.bytes.toBuffer();
          this.frames.push({ ...frame, bytes, nals: frame.format.kind === 'video' ? nalsOf(bytes) : [] });
        },
        note: (code) => this.notes.push(code),
      },
      ...(options.reorder && { reorder: options.reorder }),
    });
  }

  /** Sends a payload with the next sequence number. */
  send(
    payload: Buffer | string,
    timestamp: number,
    options: { marker?: boolean; arrivalUs?: number; skip?: number } = {},
  ): void {
    this.#sequence += 1 + (options.skip ?? 0);
    const bytes = typeof payload === 'string' ? Buffer.from(payload.replaceAll(' ', ''), 'hex') : payload;
    const packet = rtpPacket({ sequence: this.#sequence, timestamp, payload: bytes, marker: options.marker ?? false });
    this.packet(packet, options.arrivalUs ?? timestamp / 0.09);
  }

  /** Sends a packet as it is. */
  packet(packet: Buffer, arrivalUs: number): void {
    const at = 100;
    this.#readBuffer.fill(0xee);
    packet.copy(this.#readBuffer, at);
    this.receiver.rtp(this.#readBuffer, at, at + packet.length, arrivalUs);
    this.#readBuffer.fill(0xcc, at, at + packet.length);
  }

  /** NAL units of all frames, by frame, as hex. */
  get units(): string[][] {
    return this.frames.map(({ nals }) => nals);
  }

  /** Ends the receiver. Gives the bytes that it still holds, which must be none. */
  end(): number {
    this.receiver.flush();
    this.receiver.dispose();
    return this.pool.usage.inUseBytes;
  }
}

export function nalsOf(bytes: Buffer): string[] {
  const nals: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = bytes.readUInt32BE(at);
    nals.push(bytes.toString('hex', at + 4, at + 4 + size));
    at += 4 + size;
  }
  return nals;
}

/** The parameter sets of an avcC or hvcC (ISO/IEC 14496-15 5.3.3.1 and 8.3.3.1), as hex. */
export function setsInRecord(format: Format | undefined): string[] {
  if (format?.kind !== 'video') return [];
  const config = Buffer.from(format.config);
  const sets: string[] = [];
  const take = (at: number, count: number): number => {
    let next = at;
    for (let n = 0; n < count; n++) {
      const size = config.readUInt16BE(next);
      sets.push(config.toString('hex', next + 2, next + 2 + size));
      next += 2 + size;
    }
    return next;
  };
  if (format.codec === 'h264') {
    const at = take(6, config[5]! & 0x1f);
    take(at + 1, config[at]!);
    return sets;
  }
  let at = 23;
  for (let array = 0; array < config[22]!; array++) at = take(at + 3, config.readUInt16BE(at + 1));
  return sets;
}

/** Parameter sets of a stream in the fixtures, in the order of decoding. */
export function setsOf(file: string): Buffer[] {
  const stream = readFileSync(join(import.meta.dirname, '../fixtures', file));
  const codec: VideoCodec = file.endsWith('.h264') ? 'h264' : 'h265';
  const sets = new Map<string, Buffer>();
  for (const { start, end } of splitAnnexB(stream, 0, stream.length)) {
    const type = nalType(codec, stream[start]!);
    const isSet = codec === 'h264' ? type === 7 || type === 8 : type >= 32 && type <= 34;
    if (isSet) sets.set(stream.toString('hex', start, end), stream.subarray(start, end));
  }
  return [...sets.values()];
}

/** Format parameters that carry these sets. */
export function spropOf(codec: VideoCodec, sets: readonly Buffer[]): Record<string, string> {
  if (codec === 'h264') return { 'sprop-parameter-sets': sets.map((set) => set.toString('base64')).join(',') };
  const [vps, sps, pps] = sets.map((set) => set.toString('base64'));
  return { 'sprop-vps': vps!, 'sprop-sps': sps!, 'sprop-pps': pps! };
}

/** A small generator of repeatable "random" numbers (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

function describe(options: LabOptions): MediaDescription {
  const video = options.codec === 'h264' || options.codec === 'h265';
  const payloadType = options.payloadType ?? PAYLOAD_TYPE;
  return {
    index: 0,
    kind: video ? 'video' : 'audio',
    proto: 'RTP/AVP',
    payloadTypes: [payloadType],
    payloadType,
    encoding: options.codec,
    clockRate: options.clockRate ?? (video ? 90_000 : 8_000),
    channels: options.channels ?? (video ? 0 : 1),
    fmtp: new Map(Object.entries(options.fmtp ?? {})),
    controlRaw: undefined,
    controlUrl: '',
    direction: undefined,
    codec: options.codec,
    recordable: true,
  };
}
