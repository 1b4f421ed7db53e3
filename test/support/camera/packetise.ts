/** Access units as ready runs of interleaved RTP packets (RFC 2326 10.12, RFC 6184, RFC 7798, RFC 3640, RFC 3551). */
import type { AccessUnit, AudioClip, VideoClip } from './clip.ts';
import type { Faults } from './faults.ts';
import { ordinalOffset, ordinalSei } from './ordinal-sei.ts';

/** Length of "$", channel and size before each packet. */
export const FRAMING = 4;

/** Packets one after another in one piece of memory, each behind its interleaved header. Numbers are patched on sending. */
export interface PacketRun {
  readonly blob: Buffer;
  /** Where each RTP packet starts in the blob, behind its framing. */
  readonly starts: readonly number[];
  /** Packets that carry parameter sets and SEI only. */
  readonly leading: readonly boolean[];
  /** Where the ordinal's digits are in the blob; -1 if it carries none. */
  readonly ordinalAt: number;
  /** Bytes of the NAL units, or of the audio frame: what has to arrive in a recording. */
  readonly mediaBytes: number;
  readonly key: boolean;
}

/** The faults that change how packets are cut. */
type Style = Pick<
  Faults,
  | 'mtu'
  | 'markers'
  | 'inBandSets'
  | 'accessUnitDelimiters'
  | 'aggregate'
  | 'annexB'
  | 'fragments'
  | 'paddingBytes'
  | 'rtpExtras'
>;

interface Payload {
  readonly bytes: Buffer;
  readonly marker: boolean;
  readonly leading: boolean;
}

const START_CODE = Buffer.from([0, 0, 0, 1]);
const SHORT_START_CODE = Buffer.from([0, 0, 1]);

type Runs = (PacketRun | undefined)[];

/** Cameras that show the same clip in the same style share its packets. */
const runsOfClips = new WeakMap<VideoClip, Map<string, Runs>>();

function sharedRuns(clip: VideoClip, style: string): Runs {
  let styles = runsOfClips.get(clip);
  if (!styles) runsOfClips.set(clip, (styles = new Map<string, Runs>()));
  let runs = styles.get(style);
  if (!runs) styles.set(style, (runs = []));
  return runs;
}

/** Cuts a clip's pictures on demand and keeps the result for as long as the clip is used. */
export class VideoPacketiser {
  readonly clip: VideoClip;
  #style = '';
  #runs: Runs = [];

  constructor(clip: VideoClip) {
    this.clip = clip;
  }

