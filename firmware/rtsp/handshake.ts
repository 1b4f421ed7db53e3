import { BoxError } from '../base/index.ts';
import type { RtspConnection } from './connection.ts';
import { chooseTracks, describeSession, type MediaDescription, type SessionDescription } from './description.ts';
import type { Dialogue } from './dialogue.ts';
import type { MediaPlane } from './media-plane.ts';
import { parsePublic, type HeaderList, type RtspResponse } from './message.ts';
import { parseTransport, type TransportHeader } from './transport-header.ts';
import { UdpPair } from './udp-pair.ts';

export type Lower = 'tcp' | 'udp';

export interface Note {
  (code: string, detail?: Record<string, unknown>): void;
}

const PLAY_FROM_NOW: HeaderList = [['Range', 'npt=0.000-']];

/**
 * OPTIONS (RFC 2326 section 10.1). Resolves with the offered methods, or with an empty set when the camera does not say.
 * @throws BoxError rtsp.closed when the camera ends the connection over it; rtsp.unauthorized
 */
export async function askOptions(dialogue: Dialogue, url: string, limitMs: number): Promise<Set<string>> {
  try {
    const response = await dialogue.exchange('OPTIONS', url, [], limitMs);
    return parsePublic(response.headers.all('public'));
  } catch (error) {
    // No answer is no reason to stop: what counts is DESCRIBE.
    if (error instanceof BoxError && error.code === 'rtsp.timeout') return new Set();
    throw error;
  }
}

/**
 * DESCRIBE (RFC 2326 section 10.2).
 * @throws BoxError rtsp.redirected (context `location` while it may be followed), and those of `Dialogue.demand`
 */
export async function describe(dialogue: Dialogue, url: string, limitMs: number): Promise<SessionDescription> {
  const response = await dialogue.exchange('DESCRIBE', url, [['Accept', 'application/sdp']], limitMs);
  if (response.status >= 300 && response.status < 400) throw new Redirect(response.headers.get('location'));
  if (response.status < 200 || response.status > 299) throw dialogue.statusError('DESCRIBE', response.status);
  return describeSession(response.body.toString('utf8'), {
    requestUrl: url,
    contentBase: response.headers.get('content-base'),
    contentLocation: response.headers.get('content-location'),
  });
}

/** Stays inside this folder: becomes rtsp.redirected where it is not followed. */
export class Redirect extends Error {
  readonly location: string | undefined;

  constructor(location: string | undefined) {
    super('redirected');
    this.location = location;
  }
}

export interface SetupOptions {
  readonly lower: Lower;
  /** Also tracks that are not recorded, for cameras that start only then. Never the way to a loudspeaker. */
  readonly allTracks: boolean;
  readonly limitMs: number;
  readonly note: Note;
}

/** SETUP of every wanted track. The plane knows the channels before the answer arrives: some cameras begin at once. */
export class TrackSetup {
  readonly #connection: RtspConnection;
  readonly #dialogue: Dialogue;
  readonly #plane: MediaPlane;
  readonly #options: SetupOptions;
  #lower: Lower;
  #nextChannel = 0;

  constructor(connection: RtspConnection, dialogue: Dialogue, plane: MediaPlane, options: SetupOptions) {
    this.#connection = connection;
    this.#dialogue = dialogue;
    this.#plane = plane;
    this.#options = options;
    this.#lower = options.lower;
  }

  /** What the camera agreed to. */
  get lower(): Lower {
    return this.#lower;
  }

  /**
   * @throws BoxError rtsp.codec-unsupported, rtsp.transport-refused, and those of `Dialogue.demand` for the first track; the
   * failure of a further one only costs that track
   */
  async run(description: SessionDescription): Promise<MediaDescription[]> {
    const { tracks, skipped } = chooseTracks(description.media);
    if (tracks.length === 0 || !offersVideo(tracks, description)) throw unsupported(description);
    const extra = this.#options.allTracks
      ? skipped.filter(({ kind, direction }) => !isBackChannel(kind, direction))
      : [];
    const done: MediaDescription[] = [];
    for (const media of [...tracks, ...extra]) {
      try {
        await this.#setup(media, tracks.includes(media));
        done.push(media);
      } catch (error) {
        const fatal = done.length === 0 || !(error instanceof BoxError) || isConnectionLost(error);
        if (fatal) throw error;
        this.#options.note('rtsp.track-refused', { kind: media.kind, code: error.code, status: error.context.status });
      }
    }
    return done;
  }

