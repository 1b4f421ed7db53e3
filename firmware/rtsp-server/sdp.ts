import { parameterSetsOf, type AudioFormat, type Format, type VideoFormat } from '../media/index.ts';
import { g711LawOf } from './rtp/audio-packets.ts';

export interface DescribedTrack {
  readonly format: Format;
  readonly payloadType: number;
  /** Below the address of the stream. */
  readonly control: string;
}

const MIME = 'application/sdp';
export { MIME as SDP_MIME };

/** The description of a stream (RFC 4566; the media types of RFC 6184 section 8.1, 7798 section 7.1, 3640 section 4.1). */
export function describe(title: string, tracks: readonly DescribedTrack[], sessionId: number): string {
  const lines = [
    'v=0',
    `o=- ${sessionId} 1 IN IP4 0.0.0.0`,
    `s=${title}`,
    'c=IN IP4 0.0.0.0',
    't=0 0',
    'a=control:*',
    ...tracks.flatMap(linesOf),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function linesOf({ format, payloadType, control }: DescribedTrack): string[] {
  const { map, parameters } = format.kind === 'video' ? videoOf(format) : audioOf(format);
  return [
    `m=${format.kind} 0 RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${map}`,
    ...(parameters.length > 0 ? [`a=fmtp:${payloadType} ${parameters.join('; ')}`] : []),
    `a=control:${control}`,
  ];
}

function videoOf(format: VideoFormat): { map: string; parameters: string[] } {
  const sets = parameterSetsOf(format);
  if (format.codec === 'h264') {
    const profile = Buffer.from(format.config).subarray(1, 4).toString('hex').toUpperCase();
    const sprop = sets.map((set) => set.toString('base64')).join(',');
    const parameters = ['packetization-mode=1', `profile-level-id=${profile}`, `sprop-parameter-sets=${sprop}`];
    return { map: 'H264/90000', parameters };
  }
  const names = new Map([
    [32, 'sprop-vps'],
    [33, 'sprop-sps'],
    [34, 'sprop-pps'],
  ]);
  const parameters = [...names].flatMap(([type, name]) => {
    const own = sets.filter((set) => ((set[0] ?? 0) >> 1) % 64 === type);
    return own.length === 0 ? [] : [`${name}=${own.map((set) => set.toString('base64')).join(',')}`];
  });
  return { map: 'H265/90000', parameters };
}

function audioOf(format: AudioFormat): { map: string; parameters: string[] } {
  const law = g711LawOf(format);
  const { sampleRate, channels, config } = format;
  if (law !== undefined) return { map: `${law === 'a' ? 'PCMA' : 'PCMU'}/${sampleRate}/${channels}`, parameters: [] };
  const parameters = [
    'streamtype=5',
    'profile-level-id=1',
    'mode=AAC-hbr',
    'sizelength=13',
    'indexlength=3',
    'indexdeltalength=3',
    `config=${Buffer.from(config).toString('hex').toUpperCase()}`,
  ];
  return { map: `mpeg4-generic/${sampleRate}/${channels}`, parameters };
}
