import { textAt } from '../../../firmware/onvif/xml/element.ts';
import type { CameraState, Handler, SimulatedProfile } from './state.ts';
import { escape, Fault, type SoapRequest } from './request.ts';

export const media: Readonly<Record<string, Handler>> = {
  GetProfiles: (camera) =>
    camera.profiles
      .filter(({ codec }) => codec !== 'H265')
      .map((profile) => oldProfile('Profiles', profile))
      .join(''),
  GetProfile: (camera, request) => oldProfile('Profile', profileOf(camera, request)),
  GetVideoSources: (camera) =>
    sources(camera)
      .map((token) => `<trt:VideoSources token="${token}"><tt:Framerate>25</tt:Framerate></trt:VideoSources>`)
      .join(''),
  GetStreamUri: (camera, request) => oldUri(profileOf(camera, request).streamUrl),
  GetSnapshotUri: (camera, request) => oldUri(camera.snapshotUrl(profileOf(camera, request).token)),
};

export const media2: Readonly<Record<string, Handler>> = {
  GetProfiles: (camera, { body }) => {
    const all = textAt(body, 'Type') === 'All';
    return camera.profiles.map((profile) => newProfile(profile, all)).join('');
  },
  GetStreamUri: (camera, request) => `<tr2:Uri>${escape(profileOf(camera, request).streamUrl)}</tr2:Uri>`,
  GetSnapshotUri: (camera, request) =>
    `<tr2:Uri>${escape(camera.snapshotUrl(profileOf(camera, request).token))}</tr2:Uri>`,
};

function sources(camera: CameraState): string[] {
  return [...new Set(camera.profiles.map(({ videoSource = 'VS0' }) => videoSource))];
}

export function profileOf(camera: CameraState, { body }: SoapRequest): SimulatedProfile {
  const token = textAt(body, 'ProfileToken');
  const profile = camera.profiles.find((each) => each.token === token);
  if (!profile) throw new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'ter:NoProfile');
  return profile;
}

function oldUri(uri: string): string {
  return (
    `<trt:MediaUri><tt:Uri>${escape(uri)}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect>` +
    '<tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT60S</tt:Timeout></trt:MediaUri>'
  );
}

const MULTICAST =
  '<tt:Multicast><tt:Address><tt:Type>IPv4</tt:Type><tt:IPv4Address>0.0.0.0</tt:IPv4Address></tt:Address>' +
  '<tt:Port>0</tt:Port><tt:TTL>0</tt:TTL><tt:AutoStart>false</tt:AutoStart></tt:Multicast>';

function oldProfile(element: 'Profiles' | 'Profile', profile: SimulatedProfile): string {
  const { token, name, codec, width, height, fps, bitrateKbps, videoSource = 'VS0', movable } = profile;
  const detail = `<tt:H264><tt:GovLength>${fps * 2}</tt:GovLength><tt:H264Profile>Main</tt:H264Profile></tt:H264>`;
  return (
    `<trt:${element} token="${token}" fixed="true"><tt:Name>${escape(name)}</tt:Name>` +
    `<tt:VideoSourceConfiguration token="VSC-${videoSource}"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount>` +
    `<tt:SourceToken>${videoSource}</tt:SourceToken><tt:Bounds x="0" y="0" width="${width}" height="${height}"/></tt:VideoSourceConfiguration>` +
    `<tt:VideoEncoderConfiguration token="VE-${token}"><tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount>` +
    `<tt:Encoding>${codec}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>` +
    `<tt:Quality>3</tt:Quality><tt:RateControl><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:EncodingInterval>1</tt:EncodingInterval>` +
    `<tt:BitrateLimit>${bitrateKbps}</tt:BitrateLimit></tt:RateControl>${codec === 'H264' ? detail : ''}${MULTICAST}` +
    `<tt:SessionTimeout>PT60S</tt:SessionTimeout></tt:VideoEncoderConfiguration>${movable ? ptzConfiguration('tt:PTZConfiguration') : ''}</trt:${element}>`
  );
}

function ptzConfiguration(name: string): string {
  return `<${name} token="PTZC"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>NODE</tt:NodeToken></${name}>`;
}

function newProfile(profile: SimulatedProfile, all: boolean): string {
  const { token, name, codec, width, height, fps, bitrateKbps, videoSource = 'VS0', movable } = profile;
  const parts =
    `<tr2:VideoSource token="VSC-${videoSource}"><tt:Name>source</tt:Name><tt:UseCount>1</tt:UseCount>` +
    `<tt:SourceToken>${videoSource}</tt:SourceToken><tt:Bounds x="0" y="0" width="${width}" height="${height}"/></tr2:VideoSource>` +
    `<tr2:VideoEncoder token="VE-${token}" GovLength="${fps * 2}" Profile="Main"><tt:Name>encoder</tt:Name><tt:UseCount>1</tt:UseCount>` +
    `<tt:Encoding>${codec}</tt:Encoding><tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>` +
    `<tt:RateControl ConstantBitRate="false"><tt:FrameRateLimit>${fps}</tt:FrameRateLimit><tt:BitrateLimit>${bitrateKbps}</tt:BitrateLimit></tt:RateControl>` +
    `<tt:Quality>3</tt:Quality></tr2:VideoEncoder>${movable ? ptzConfiguration('tr2:PTZ') : ''}`;
  const inside = all ? `<tr2:Configurations>${parts}</tr2:Configurations>` : '';
  return `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>${escape(name)}</tr2:Name>${inside}</tr2:Profiles>`;
}
