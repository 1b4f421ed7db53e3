import type { VideoFormat } from '../frame.ts';
import { BitReader, unescapeRbsp } from './bit-reader.ts';
import { avcCodecString, avcRecord, hevcCodecString, hevcRecord } from './config-record.ts';
import { parseH264Pps, parseH264Sps, type H264Sps } from './h264.ts';
import { parseH265Pps, parseH265Sps, parseH265Vps, type H265Pps, type H265Sps } from './h265.ts';
import { H264, H265, isKey, nalHeaderBytes, nalType, splitAnnexB, type VideoCodec } from './nal.ts';

/** `same`: nothing that a decoder needs is new. `changed`: the set is stored and `format()` may differ. `bad`: unreadable, ignored. */
export type FeedResult = 'same' | 'changed' | 'bad';

interface StoredSet {
  /** The bytes as last fed, to know them again without parsing; may differ from `nal` in what `essence` leaves out. */
  raw: Buffer;
  /** What goes into the configuration record: `raw` of the time when the essence was new, without trailing junk. */
  readonly nal: Buffer;
  readonly id: number;
  readonly essence: string;
}

interface StoredSps extends StoredSet {
  readonly sps: H264Sps | H265Sps;
}

interface StoredPps extends StoredSet {
  readonly spsId: number;
  readonly h265?: H265Pps;
}

interface StoredVps extends StoredSet {
  readonly nominalFps: number | undefined;
}

interface ActiveSets {
  readonly pps: StoredPps;
  readonly sps: StoredSps;
}

const MOST_REMEMBERED_FORMATS = 8;
/** Room for some sets glued together. */
const MOST_UNIT_BYTES = 32 * 1024;
const SLICE_BYTES_READ = 32;

/**
 * The parameter sets of one video stream, by kind and id, from the SDP or in band (quirks A1, A2, C8). Sets replace others of
 * their id; a set that differs only in timing or bit rate fields counts as the same (C7).
 */
export class VideoParameters {
  readonly codec: VideoCodec;
  readonly #vps = new Map<number, StoredVps>();
  readonly #sps = new Map<number, StoredSps>();
  readonly #pps = new Map<number, StoredPps>();
  #activePps: number | undefined;
  #format: VideoFormat | undefined;
  #formatStale = false;
  /** Streams that change back and forth get the same objects again. Key: the essence of all sets. */
  readonly #formats = new Map<string, VideoFormat>();

  constructor(codec: VideoCodec) {
    this.codec = codec;
  }

  /**
   * Takes one NAL unit without start code; copies what it keeps. Start codes that are glued on or in are understood, and a
   * unit that holds several sets is taken apart. Anything but a parameter set is `bad`.
   */
  feed(nal: Uint8Array): FeedResult {
    if (this.#isKnown(nal)) return 'same';
    if (nal.length > MOST_UNIT_BYTES) return 'bad';
    const results = splitAnnexB(nal, 0, nal.length).map(({ start, end }) => {
      const one = nal.subarray(start, end);
      return this.#isKnown(one) ? 'same' : this.#feedOne(one);
    });
    if (results.includes('changed')) return 'changed';
    return results.includes('same') ? 'same' : 'bad';
  }

  /**
   * Tells that pictures now use the PPS named by this slice, which matters to streams that hold several SPS. Pass the first
   * slice of key pictures, NAL header included. `bad` if the slice is unreadable or needs a set that is missing.
   */
  useSlice(slice: Uint8Array): FeedResult {
    const id = this.#ppsOf(slice);
    if (id === undefined || !this.#complete(id)) return 'bad';
    if (id === this.#active()?.pps.id) {
      this.#activePps = id;
      return 'same';
    }
    const before = this.#active()?.sps;
    this.#activePps = id;
    if (this.#active()?.sps === before) return 'same';
    this.#formatStale = true;
    return 'changed';
  }

  /** The format once all sets that a decoder needs are there. The same object as long as it says the same. */
  format(): VideoFormat | undefined {
    if (!this.#formatStale) return this.#format;
    this.#formatStale = false;
    const active = this.#active();
    this.#format = active && this.#remembered(active);
    return this.#format;
  }

  /** How many pictures may stand before one that is shown earlier; 0 means that decoding order is display order. */
  get reorderFrames(): number | undefined {
    return this.#active()?.sps.sps.reorderFrames;
  }

  #isKnown(nal: Uint8Array): boolean {
    for (const sets of [this.#sps, this.#pps, this.#vps]) {
      for (const { raw } of sets.values()) {
        if (raw.length === nal.length && raw.equals(nal)) return true;
      }
    }
    return false;
  }

  #feedOne(nal: Uint8Array): FeedResult {
    const type = nalType(this.codec, nal[0]!);
    if (this.codec === 'h264') {
      if (type === H264.sps) return this.#feedSps(nal, parseH264Sps(nal));
      if (type === H264.pps) return this.#feedPps(nal, parseH264Pps(nal));
    } else {
      if (type === H265.vps) return this.#feedVps(nal);
      if (type === H265.sps) return this.#feedSps(nal, parseH265Sps(nal));
      if (type === H265.pps) {
        const h265 = parseH265Pps(nal);
        return this.#feedPps(nal, h265 && { ...h265, h265 });
      }
    }
    return 'bad';
  }

  #feedVps(nal: Uint8Array): FeedResult {
    const vps = parseH265Vps(nal);
    if (!vps) return 'bad';
    return this.#store(this.#vps, { ...stored(nal), ...vps });
  }

  #feedSps(nal: Uint8Array, sps: H264Sps | H265Sps | undefined): FeedResult {
    if (!sps) return 'bad';
    return this.#store(this.#sps, { ...stored(nal, sps.usedBytes), id: sps.id, essence: sps.essence, sps });
  }

  #feedPps(nal: Uint8Array, pps: Pick<StoredPps, 'id' | 'spsId' | 'h265'> | undefined): FeedResult {
    if (!pps) return 'bad';
    const { id, spsId, h265 } = pps;
    const copy = stored(nal);
    return this.#store(this.#pps, { ...copy, id, spsId, ...(h265 && { h265 }), essence: copy.nal.toString('latin1') });
  }