  run(index: number, faults: Readonly<Faults>): PacketRun {
    const style = styleKey(faults);
    if (style !== this.#style) {
      this.#style = style;
      this.#runs = sharedRuns(this.clip, style);
    }
    return (this.#runs[index] ??= videoRun(this.clip.units[index]!, this.clip.codec, faults));
  }
}

function styleKey(faults: Style): string {
  const { mtu, markers, inBandSets, accessUnitDelimiters, aggregate, annexB, fragments, paddingBytes, rtpExtras } =
    faults;
  return `${mtu} ${markers} ${inBandSets} ${accessUnitDelimiters} ${aggregate} ${annexB} ${fragments} ${paddingBytes} ${rtpExtras}`;
}

/** One picture that is sent once, and so is not kept. */
export function videoRun(unit: AccessUnit, codec: 'h264' | 'h265', style: Style): PacketRun {
  const sets = style.inBandSets === 'none' ? [] : unit.sets;
  const delimiter = codec === 'h264' ? Buffer.from([9, 0xf0]) : Buffer.from([35 << 1, 1, 0x50]);
  const leading = [...(style.accessUnitDelimiters ? [delimiter] : []), ...sets, ordinalSei(codec, style.paddingBytes)];
  const payloads = unitPayloads(leading, unit.slices, codec, style);
  const mediaBytes = [...leading, ...unit.slices].reduce((sum, nal) => sum + nal.length, 0);
  return joinPackets(payloads, 96, style.rtpExtras, mediaBytes, unit.key);
}

function unitPayloads(leading: Buffer[], slices: readonly Buffer[], codec: 'h264' | 'h265', style: Style): Payload[] {
  const room = style.mtu - 12;
  if (style.annexB === 'whole-unit') {
    const nals = [...leading, ...slices];
    const joined = Buffer.concat(nals.flatMap((nal, index) => (index === 0 ? [nal] : [START_CODE, nal])));
    return mark(fragmentNal(joined, codec, room, style.fragments), style.markers !== 'none', false);
  }
  const payloads: Payload[] = [];
  const dress = (nal: Buffer) => (style.annexB === 'each-nal' ? Buffer.concat([SHORT_START_CODE, nal]) : nal);
  const setsMarked = style.markers === 'sets-too';
  const together = leading.reduce((sum, nal) => sum + nal.length + 2, 2) <= room;
  if (style.aggregate && together)
    payloads.push({ bytes: aggregation(leading, codec), marker: setsMarked, leading: true });
  else {
    for (const nal of leading) payloads.push(...mark(dressed(nal, codec, room, style, dress), setsMarked, true));
  }
  slices.forEach((slice, index) => {
    const last = index === slices.length - 1;
    const marker = style.markers === 'every-slice' || (last && style.markers !== 'none');
    payloads.push(...mark(dressed(slice, codec, room, style, dress), marker, false));
  });
  return payloads;
}

function dressed(
  nal: Buffer,
  codec: 'h264' | 'h265',
  room: number,
  style: Style,
  dress: (nal: Buffer) => Buffer,
): Buffer[] {
  return nal.length <= room - 3 && style.fragments !== 'start-and-end'
    ? [dress(nal)]
    : fragmentNal(nal, codec, room, style.fragments);
}

function mark(pieces: Buffer[], marker: boolean, leading: boolean): Payload[] {
  return pieces.map((bytes, index) => ({ bytes, marker: marker && index === pieces.length - 1, leading }));
}

/** STAP-A (RFC 6184 5.7.1) or AP (RFC 7798 4.4.2). */
function aggregation(nals: Buffer[], codec: 'h264' | 'h265'): Buffer {
  const head = codec === 'h264' ? [24 | 0x60] : [48 << 1, 1];
  const parts = nals.flatMap((nal) => [Buffer.from([nal.length >> 8, nal.length & 255]), nal]);
  return Buffer.concat([Buffer.from(head), ...parts]);
}

/** FU-A (RFC 6184 5.8) or FU (RFC 7798 4.4.3), with the oddities that cameras are known for. */
function fragmentNal(nal: Buffer, codec: 'h264' | 'h265', room: number, oddity: Faults['fragments']): Buffer[] {
  const h265 = codec === 'h265';
  const headLength = h265 ? 2 : 1;
  if (nal.length <= room && oddity !== 'start-and-end') return [nal];
  const type = h265 ? (nal[0]! >> 1) & 63 : nal[0]! & 31;
  const head = h265 ? [(nal[0]! & 0x81) | (49 << 1), nal[1]!] : [(nal[0]! & 0xe0) | 28];
  const step = room - headLength - 1;
  const pieces: Buffer[] = [];
  for (let at = headLength; at < nal.length; at += step) {
    const start = at === headLength;
    const end = at + step >= nal.length;
    let flags = type | (start ? 0x80 : 0) | (end && oddity !== 'no-end' ? 0x40 : 0);
    if (oddity === 'reserved-bit' && !h265) flags |= 0x20;
    if (oddity === 'type-change' && !start) flags = (flags & 0xc0) | 1;
    pieces.push(Buffer.concat([Buffer.from([...head, flags]), nal.subarray(at, at + step)]));
    if (oddity === 'empty' && start && !end) pieces.push(Buffer.from([...head, type]));
  }
  return pieces;
}

/** One audio frame: an AU header of 16 bits and the frame (RFC 3640 3.3.6, AAC-hbr), or the bare samples. */
export function audioRun(clip: AudioClip, index: number): PacketRun {
  const frame = clip.frames[index]!;
  const header =
    clip.kind === 'aac' ? Buffer.from([0, 16, frame.length >> 5, (frame.length << 3) & 255]) : Buffer.alloc(0);
  const payload = { bytes: Buffer.concat([header, frame]), marker: clip.kind === 'aac', leading: false };
  return joinPackets([payload], audioPayloadType(clip.kind), false, frame.length, true);
}

export function audioPayloadType(kind: AudioClip['kind']): number {
  return { aac: 97, pcma: 8, pcmu: 0 }[kind];
}

/** Any payload as a run of one packet. */
export function plainRun(payload: Buffer, payloadType: number, marker: boolean): PacketRun {
  return joinPackets([{ bytes: payload, marker, leading: false }], payloadType, false, payload.length, true);
}

function joinPackets(
  payloads: Payload[],
  payloadType: number,
  extras: boolean,
  mediaBytes: number,
  key: boolean,
): PacketRun {
  const parts: Buffer[] = [];
  const starts: number[] = [];
  let at = 0;
  for (const { bytes, marker } of payloads) {
    const packet = rtpPacket(bytes, payloadType, marker, extras);
    parts.push(Buffer.from([0x24, 0, packet.length >> 8, packet.length & 255]), packet);
    starts.push(at + FRAMING);
    at += FRAMING + packet.length;
  }
  const blob = Buffer.concat(parts);
  const leading = payloads.map((payload) => payload.leading);
  return { blob, starts, leading, ordinalAt: ordinalOffset(blob), mediaBytes, key };
}

/** RTP (RFC 3550 5.1); with extras: one CSRC, the ONVIF replay extension and four bytes of padding. */
function rtpPacket(payload: Buffer, payloadType: number, marker: boolean, extras: boolean): Buffer {
  const head = Buffer.alloc(12);
  head[0] = extras ? 0xb1 : 0x80;
  head[1] = (marker ? 0x80 : 0) | payloadType;
  if (!extras) return Buffer.concat([head, payload]);
  const csrc = Buffer.from([1, 2, 3, 4]);
  const extension = Buffer.from([0xab, 0xac, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]);
  return Buffer.concat([head, csrc, extension, payload, Buffer.from([0, 0, 0, 4])]);
}
