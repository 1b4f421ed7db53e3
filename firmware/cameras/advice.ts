/** What was seen of a stream. */
export interface SeenStream {
  readonly codec: 'h264' | 'h265';
  readonly width: number;
  readonly height: number;
  /** 0: too little was seen. */
  readonly fps: number;
  readonly bitsPerSecond: number;
  /** Longest distance of two key frames; undefined: there were not two. */
  readonly keyFrameIntervalS: number | undefined;
  readonly seconds: number;
  readonly packetsLost: number;
  readonly transport: string | undefined;
  /** Camera minus box. */
  readonly clockOffsetS: number | undefined;
}

/** What is wrong with a camera's settings, and what to change in the camera. */
export interface Advice {
  /** Stable, for translations. */
  readonly code: string;
  readonly text: string;
}

const WANTED_GOP_S = 2;
const LONG_GOP_S = 4;
/** No camera is set to this by hand: a codec that stretches its groups while nothing moves. */
const STRETCHED_GOP_S = 9;
/** Bits per pixel of a picture: beyond it nobody sees a difference, below it moving things become blocks. */
const BITS_PER_PIXEL = { h264: { most: 0.25, least: 0.02 }, h265: { most: 0.15, least: 0.012 } } as const;
const LEAST_FPS = 8;
const CLOCK_OFF_S = 2;

/** In the order of importance; empty: there is nothing to change. */
export function adviceFor(seen: SeenStream): Advice[] {
  return [...aboutKeyFrames(seen), ...aboutBits(seen), ...aboutCodec(seen), ...aboutDelivery(seen)];
}

function aboutKeyFrames({ keyFrameIntervalS, seconds, fps }: SeenStream): Advice[] {
  // Without a second key frame the distance is at least as long as was watched.
  const gopS = keyFrameIntervalS ?? seconds;
  if (gopS >= STRETCHED_GOP_S) {
    return [
      {
        code: 'advice.smart-codec',
        text:
          `Key frames are ${round(gopS)} s apart or more: a smart codec (H.264+, H.265+, Zipstream, dynamic GOP) is probably on. ` +
          'Switch it off in the camera: searching and pre-recording need key frames.',
      },
    ];
  }
  if (gopS <= LONG_GOP_S) return [];
  const pictures = fps > 0 ? `${Math.round(fps * WANTED_GOP_S)} pictures, that is ` : '';
  return [
    {
      code: 'advice.long-gop',
      text: `Key frames are ${round(gopS)} s apart. Set the key frame interval (GOP, I-frame interval) of the camera to ${pictures}2 s.`,
    },
  ];
}

function aboutBits({ codec, width, height, fps, bitsPerSecond }: SeenStream): Advice[] {
  if (fps <= 0 || width * height === 0) return [];
  const perPicture = width * height * fps;
  const { most, least } = BITS_PER_PIXEL[codec];
  const rate = (bits: number): string =>
    bits < 1e6 ? `${Math.round(bits / 1000)} kbit/s` : `${(bits / 1e6).toFixed(1)} Mbit/s`;
  const found: Advice[] = [];
  if (bitsPerSecond > most * perPicture) {
    found.push({
      code: 'advice.high-bitrate',
      text: `${rate(bitsPerSecond)} are more than ${width} x ${height} needs. ${rate((most * perPicture) / 2)} with a variable bit rate keep twice as long, and look the same.`,
    });
  }
  if (bitsPerSecond > 0 && bitsPerSecond < least * perPicture) {
    found.push({
      code: 'advice.low-bitrate',
      text: `${rate(bitsPerSecond)} are little for ${width} x ${height} with ${round(fps)} pictures a second: what moves becomes blocks. Allow the camera ${rate(least * 2 * perPicture)}.`,
    });
  }
  if (fps < LEAST_FPS) {
    found.push({
      code: 'advice.low-rate',
      text: `Only ${round(fps)} pictures a second: set 12 to 25 in the camera, and a fixed rate if it slows down at night.`,
    });
  }
  return found;
}

function aboutCodec({ codec }: SeenStream): Advice[] {
  if (codec === 'h264') return [];
  return [
    {
      code: 'advice.h265',
      text: 'The stream is H.265, which not every browser plays. Set the sub stream of the camera to H.264, so that everybody can watch.',
    },
  ];
}

function aboutDelivery({ packetsLost, transport, clockOffsetS }: SeenStream): Advice[] {
  const found: Advice[] = [];
  if (packetsLost > 0 && transport === 'udp') {
    found.push({
      code: 'advice.use-tcp',
      text: `${packetsLost} packets were lost on the way. Use the transport tcp, or look for a bad cable or a crowded switch.`,
    });
  }
  if (clockOffsetS !== undefined && Math.abs(clockOffsetS) > CLOCK_OFF_S) {
    found.push({
      code: 'advice.clock',
      text: `The clock of the camera is ${round(Math.abs(clockOffsetS))} s ${clockOffsetS > 0 ? 'ahead' : 'behind'}: times in its pictures mislead. Set it (cameras clock CAMERA --set now), or let the camera follow a time server.`,
    });
  }
  return found;
}

function round(value: number): string {
  return String(Number(value.toFixed(1)));
}
