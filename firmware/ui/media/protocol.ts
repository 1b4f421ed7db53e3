/** What the box says about pictures on its socket (firmware/control/media-shapes.ts has the whole of it). */
interface About {
  readonly channel: number;
  readonly epoch: number;
}

export interface MediaFormat extends About {
  readonly type: 'media.format';
  readonly track: 'video' | 'audio';
  readonly kind: 'live' | 'play';
  readonly camera: string;
  readonly stream: string;
  readonly mime: string;
  readonly codec: string;
  readonly width?: number;
  readonly height?: number;
  readonly because?: 'asked' | 'tile' | 'slow' | 'only';
  /** Of a converted picture: the codec that the camera sends. */
  readonly source?: string;
}

/** How many pictures the box converts for browsers that cannot play them, and how many it may. */
export interface Places {
  readonly used: number;
  readonly most: number;
}

export type MediaAnswer =
  | MediaFormat
  | (About & {
      readonly type: 'media.state';
      readonly state: 'waiting' | 'playing' | 'gap' | 'edge' | 'end';
      readonly fromUs?: number;
      readonly toUs?: number;
    })
  | (About & { readonly type: 'media.dropped'; readonly pictures: number })
  | (About & Places & { readonly type: 'media.places' })
  | (About & { readonly type: 'media.at'; readonly atUs: number })
  | (About & { readonly type: 'media.error'; readonly code: string; readonly detail: string });

/** One binary message: an init segment, or a moof with its mdat. */
export interface MediaPart {
  readonly channel: number;
  readonly epoch: number;
  readonly track: 'video' | 'audio';
  readonly init: boolean;
  /** Does not adjoin the part before it. */
  readonly jump: boolean;
  readonly wallUs: number;
  /** Wall time of media time 0 of this part's timeline. */
  readonly zeroUs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const HEAD_BYTES = 32;
const JUMP = 2;

/** Undefined for versions that this window does not know. */
export function readPart(data: ArrayBuffer): MediaPart | undefined {
  const view = new DataView(data);
  if (data.byteLength < HEAD_BYTES || view.getUint8(0) !== 1) return undefined;
  const kind = view.getUint8(1);
  return {
    channel: view.getUint32(4),
    epoch: view.getUint32(8),
    track: kind < 3 ? 'video' : 'audio',
    init: kind % 2 === 1,
    jump: (view.getUint16(2) & JUMP) !== 0,
    wallUs: view.getFloat64(16),
    zeroUs: view.getFloat64(24),
    bytes: new Uint8Array(data, HEAD_BYTES),
  };
}
