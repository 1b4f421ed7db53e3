/** How a maker's cameras are usually reached without ONVIF. `{channel}` stands for the number of the picture, from 1. */
export interface UrlPattern {
  readonly maker: string;
  /** Names under which its cameras are sold, too. */
  readonly also: readonly string[];
  readonly port: number;
  readonly main: string;
  /** Empty: there is none, or nobody knows. */
  readonly sub: string;
}

/** Paths that the makers document for their cameras. */
const URL_PATTERNS: readonly UrlPattern[] = [
  row('Hikvision', ['HiLook', 'Annke', 'LTS'], '/Streaming/Channels/{channel}01', '/Streaming/Channels/{channel}02'),
  row(
    'Dahua',
    ['Amcrest', 'Lorex', 'IC Realtime'],
    '/cam/realmonitor?channel={channel}&subtype=0',
    '/cam/realmonitor?channel={channel}&subtype=1',
  ),
  row('Uniview', ['UNV'], '/media/video1', '/media/video2'),
  row('Axis', [], '/axis-media/media.amp?videocodec=h264', '/axis-media/media.amp?videocodec=h264&resolution=640x360'),
  row('Hanwha', ['Samsung', 'Wisenet'], '/profile2/media.smp', '/profile3/media.smp'),
  row('Bosch', [], '/rtsp_tunnel?inst=1', '/rtsp_tunnel?inst=2'),
  row('Panasonic', ['i-PRO'], '/MediaInput/h264/stream_1', '/MediaInput/h264/stream_2'),
  row('Sony', [], '/media/video1', '/media/video2'),
  row('Vivotek', [], '/live.sdp', '/live2.sdp'),
  row('Reolink', [], '/h264Preview_0{channel}_main', '/h264Preview_0{channel}_sub'),
  row('TP-Link', ['Tapo', 'VIGI'], '/stream1', '/stream2'),
  row('Foscam', [], '/videoMain', '/videoSub', 88),
  row('Tiandy', [], '/{channel}/1', '/{channel}/2'),
  row('Mobotix', [], '/mobotix.h264', ''),
  row('Avigilon', [], '/defaultPrimary?streamType=u', '/defaultSecondary?streamType=u'),
  row('Grandstream', [], '/0', '/4'),
  row('Ubiquiti', ['UniFi'], '/s0', '/s1', 7447),
];

function row(maker: string, also: readonly string[], main: string, sub: string, port = 554): UrlPattern {
  return { maker, also, port, main, sub };
}

/** The rows whose maker, or one of whose names, contains the word; all for an empty one. */
export function patternsFor(word: string): UrlPattern[] {
  const wanted = word.trim().toLowerCase();
  return URL_PATTERNS.filter(({ maker, also }) => [maker, ...also].some((name) => name.toLowerCase().includes(wanted)));
}

/** The address of a stream at a host, after a pattern. User and password are never put in. */
export function urlAfter(pattern: UrlPattern, host: string, path: string, channel = 1): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const port = pattern.port === 554 ? '' : `:${pattern.port}`;
  return `rtsp://${name}${port}${path.replaceAll('{channel}', String(channel))}`;
}