  async #setup(media: MediaDescription, wanted: boolean): Promise<void> {
    let response = await this.#ask(media, wanted);
    if (response.status === 461 && this.#plane.tracks.length === 0) {
      this.#lower = this.#lower === 'tcp' ? 'udp' : 'tcp';
      this.#options.note('rtsp.transport-changed', { transport: this.#lower });
      response = await this.#ask(media, wanted);
    }
    if (response.status < 200 || response.status > 299) throw this.#dialogue.statusError('SETUP', response.status);
  }

  #ask(media: MediaDescription, wanted: boolean): Promise<RtspResponse> {
    return this.#lower === 'tcp' ? this.#askTcp(media, wanted) : this.#askUdp(media, wanted);
  }

  async #askTcp(media: MediaDescription, wanted: boolean): Promise<RtspResponse> {
    const asked: [number, number] = [this.#nextChannel, this.#nextChannel + 1];
    for (const channel of asked) this.#connection.addChannel(channel);
    const response = await this.#request(media, `RTP/AVP/TCP;unicast;interleaved=${asked[0]}-${asked[1]}`);
    if (response.status > 299) return response;
    const answer = transportOf(response);
    if (answer && answer.lower === 'udp' && answer.serverPort && !answer.interleaved) {
      throw new BoxError('rtsp.transport-refused', { step: 'SETUP', reason: 'the camera answered with UDP' });
    }
    let channels = answer?.interleaved ?? asked;
    if (this.#plane.taken(channels[0])) {
      this.#options.note('rtsp.channel-twice', { channel: channels[0] });
      channels = asked;
    }
    this.#nextChannel = Math.max(this.#nextChannel, channels[0] & ~1) + 2;
    this.#plane.addInterleaved(media, channels, wanted);
    return response;
  }

  async #askUdp(media: MediaDescription, wanted: boolean): Promise<RtspResponse> {
    const pair = await UdpPair.open(this.#connection.localFamily);
    let kept = false;
    try {
      const response = await this.#request(media, `RTP/AVP;unicast;client_port=${pair.port}-${pair.port + 1}`);
      if (response.status > 299) return response;
      const answer = transportOf(response);
      if (answer?.interleaved) {
        this.#lower = 'tcp';
        this.#plane.addInterleaved(media, answer.interleaved, wanted);
        return response;
      }
      const camera = this.#connection.remoteAddress;
      this.#plane.addUdp(media, pair, answer?.source ? [camera, answer.source] : [camera], wanted);
      kept = true;
      pair.punch(camera, answer?.serverPort);
      return response;
    } finally {
      if (!kept) pair.close();
    }
  }

  #request(media: MediaDescription, transport: string): Promise<RtspResponse> {
    return this.#dialogue.exchange('SETUP', media.controlUrl, [['Transport', transport]], this.#options.limitMs);
  }
}

function transportOf(response: RtspResponse): TransportHeader | undefined {
  const value = response.headers.get('transport');
  return value === undefined ? undefined : parseTransport(value);
}

function isBackChannel(kind: string, direction: MediaDescription['direction']): boolean {
  return kind.toLowerCase() === 'audio' && (direction === 'sendonly' || direction === 'inactive');
}

/** A camera whose video cannot be stored is not recorded as a radio. */
function offersVideo(tracks: readonly MediaDescription[], description: SessionDescription): boolean {
  const isVideo = ({ kind }: MediaDescription): boolean => kind.toLowerCase() === 'video';
  return tracks.some(isVideo) || !description.media.some(isVideo);
}

function isConnectionLost(error: BoxError): boolean {
  return ['rtsp.closed', 'rtsp.timeout', 'rtsp.protocol', 'rtsp.unauthorized', 'rtsp.unreachable'].includes(error.code);
}

function unsupported(description: SessionDescription): BoxError {
  const { media } = description;
  if (media.length === 0) return new BoxError('rtsp.protocol', { step: 'DESCRIBE', reason: 'it describes no media' });
  const reasons = media.map(({ kind, why }) => `${kind}: ${why ?? 'not chosen'}`).join('; ');
  return new BoxError('rtsp.codec-unsupported', { reasons });
}

/**
 * PLAY (RFC 2326 section 10.5) for all tracks at once; cameras differ in the URL and the range that they accept.
 * Resolves with the URL that worked, which then serves for keep-alives and TEARDOWN.
 */
export async function play(
  dialogue: Dialogue,
  urls: { aggregate: string; request: string; tracks: readonly string[] },
  limitMs: number,
): Promise<string> {
  const single = urls.tracks.length === 1 ? urls.tracks : [];
  let refused: BoxError | undefined;
  for (const url of new Set([urls.aggregate, urls.request, ...single])) {
    let response = await dialogue.exchange('PLAY', url, PLAY_FROM_NOW, limitMs);
    if (response.status === 457) response = await dialogue.exchange('PLAY', url, [], limitMs);
    if (response.status >= 200 && response.status < 300) return url;
    const error = dialogue.statusError('PLAY', response.status);
    // A refusal for another reason than the URL stays one.
    if (response.status >= 500 || response.status === 453 || response.status === 403) throw error;
    refused ??= error;
  }
  throw refused ?? dialogue.statusError('PLAY', 400);
}
