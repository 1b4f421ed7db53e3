import type { MediaProfile } from '../types.ts';
import { attribute, child, childrenOf, find, textAt, type XmlElement } from '../xml/element.ts';
import { booleanFrom, durationMsFrom, numberFrom } from '../xml/values.ts';
import { defined } from './device-replies.ts';

/** What GetProfiles of either media service says of one profile, nearer to the wire than `MediaProfile`. */
export interface ProfileReply extends MediaProfile {
  readonly fixed?: boolean;
  readonly encoderToken?: string;
  /** "Main", "High"... */
  readonly codecProfile?: string;
}

/**
 * GetProfiles of Media1 (ONVIF Media section 5.2) and of Media2 (Media2 section 5.3.2), which differ in where the
 * configurations stand. Profiles without a token cannot be asked for and are left out; all else may be missing.
 */
export function readProfiles(body: XmlElement): ProfileReply[] {
  const elements = [...childrenOf(body, 'Profiles'), ...childrenOf(body, 'Profile')];
  return elements.flatMap((element) => {
    const token = attribute(element, 'token');
    return token === undefined || token === '' ? [] : [readProfile(element, token)];
  });
}

function readProfile(element: XmlElement, token: string): ProfileReply {
  const parts = child(element, 'Configurations') ?? element;
  const part = (name: string): XmlElement | undefined => child(parts, `${name}Configuration`) ?? child(parts, name);
  const ptz = part('PTZ');
  return {
    token,
    name: textAt(element, 'Name') ?? attribute(element, 'Name') ?? token,
    ...defined({
      fixed: booleanFrom(attribute(element, 'fixed')),
      videoSource: textAt(part('VideoSource'), 'SourceToken'),
      audioCodec: textAt(part('AudioEncoder'), 'Encoding'),
      ptzNode: textAt(ptz, 'NodeToken'),
      ptzConfiguration: attribute(ptz, 'token'),
    }),
    ...readEncoder(part('VideoEncoder')),
  };
}

function readEncoder(encoder: XmlElement | undefined): Partial<ProfileReply> {
  const encoding = textAt(encoder, 'Encoding');
  const number = (...path: string[]): number | undefined => numberFrom(textAt(encoder, ...path));
  const detail = child(encoder, 'H264') ?? child(encoder, 'H265') ?? child(encoder, 'MPEG4');
  return defined({
    encoderToken: attribute(encoder, 'token'),
    codec: encoding === undefined ? undefined : codecName(encoding),
    width: number('Resolution', 'Width'),
    height: number('Resolution', 'Height'),
    fps: number('RateControl', 'FrameRateLimit'),
    bitrateKbps: number('RateControl', 'BitrateLimit'),
    gop: numberFrom(textAt(detail, 'GovLength')) ?? numberFrom(attribute(encoder, 'GovLength')),
    codecProfile:
      textAt(detail, 'H264Profile') ??
      textAt(detail, 'H265Profile') ??
      textAt(detail, 'Mpeg4Profile') ??
      attribute(encoder, 'Profile'),
  });
}

/** "h264", "H.264", "video/H265" and "HEVC" are spellings of two names. */
function codecName(encoding: string): string {
  const bare = encoding
    .toUpperCase()
    .replace(/^VIDEO\//, '')
    .replace('.', '');
  return bare === 'HEVC' ? 'H265' : bare === 'AVC' ? 'H264' : bare;
}

/** GetStreamUri and GetSnapshotUri of either media service. */
export interface MediaUri {
  /** As written, without the blanks around it. */
  readonly uri: string;
  readonly invalidAfterConnect?: boolean;
  readonly invalidAfterReboot?: boolean;
  readonly timeoutMs?: number;
}

export function readMediaUri(body: XmlElement): MediaUri | undefined {
  const root = find(body, 'MediaUri') ?? body;
  const uri = textAt(root, 'Uri') ?? textAt(root, 'URI');
  if (uri === undefined) return undefined;
  return {
    uri,
    ...defined({
      invalidAfterConnect: booleanFrom(textAt(root, 'InvalidAfterConnect')),
      invalidAfterReboot: booleanFrom(textAt(root, 'InvalidAfterReboot')),
      timeoutMs: durationMsFrom(textAt(root, 'Timeout')),
    }),
  };
}
