/** What a camera says about itself: media lines (SDP, RFC 8866) and the base address. */
import type { AudioKind, VideoClip } from './clip.ts';
import { videoClip } from './clip.ts';
import type { Faults } from './faults.ts';

export type TrackKind = 'video' | 'audio' | 'metadata' | 'back-channel' | 'mjpeg' | 'g722';

/** One media line that can be set up. Its control is `trackID=<index>`. */
export interface Media {
  readonly kind: TrackKind;
  readonly clockRate: number;
  readonly lines: readonly string[];
}

export interface MediaChoice {
  readonly video: 'clip' | 'mjpeg' | 'none';
  readonly audio: AudioKind | 'g722' | 'none';
  readonly metadata: boolean;
  readonly backChannel: boolean;
}

export function describeMedia(choice: MediaChoice, clip: VideoClip, faults: Readonly<Faults>): Media[] {
  const media: Media[] = [];
  if (choice.video === 'clip') media.push(clipMedia(clip, faults));
  if (choice.video === 'mjpeg') media.push({ kind: 'mjpeg', clockRate: 90000, lines: ['m=video 0 RTP/AVP 26'] });
  const audio = audioMedia(choice.audio);
  if (audio) media.push(audio);
  if (choice.metadata) {
    const lines = ['m=application 0 RTP/AVP 107', 'a=rtpmap:107 vnd.onvif.metadata/90000'];
    media.push({ kind: 'metadata', clockRate: 90000, lines });
  }
  if (choice.backChannel) {
    const lines = ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000', 'a=sendonly'];
    media.push({ kind: 'back-channel', clockRate: 8000, lines });
  }
  return media;
}

function audioMedia(kind: MediaChoice['audio']): Media | undefined {
  switch (kind) {
    case 'none':
      return undefined;
    case 'aac': {
      const form = 'streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3';
      const lines = ['m=audio 0 RTP/AVP 97', 'a=rtpmap:97 MPEG4-GENERIC/16000/1', `a=fmtp:97 ${form};config=1408`];
      return { kind: 'audio', clockRate: 16000, lines };
    }
    case 'pcma':
      return { kind: 'audio', clockRate: 8000, lines: ['m=audio 0 RTP/AVP 8', 'a=rtpmap:8 PCMA/8000'] };
    case 'pcmu':
      return { kind: 'audio', clockRate: 8000, lines: ['m=audio 0 RTP/AVP 0', 'a=rtpmap:0 PCMU/8000'] };
    case 'g722':
      return { kind: 'g722', clockRate: 8000, lines: ['m=audio 0 RTP/AVP 98', 'a=rtpmap:98 G722/8000'] };
  }
}

function clipMedia(clip: VideoClip, faults: Readonly<Faults>): Media {
  const sets = spropSets(clip, faults);
  const isH265 = clip.codec === 'h265';
  const parameters: string[] = [];
  if (isH265) {
    const names = ['sprop-vps', 'sprop-sps', 'sprop-pps'];
    names.forEach((name, index) => sets && parameters.push(`${name}=${sets[index] ?? ''}`));
  } else {
    parameters.push('packetization-mode=1', `profile-level-id=${clip.sets[0]!.toString('hex', 1, 4).toUpperCase()}`);
    if (sets) parameters.push(`sprop-parameter-sets=${sets.join(',')}`);
  }
  const lines = ['m=video 0 RTP/AVP 96', `a=rtpmap:96 ${isH265 ? 'H265' : 'H264'}/90000`];
  if (parameters.length > 0) lines.push(`a=fmtp:96 ${parameters.join(';')}`);
  return { kind: 'video', clockRate: 90000, lines };
}

function spropSets(clip: VideoClip, faults: Readonly<Faults>): string[] | undefined {
  const text = (sets: readonly Buffer[]) => sets.map((set) => set.toString('base64'));
  switch (faults.sprop) {
    case 'right':
      return text(clip.sets);
    case 'none':
      return undefined;
    case 'empty':
      return clip.sets.map(() => '');
    case 'half':
      return [...text(clip.sets.slice(0, -1)), ''];
    case 'wrong':
      return text(otherClip(clip).sets);
    case 'start-code':
      return text(clip.sets.map((set) => Buffer.concat([Buffer.from([0, 0, 0, 1]), set])));
  }
}

/** Some clip of the same codec and another size. */
function otherClip(clip: VideoClip): VideoClip {
  if (clip.codec === 'h265') return videoClip(clip.name === 'yard' ? 'small-h265' : 'yard');
  return videoClip(clip.name === 'resize-b' ? 'small' : 'resize-b');
}

/** The SDP. `base` is the aggregate address without a slash at its end. */
export function writeSdp(media: readonly Media[], base: string, host: string, faults: Readonly<Faults>): string {
  const lines = ['v=0', `o=- 1 1 IN IP4 ${host}`, 's=Simulated camera', 'c=IN IP4 0.0.0.0', 't=0 0'];
  if (faults.controls !== 'none') lines.push(faults.controls === 'absolute' ? `a=control:${base}/` : 'a=control:*');
  lines.push('a=range:npt=now-');
  media.forEach(({ lines: own }, index) => {
    lines.push(...own);
    if (faults.controls !== 'none')
      lines.push(`a=control:${faults.controls === 'absolute' ? `${base}/` : ''}trackID=${index}`);
  });
  const sdp = lines.join('\r\n') + '\r\n';
  return faults.editSdp ? faults.editSdp(sdp) : sdp;
}

/** The header that tells the base address, right or in one of the ways cameras get it wrong. */
export function baseHeader(base: string, faults: Readonly<Faults>): [string, string] | undefined {
  const url = new URL(base);
  const path = `${url.pathname}${url.search}/`;
  switch (faults.contentBase) {
    case 'right':
      return ['Content-Base', `${base}/`];
    case 'none':
      return undefined;
    case 'content-location':
      return ['Content-Location', `${base}/`];
    case 'no-scheme':
      return ['Content-Base', `${url.host}${path}`];
    case 'doubled-scheme':
      return ['Content-Base', `rtsp://${base}/`];
    case 'other-host':
      return ['Content-Base', `rtsp://192.0.2.77:8554${path}`];
    case 'no-port':
      return ['Content-Base', `rtsp://${url.hostname}${path}`];
    case 'mapped-ipv6':
      return ['Content-Base', `rtsp://::ffff:${url.host}${path}`];
    case 'rubbish':
      return ['Content-Base', 'http//%%%'];
  }
}
