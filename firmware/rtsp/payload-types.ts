export interface StaticPayload {
  readonly encoding: string;
  readonly clockRate: number;
  readonly channels: number;
}

/** Payload types with a fixed meaning (RFC 3551 section 6), used only where no rtpmap says something else. */
export const STATIC_PAYLOADS: ReadonlyMap<number, StaticPayload> = new Map([
  [0, { encoding: 'PCMU', clockRate: 8000, channels: 1 }],
  [3, { encoding: 'GSM', clockRate: 8000, channels: 1 }],
  [4, { encoding: 'G723', clockRate: 8000, channels: 1 }],
  [5, { encoding: 'DVI4', clockRate: 8000, channels: 1 }],
  [6, { encoding: 'DVI4', clockRate: 16000, channels: 1 }],
  [7, { encoding: 'LPC', clockRate: 8000, channels: 1 }],
  [8, { encoding: 'PCMA', clockRate: 8000, channels: 1 }],
  [9, { encoding: 'G722', clockRate: 8000, channels: 1 }],
  [10, { encoding: 'L16', clockRate: 44100, channels: 2 }],
  [11, { encoding: 'L16', clockRate: 44100, channels: 1 }],
  [12, { encoding: 'QCELP', clockRate: 8000, channels: 1 }],
  [13, { encoding: 'CN', clockRate: 8000, channels: 1 }],
  [14, { encoding: 'MPA', clockRate: 90000, channels: 1 }],
  [15, { encoding: 'G728', clockRate: 8000, channels: 1 }],
  [16, { encoding: 'DVI4', clockRate: 11025, channels: 1 }],
  [17, { encoding: 'DVI4', clockRate: 22050, channels: 1 }],
  [18, { encoding: 'G729', clockRate: 8000, channels: 1 }],
  [25, { encoding: 'CelB', clockRate: 90000, channels: 0 }],
  [26, { encoding: 'JPEG', clockRate: 90000, channels: 0 }],
  [28, { encoding: 'nv', clockRate: 90000, channels: 0 }],
  [31, { encoding: 'H261', clockRate: 90000, channels: 0 }],
  [32, { encoding: 'MPV', clockRate: 90000, channels: 0 }],
  [33, { encoding: 'MP2T', clockRate: 90000, channels: 0 }],
  [34, { encoding: 'H263', clockRate: 90000, channels: 0 }],
]);

/** What people call an encoding that the box does not store, or not in every form. */
export const ENCODING_NAMES: ReadonlyMap<string, string> = new Map([
  ['JPEG', 'Motion JPEG'],
  ['MP4V-ES', 'MPEG-4 Part 2'],
  ['MPV', 'MPEG-1/2'],
  ['MPA', 'MPEG audio'],
  ['PCMA', 'G.711'],
  ['PCMU', 'G.711'],
  ['G722', 'G.722'],
  ['G726-16', 'G.726'],
  ['G726-24', 'G.726'],
  ['G726-32', 'G.726'],
  ['G726-40', 'G.726'],
  ['AAL2-G726-32', 'G.726'],
  ['G723', 'G.723'],
  ['G729', 'G.729'],
  ['L16', 'uncompressed audio'],
  ['PCM', 'uncompressed audio'],
]);
