import { BoxError } from '../../base/index.ts';
import type { AudioFormat, Format, VideoFormat } from '../frame.ts';
import { boxesIn, childOf, type Span } from './box-reader.ts';
import { box, fullBox, u16, u32, zeros, type Box } from './boxes.ts';

/** Sample entry of each codec; parameter sets stand in the entry and only there (ISO/IEC 14496-15). */
const VIDEO_ENTRY = { h264: { type: 'avc1', config: 'avcC' }, h265: { type: 'hvc1', config: 'hvcC' } } as const;
/** MPEG-4 audio, AudioStream, upStream 0, reserved 1 (ISO/IEC 14496-1 section 7.2.6.6). */
const AAC_STREAM = [0x40, 0x15];
const FLAC_STREAMINFO_BYTES = 34;
/** Last metadata block, type STREAMINFO (RFC 9639 section 8.1). */
const FLAC_LAST_STREAMINFO = 0x80000000;
const OPUS_CONFIG_BYTES = 11;
const DESCRIPTOR = { es: 3, decoderConfig: 4, decoderSpecific: 5, slConfig: 6 } as const;
const VIDEO_FIELDS_BYTES = 78;
const AUDIO_FIELDS_BYTES = 28;

/** The sample description box; sample tables refer to its entries by number, from 1 on. */
export function stsd(formats: readonly Format[]): Box {
  const entries = formats.map((format) => (format.kind === 'video' ? videoEntry(format) : audioEntry(format)));
  return fullBox('stsd', 0, 0, u32(entries.length), ...entries);
}

/** True if samples of both can share a sample description. */
export function sameFormat(a: Format, b: Format): boolean {
  const alike = a.kind === b.kind && a.codec === b.codec && a.timescale === b.timescale;
  return alike && Buffer.compare(a.config, b.config) === 0;
}

function videoEntry({ codec, width, height, config }: VideoFormat): Box {
  const { type, config: configType } = VIDEO_ENTRY[codec];
  return box(
    type,
    zeros(6),
    u16(1), // data reference: this file
    zeros(16),
    u16(width, height),
    u32(0x00480000, 0x00480000, 0), // 72 dpi
    u16(1), // frames per sample
    zeros(32), // compressor name
    u16(24, 0xffff), // depth, no colour table
    box(configType, config),
  );
}

/** Type, bits of a sample, and the box of the configuration. */
const AUDIO_ENTRY: Readonly<
  Record<
    AudioFormat['codec'],
    { type: string; bits: (config: Uint8Array) => number; setup: (config: Uint8Array) => Box }
  >
> = {
  aac: { type: 'mp4a', bits: () => 16, setup: (config) => fullBox('esds', 0, 0, esDescriptor(config)) },
  flac: { type: 'fLaC', bits: flacSampleBits, setup: (config) => fullBox('dfLa', 0, 0, flacBlocks(config)) },
  opus: { type: 'Opus', bits: () => 16, setup: (config) => box('dOps', config) },
};

function audioEntry({ codec, channels, sampleRate, config }: AudioFormat): Box {
  const { type, bits, setup } = AUDIO_ENTRY[codec];
  return box(
    type,
    zeros(6),
    u16(1),
    zeros(8),
    u16(channels, bits(config), 0, 0),
    // 16.16 fixed point has no room for more than 65535 Hz; readers take the rate from the configuration then.
    u16(sampleRate > 0xffff ? 0 : sampleRate, 0),
    setup(config),
  );
}

function esDescriptor(config: Uint8Array): Uint8Array {
  const specific = descriptor(DESCRIPTOR.decoderSpecific, config);
  const decoder = descriptor(DESCRIPTOR.decoderConfig, Buffer.from([...AAC_STREAM, ...zeros(11)]), specific);
  return descriptor(DESCRIPTOR.es, Buffer.from([0, 0, 0]), decoder, descriptor(DESCRIPTOR.slConfig, Buffer.from([2])));
}

/** Tag, length in four bytes of seven bits (what most readers and writers use), content. */
function descriptor(tag: number, ...content: Uint8Array[]): Uint8Array {
  const body = Buffer.concat(content);
  const length = [21, 14, 7].map((shift) => 0x80 | ((body.length >> shift) & 0x7f));
  return Buffer.concat([Buffer.from([tag, ...length, body.length & 0x7f]), body]);
}

function flacBlocks(streamInfo: Uint8Array): Uint8Array {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(FLAC_LAST_STREAMINFO + streamInfo.length);
  return Buffer.concat([head, streamInfo]);
}

/** Bits per sample, 5 bits behind 20 of the rate and 3 of the channels (RFC 9639 section 8.2). */
function flacSampleBits(streamInfo: Uint8Array): number {
  return ((((streamInfo[12] ?? 0) & 1) << 4) | ((streamInfo[13] ?? 0) >> 4)) + 1;
}

/**
 * The formats of a whole stsd box (its fields begin at `span.body`).
 * @throws BoxError mp4.damaged for what this firmware does not write.
 */
export function parseStsd(bytes: Buffer, span: Span, timescale: number, audioSource: string | undefined): Format[] {
  if (span.end - span.body < 8) throw damaged('stsd');
  const formats = [...boxesIn(bytes, span.body + 8, span.end)].map((entry) => {
    const parse = ENTRY_PARSERS[entry.type];
    if (!parse) throw damaged('stsd', { entry: entry.type });
    return parse(bytes, entry, timescale, audioSource);
  });
  if (formats.length === 0 || formats.length !== bytes.readUInt32BE(span.body + 4)) throw damaged('stsd');
  return formats;
}

