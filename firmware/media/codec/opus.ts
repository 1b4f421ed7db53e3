import type { AudioFormat } from '../frame.ts';

/** Opus always decodes to this rate, and its time stamps count it (RFC 7587 section 4.1). */
const OPUS_RATE = 48_000;
const MOST_PACKET_SAMPLES = 5760;

/**
 * Length in samples at 48 kHz of the frames of a packet, by its first byte's number (RFC 6716 table 2): SILK, both together, CELT.
 */
const FRAME_SAMPLES: readonly number[] = [
  ...[480, 960, 1920, 2880, 480, 960, 1920, 2880, 480, 960, 1920, 2880],
  ...[480, 960, 480, 960],
  ...[120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960, 120, 240, 480, 960],
];

/** How many samples a packet lasts, or undefined if no packet may look so (RFC 6716 section 3.4). */
export function opusSamples(buffer: Uint8Array, start: number, end: number): number | undefined {
  if (start >= end) return undefined;
  const first = buffer[start]!;
  const samples = framesIn(first & 3, buffer, start, end) * FRAME_SAMPLES[first >> 3]!;
  return samples > 0 && samples <= MOST_PACKET_SAMPLES ? samples : undefined;
}

function framesIn(code: number, buffer: Uint8Array, start: number, end: number): number {
  if (code === 0) return 1;
  if (code < 3) return 2;
  return end - start < 2 ? 0 : buffer[start + 1]! & 0x3f;
}

/**
 * The track format: one stream of one or two channels. Nothing is skipped at the beginning, since a recording begins in the middle
 * of what the camera encodes.
 */
export function opusFormat(channels: number): AudioFormat {
  return {
    kind: 'audio',
    codec: 'opus',
    timescale: OPUS_RATE,
    sampleRate: OPUS_RATE,
    channels,
    rfc6381: 'opus',
    config: opusConfig(channels),
    source: 'Opus',
  };
}

/** Content of the dOps box ("Encapsulation of Opus in ISO Base Media File Format", section 4.3.2). */
function opusConfig(channels: number): Uint8Array {
  const config = Buffer.alloc(11);
  config[1] = channels;
  config.writeUInt32BE(OPUS_RATE, 4);
  return config;
}
