import { BoxError } from '../base/index.ts';
import { readMediaUri, readProfiles, type MediaUri, type ProfileReply } from './replies/media-replies.ts';
import type { CameraSession } from './session.ts';
import type { CameraStreams, MediaProfile, StreamOffer } from './types.ts';
import { escapeXml } from './xml/values.ts';

type MediaService = 'media2' | 'media';

const RECORDABLE = new Set(['H264', 'H265']);
/** Below this a picture is of no use even as a tile. */
const LEAST_SUB_HEIGHT = 180;
const JPEG = Buffer.from([0xff, 0xd8, 0xff]);
const LOGIN_KEYS = /^(user(name)?|usr|loginuse|pass(word)?|pwd|loginpas|auth)$/i;

/** The pictures that a camera offers, of Media2 and Media1 together: each may show what the other hides. */
export class Media {
  readonly #session: CameraSession;
  /** Which service told of a profile; that one is asked for its address first. */
  readonly #from = new Map<string, MediaService[]>();

  constructor(session: CameraSession) {
    this.#session = session;
  }

  /** Best first. @throws BoxError onvif.not-supported if the camera has no media service that answers */
  async profiles(signal: AbortSignal): Promise<MediaProfile[]> {
    await this.#session.open(signal);
    const newer = await this.#profilesOf('media2', signal);
    const older = await this.#profilesOf('media', signal);
    if (!newer && !older) throw new BoxError('onvif.not-supported', { service: 'media' });
    this.#from.clear();
    for (const { token } of newer ?? []) this.#from.set(token, ['media2', 'media']);
    for (const { token } of older ?? []) if (!this.#from.has(token)) this.#from.set(token, ['media', 'media2']);
    return bestFirst(merged(newer ?? [], older ?? []));
  }

  /**
   * Main and sub stream of one picture; of the first one where a device has several. The sub stream is left out where there is
   * none that is smaller.
   */
  async streams(signal: AbortSignal, videoSource?: string): Promise<CameraStreams> {
    const profiles = await this.profiles(signal);
    const first = videoSource ?? profiles.find((each) => each.videoSource !== undefined)?.videoSource;
    const own = profiles.filter((each) => first === undefined || (each.videoSource ?? first) === first);
    const usable = own.filter(({ codec }) => codec === undefined || RECORDABLE.has(codec));
    const main = await this.#offer(usable[0], signal);
    const sub = await this.#offer(subOf(usable), signal);
    return { profiles, ...(main && { main }), ...(sub && sub.url !== main?.url && { sub }) };
  }

  /** The address of a profile's stream, without login, by the one rule for addresses. */
  async streamUrl(token: string, signal: AbortSignal): Promise<string> {
    const { uri } = await this.#uri('GetStreamUri', token, signal, {
      media: `<t:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport><tt:Protocol>RTSP</tt:Protocol></tt:Transport></t:StreamSetup>`,
      media2: '<t:Protocol>RTSP</t:Protocol>',
    });
    const url = this.#session.rule.apply(uri);
    if (!url || !/^rtsps?:$/.test(url.protocol)) throw new BoxError('onvif.bad-answer', { operation: 'GetStreamUri' });
    return url.href;
  }

  /** A single picture as the camera sends it: a JPEG. */
  async snapshot(token: string, signal: AbortSignal): Promise<Buffer> {
    const { uri } = await this.#uri('GetSnapshotUri', token, signal, { media: '', media2: '' });
    const url = this.#session.rule.apply(uri);
    if (!url || !/^https?:$/.test(url.protocol))
      throw new BoxError('onvif.bad-answer', { operation: 'GetSnapshotUri' });
    const bare = withoutLogin(url);
    const { maxSnapshotBytes } = this.#session.soap.http.limits;
    const picture = await this.#session.soap.fetch(bare, maxSnapshotBytes, signal);
    // The content type is often wrong, the bytes are not.
    const start = picture.body.indexOf(JPEG);
    if (start < 0 || start > 16) {
      const code = picture.status === 404 ? 'onvif.not-supported' : 'onvif.bad-answer';
      throw new BoxError(code, { operation: 'snapshot', status: picture.status });
    }
    return picture.body.subarray(start);
  }

  async #profilesOf(service: MediaService, signal: AbortSignal): Promise<ProfileReply[] | undefined> {
    if (!this.#session.has(service)) return undefined;
    const content = service === 'media2' ? '<t:Type>All</t:Type>' : '';
    try {
      const { body } = await this.#session.call(service, 'GetProfiles', signal, { content });
      return readProfiles(body);
    } catch (error) {
      if (error instanceof BoxError && isPassable(error)) return undefined;
      throw error;
    }
  }

  async #offer(profile: MediaProfile | undefined, signal: AbortSignal): Promise<StreamOffer | undefined> {
    if (!profile) return undefined;
    return { ...profile, url: await this.streamUrl(profile.token, signal) };
  }

  async #uri(
    operation: 'GetStreamUri' | 'GetSnapshotUri',
    token: string,
    signal: AbortSignal,
    setup: Record<MediaService, string>,
  ): Promise<MediaUri> {
    await this.#session.open(signal);
    const services = (this.#from.get(token) ?? ['media2', 'media']).filter((each) => this.#session.has(each));
    let last: unknown = new BoxError('onvif.not-supported', { operation });
    for (const service of services) {
      try {
        const content = `${setup[service]}<t:ProfileToken>${escapeXml(token)}</t:ProfileToken>`;
        const uri = readMediaUri((await this.#session.call(service, operation, signal, { content })).body);
        if (uri) return uri;
        last = new BoxError('onvif.bad-answer', { operation });
      } catch (error) {
        if (!(error instanceof BoxError) || !isPassable(error)) throw error;
        last = error;
      }
    }
    throw last;
  }
}

/** The other media service may still do. */
function isPassable(error: BoxError): boolean {
  return ['onvif.not-supported', 'onvif.refused', 'onvif.bad-answer', 'onvif.forbidden'].includes(error.code);
}

/** Media2 knows H.265, which Media1 hides or calls H.264; what Media2 leaves open Media1 may know. */
function merged(newer: readonly ProfileReply[], older: readonly ProfileReply[]): ProfileReply[] {
  const known = newer.map((profile) => ({ ...older.find(({ token }) => token === profile.token), ...profile }));
  return [...known, ...older.filter(({ token }) => !newer.some((each) => each.token === token))];
}

function area({ width = 0, height = 0 }: MediaProfile): number {
  return width * height;
}

function bestFirst(profiles: readonly MediaProfile[]): MediaProfile[] {
  const rank = (each: MediaProfile): number => (each.codec === undefined || RECORDABLE.has(each.codec) ? 1 : 0);
  return profiles
    .map((profile, index) => ({ profile, index }))
    .toSorted((a, b) => rank(b.profile) - rank(a.profile) || area(b.profile) - area(a.profile) || a.index - b.index)
    .map(({ profile }) => profile);
}

function subOf(usable: readonly MediaProfile[]): MediaProfile | undefined {
  const [main, ...rest] = usable;
  if (!main) return undefined;
  const smaller = rest.filter((each) => area(each) > 0 && area(each) < area(main));
  return smaller.findLast(({ height = 0 }) => height >= LEAST_SUB_HEIGHT) ?? smaller[0];
}

/** Some put user and password into the address of the picture, and then refuse both there and in the header. */
function withoutLogin(url: URL): URL {
  const bare = new URL(url);
  for (const key of [...bare.searchParams.keys()]) if (LOGIN_KEYS.test(key)) bare.searchParams.delete(key);
  return bare.search === url.search ? url : bare;
}