type EntryParser = (bytes: Buffer, entry: Span, timescale: number, audioSource: string | undefined) => Format;

const ENTRY_PARSERS: Readonly<Record<string, EntryParser>> = {
  avc1: (bytes, entry, timescale) => parseVideo(bytes, entry, timescale, 'h264'),
  hvc1: (bytes, entry, timescale) => parseVideo(bytes, entry, timescale, 'h265'),
  mp4a: (bytes, entry, timescale, source) => {
    const esds = childOf(bytes, setup(entry, AUDIO_FIELDS_BYTES), 'esds');
    const config = decoderSpecific(bytes.subarray(esds.body + 4, esds.end));
    const rfc6381 = `mp4a.40.${(config[0] ?? 0) >> 3}`;
    return { ...audioFields(bytes, entry, timescale), codec: 'aac', rfc6381, config, source: source ?? 'AAC' };
  },
  fLaC: (bytes, entry, timescale, source) => {
    const blocks = childOf(bytes, setup(entry, AUDIO_FIELDS_BYTES), 'dfLa');
    const config = copy(bytes, blocks.body + 8, blocks.body + 8 + FLAC_STREAMINFO_BYTES);
    if (blocks.end - blocks.body < 8 + FLAC_STREAMINFO_BYTES) throw damaged('dfLa');
    return {
      ...audioFields(bytes, entry, timescale),
      codec: 'flac',
      rfc6381: 'fLaC',
      config,
      source: source ?? 'FLAC',
    };
  },
  Opus: (bytes, entry, timescale, source) => {
    const { body, end } = childOf(bytes, setup(entry, AUDIO_FIELDS_BYTES), 'dOps');
    if (end - body < OPUS_CONFIG_BYTES) throw damaged('dOps');
    const config = copy(bytes, body, end);
    const fields = audioFields(bytes, entry, timescale);
    return { ...fields, codec: 'opus', rfc6381: 'opus', config, source: source ?? 'Opus' };
  },
};

function parseVideo(bytes: Buffer, entry: Span, timescale: number, codec: 'h264' | 'h265'): VideoFormat {
  if (timescale !== 90000) throw damaged('mdhd', { timescale });
  const span = childOf(bytes, setup(entry, VIDEO_FIELDS_BYTES), VIDEO_ENTRY[codec].config);
  const config = copy(bytes, span.body, span.end);
  const rfc6381 = codec === 'h264' ? avcName(config) : hevcName(config);
  const width = bytes.readUInt16BE(entry.body + 24);
  const height = bytes.readUInt16BE(entry.body + 26);
  return { kind: 'video', codec, timescale, width, height, rfc6381, config };
}

function audioFields(
  bytes: Buffer,
  entry: Span,
  timescale: number,
): Pick<AudioFormat, 'kind' | 'timescale' | 'sampleRate' | 'channels'> {
  return { kind: 'audio', timescale, sampleRate: timescale, channels: bytes.readUInt16BE(entry.body + 16) };
}

/** The boxes behind the fixed fields of a sample entry. */
function setup(entry: Span, fieldsBytes: number): Span {
  if (entry.end - entry.body < fieldsBytes) throw damaged(entry.type);
  return { ...entry, body: entry.body + fieldsBytes };
}

function decoderSpecific(es: Buffer): Buffer {
  let at = 0;
  let end = es.length;
  const open = (tag: number, fieldsBytes: number): void => {
    if (es[at++] !== tag) throw damaged('esds');
    let length = 0;
    let byte = 0x80;
    for (let i = 0; i < 4 && byte & 0x80; i++) length = (length << 7) | ((byte = es[at++] ?? 0) & 0x7f);
    if (length > end - at) throw damaged('esds');
    end = at + length;
    at += fieldsBytes;
  };
  open(DESCRIPTOR.es, 3);
  open(DESCRIPTOR.decoderConfig, 13);
  open(DESCRIPTOR.decoderSpecific, 0);
  return copy(es, at, end);
}

/** RFC 6381 section 3.3: profile, constraints, level of the AVCDecoderConfigurationRecord. */
function avcName(config: Buffer): string {
  return `avc1.${config.toString('hex', 1, 4).toUpperCase()}`;
}

/** ISO/IEC 14496-15 annex E.3 from the fields of the HEVCDecoderConfigurationRecord. */
function hevcName(config: Buffer): string {
  if (config.length < 13) throw damaged('hvcC');
  const profile = config[1]!;
  const space = ['', 'A', 'B', 'C'][profile >> 6]!;
  const compatibility = reverseBits(config.readUInt32BE(2)).toString(16).toUpperCase();
  const constraints = [...config.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const tier = profile & 0x20 ? 'H' : 'L';
  const tail = constraints.map((byte) => `.${byte.toString(16).toUpperCase()}`).join('');
  return `hvc1.${space}${profile & 0x1f}.${compatibility}.${tier}${config[12]}${tail}`;
}

function reverseBits(value: number): number {
  let out = 0;
  for (let i = 0; i < 32; i++) out = (out << 1) | ((value >>> i) & 1);
  return out >>> 0;
}

function copy(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}

function damaged(what: string, detail: Record<string, unknown> = {}): BoxError {
  return new BoxError('mp4.damaged', { what, ...detail });
}