  #store<Kind extends StoredSet>(sets: Map<number, Kind>, set: Kind): FeedResult {
    const old = sets.get(set.id);
    if (old?.essence === set.essence) {
      old.raw = set.raw;
      return 'same';
    }
    sets.set(set.id, set);
    this.#formatStale = true;
    return 'changed';
  }

  /** The PPS in use with its SPS: the one a slice named, else that of the lowest id. */
  #active(): ActiveSets | undefined {
    if (this.#activePps !== undefined) {
      const active = this.#complete(this.#activePps);
      if (active) return active;
    }
    let lowest: ActiveSets | undefined;
    for (const id of this.#pps.keys()) {
      if (lowest === undefined || id < lowest.pps.id) lowest = this.#complete(id) ?? lowest;
    }
    return lowest;
  }

  #complete(ppsId: number): ActiveSets | undefined {
    const pps = this.#pps.get(ppsId);
    const sps = pps && this.#sps.get(pps.spsId);
    if (!sps) return undefined;
    if ('vpsId' in sps.sps && !this.#vps.has(sps.sps.vpsId)) return undefined;
    return { pps, sps };
  }

  #ppsOf(slice: Uint8Array): number | undefined {
    if (slice.length === 0) return undefined;
    const header = nalHeaderBytes(this.codec);
    const reader = new BitReader(unescapeRbsp(slice, header, slice.length, SLICE_BYTES_READ));
    if (this.codec === 'h264') {
      reader.ue(); // first_mb_in_slice
      reader.ue(); // slice_type
    } else {
      reader.skip(1); // first_slice_segment_in_pic_flag
      if (isKey('h265', nalType('h265', slice[0]!))) reader.skip(1); // no_output_of_prior_pics_flag
    }
    const id = reader.ueUpTo(255);
    return reader.failed ? undefined : id;
  }

  #remembered(active: ActiveSets): VideoFormat {
    const pps = byId(this.#pps).filter(({ id }) => this.#complete(id));
    const spsIds = new Set(pps.map(({ spsId }) => spsId));
    const sps = byId(this.#sps).filter(({ id }) => spsIds.has(id));
    const vps = byId(this.#vps);
    const key = [active.sps.id, ...vps, '/', ...sps, '/', ...pps].map((part) => essenceOf(part)).join(' ');
    const known = this.#formats.get(key);
    if (known) return known;
    const format = buildFormat(this.codec, active, { vps, sps, pps });
    if (this.#formats.size >= MOST_REMEMBERED_FORMATS) this.#formats.delete(this.#formats.keys().next().value!);
    this.#formats.set(key, format);
    return format;
  }
}

function essenceOf(part: StoredSet | string | number): string {
  return typeof part === 'object' ? `${part.id}=${part.essence}` : String(part);
}

function stored(nal: Uint8Array, usedBytes = nal.length): { nal: Buffer; raw: Buffer } {
  const raw = Buffer.from(nal);
  return { nal: raw.subarray(0, usedBytes), raw };
}

function byId<Kind extends StoredSet>(sets: ReadonlyMap<number, Kind>): Kind[] {
  return [...sets.values()].sort((a, b) => a.id - b.id);
}

function buildFormat(
  codec: VideoCodec,
  active: ActiveSets,
  sets: { vps: StoredVps[]; sps: StoredSps[]; pps: StoredPps[] },
): VideoFormat {
  const { sps } = active.sps;
  const nals = { vps: nalsOf(sets.vps), sps: nalsOf(sets.sps), pps: nalsOf(sets.pps) };
  const nominalFps = sps.nominalFps ?? sets.vps.find(({ nominalFps: fps }) => fps !== undefined)?.nominalFps;
  const described =
    'vpsId' in sps
      ? { rfc6381: hevcCodecString(sps.profile), config: hevcRecord(sps, active.pps.h265!, nals) }
      : { rfc6381: avcCodecString(sps), config: avcRecord(sps, nals.sps, nals.pps) };
  const { width, height } = sps;
  return { kind: 'video', codec, timescale: 90000, width, height, ...described, ...(nominalFps && { nominalFps }) };
}

function nalsOf(sets: readonly StoredSet[]): Buffer[] {
  return sets.map(({ nal }) => nal);
}
