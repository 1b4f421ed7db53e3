import { BoxError } from '../../base/index.ts';
import type { Media } from '../media.ts';
import {
  readConfigurationSpaces,
  readNodes,
  readPresets,
  readPresetToken,
  readPtzStatus,
  type PtzNode,
} from '../replies/ptz-replies.ts';
import type { CameraSession } from '../session.ts';
import type { SoapAnswer } from '../soap/reply.ts';
import type { MediaProfile, PtzAbilities, PtzPreset, PtzStatus, PtzVector } from '../types.ts';
import { escapeXml } from '../xml/values.ts';
import { LensControl, NO_LENS } from './lens-control.ts';
import { Spaces } from './spaces.ts';

/** A move that nobody stops ends by itself after this. */
const MOVE_LIMIT_MS = 10_000;
/** A camera that missed the word to stop is told again, after these pauses. */
const STOP_AGAIN_MS = [200, 800, 2_000];
const STOP_LIMIT_MS = 15_000;
/** From the middle of the picture to its edges, as parts of half of what the head can turn (60 by 34 degrees of 360 by 180), and how much zooming in narrows it. */
const HALF_VIEW = { pan: 1 / 6, tilt: 1 / 5 };
const USUAL_ZOOM = 20;
/** How long a nudge of full length takes where a camera knows no other way than to begin and stop. */
const NUDGE_MS = 600;

/** The movement of one camera. Whatever begins to move here also stops: by `stop`, by time, or by `close`. */
export class PtzControl {
  readonly abilities: PtzAbilities;
  readonly #session: CameraSession;
  readonly #media: Media;
  readonly #lens: LensControl | undefined;
  readonly #spaces: Spaces;
  #profile: MediaProfile;
  #timer: NodeJS.Timeout | undefined;
  #takesTimeout = true;
  #isMoving = false;
  #turn = 0;
  #inFlight: Promise<void> = Promise.resolve();

  private constructor(parts: {
    session: CameraSession;
    media: Media;
    profile: MediaProfile;
    node: PtzNode;
    spaces: Spaces;
    lens: LensControl | undefined;
  }) {
    const { node, spaces, lens } = parts;
    this.#session = parts.session;
    this.#media = parts.media;
    this.#profile = parts.profile;
    this.#spaces = spaces;
    this.#lens = lens;
    this.abilities = {
      continuous: spaces.axes('continuous'),
      relative: spaces.axes('relative'),
      absolute: spaces.axes('absolute'),
      home: node.home ?? false,
      maxPresets: node.maxPresets ?? 0,
      auxiliary: node.auxiliary,
      ...(lens?.abilities ?? NO_LENS),
    };
  }

  /**
   * Undefined for a camera that does not move: one without the service, without a PTZ configuration in the profile, or without
   * nodes. A capability alone says nothing; fixed cameras list it too.
   */
  static async open(
    session: CameraSession,
    media: Media,
    wanted: string | undefined,
    signal: AbortSignal,
  ): Promise<PtzControl | undefined> {
    await session.open(signal);
    if (!session.has('ptz')) return undefined;
    const profiles = await media.profiles(signal);
    const movable = profiles.filter((each) => each.ptzNode !== undefined || each.ptzConfiguration !== undefined);
    const profile = movable.find(({ token }) => token === wanted) ?? (wanted === undefined ? movable[0] : undefined);
    if (!profile) return undefined;
    const nodes = await session.call('ptz', 'GetNodes', signal).then(({ body }) => readNodes(body), absent);
    const node = nodes?.find(({ token }) => token === profile.ptzNode) ?? nodes?.[0];
    if (!node) return undefined;
    const spaces = node.spaces.length > 0 ? node.spaces : await spacesOfConfiguration(session, profile, signal);
    const lens = await LensControl.open(session, profile.videoSource, signal);
    return new PtzControl({ session, media, profile, node, spaces: new Spaces(spaces), lens });
  }

  /**
   * Moves at a speed, -1 to 1 for each axis, until `stop`, another move, or `limitMs`. Parts that the camera has no space for
   * are left out.
   * @throws BoxError onvif.not-supported if nothing is left
   */
  async move(speed: PtzVector, signal: AbortSignal, limitMs = MOVE_LIMIT_MS): Promise<void> {
    const vector = this.#vector('continuous', speed);
    const turn = this.#begin(limitMs);
    // One after the other, or the camera may hear them in another order; of those that wait only the last one counts.
    await this.#inFlight;
    if (this.#turn !== turn) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#inFlight = promise;
    try {
      await this.#sendMove(`<t:Velocity>${vector}</t:Velocity>`, limitMs, signal);
    } finally {
      resolve();
      // The word to stop may have overtaken this move on its way.
      if (this.#turn !== turn && !this.#isMoving) await this.#sendStop(AbortSignal.timeout(STOP_LIMIT_MS));
    }
  }

  async #sendMove(velocity: string, limitMs: number, signal: AbortSignal): Promise<void> {
    const send = async (timeout: string): Promise<SoapAnswer> =>
      await this.#call('ContinuousMove', `${velocity}${timeout}`, signal);
    // A limit of the camera's own, should the box lose its way to it in the middle of the move.
    const timeout = `<t:Timeout>PT${Math.ceil(limitMs / 1000)}S</t:Timeout>`;
    if (!this.#takesTimeout) return void (await send(''));
    try {
      await send(timeout);
    } catch (error) {
      if (!(error instanceof BoxError && error.code === 'onvif.refused')) throw error;
      await send('');
      this.#takesTimeout = false;
    }
  }

  /** A distance, -1 to 1 for each axis; where the camera knows none, a short move and a stop. */
  async nudge(distance: PtzVector, signal: AbortSignal): Promise<void> {
    const text = this.#spaces.vector('relative', distance);
    if (text !== '') {
      await this.#call('RelativeMove', `<t:Translation>${text}</t:Translation>`, signal);
      return;
    }
    const longest = Math.max(...[distance.pan, distance.tilt, distance.zoom].map((part) => Math.abs(part ?? 0)), 0.05);
    const part = (value: number | undefined): number | undefined => (value === undefined ? undefined : value / longest);
    const speed = { pan: part(distance.pan), tilt: part(distance.tilt), zoom: part(distance.zoom) };
    await this.move(without(speed), signal, MOVE_LIMIT_MS);
    try {
      await this.#session.deps.clock.sleep(Math.min(1, longest) * NUDGE_MS, signal);
    } finally {
      await this.stop();
    }
  }

  /**
   * Turns so that a point of the picture comes to its middle; `x`, `y`: -1 to 1 from the middle to the edges, right and up. Exact where the camera
   * knows distances in its picture; else as far as it would be with the usual lens, by a distance or a short move.
   * @throws BoxError onvif.not-supported
   */
  async centre({ x, y }: { readonly x: number; readonly y: number }, signal: AbortSignal): Promise<void> {
    const text = this.#spaces.inPicture({ x, y });
    if (text !== '') {
      await this.#call('RelativeMove', `<t:Translation>${text}</t:Translation>`, signal);
      return;
    }
    const status = await this.status(signal).catch((): PtzStatus => ({}));
    const narrower = 1 + (status.position?.zoom ?? 0) * (USUAL_ZOOM - 1);
    await this.nudge({ pan: (x * HALF_VIEW.pan) / narrower, tilt: (y * HALF_VIEW.tilt) / narrower }, signal);
  }

  /** @throws BoxError onvif.not-supported */
  async goTo(position: PtzVector, signal: AbortSignal): Promise<void> {
    await this.#call('AbsoluteMove', `<t:Position>${this.#vector('absolute', position)}</t:Position>`, signal);
  }

  /** Stops all axes and the lens, and tells the camera again if it cannot be reached; rejects only if it stays so. */
  async stop(): Promise<void> {
    const ends = await Promise.allSettled([this.#stopAxes(), this.#lens?.close()]);
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async #stopAxes(): Promise<void> {
    clearTimeout(this.#timer);
    this.#turn++;
    this.#isMoving = false;
    const within = AbortSignal.timeout(STOP_LIMIT_MS);
    for (let tries = 0; ; tries++) {
      try {
        await this.#sendStop(within);
        return;
      } catch (error) {
        const again = STOP_AGAIN_MS[tries];
        const isLost = error instanceof BoxError && error.kind === 'later';
        // Another move has begun meanwhile, and has its own end.
        if (this.#isMoving) return;
        if (!isLost || again === undefined || within.aborted) throw error;
        await this.#session.deps.clock.sleep(again, within);
      }
    }
  }

  /** Stops what moves; for whoever loses the one who steers. */
  async close(): Promise<void> {
    if (this.#isMoving) await this.stop();
    await this.#lens?.close();
  }

  async status(signal: AbortSignal): Promise<PtzStatus> {
    const { position, moving, error } = readPtzStatus((await this.#call('GetStatus', '', signal)).body);
    const own = this.#spaces.position(position);
    return {
      ...(own && { position: own }),
      ...(moving !== undefined && { moving }),
      ...(error !== undefined && !/^no[\s_-]*error$|^ok$|^none$/i.test(error) && { error }),
    };
  }

  /** Those that were given a name; all if none was. Names may repeat, tokens do not. */
  async presets(signal: AbortSignal): Promise<PtzPreset[]> {
    const all = readPresets((await this.#call('GetPresets', '', signal)).body).map(({ token, name, position }) => {
      const own = this.#spaces.position(position);
      return { token, ...(name !== undefined && { name }), ...(own && { position: own }) };
    });
    const named = all.filter(({ name }) => name !== undefined);
    return named.length > 0 ? named : all;
  }

  /** Keeps where the camera looks now, as a new preset or over an old one; gives its token. */
  async setPreset(name: string, signal: AbortSignal, token?: string): Promise<string> {
    const over = token === undefined ? '' : `<t:PresetToken>${escapeXml(token)}</t:PresetToken>`;
    const answer = await this.#call('SetPreset', `<t:PresetName>${escapeXml(name)}</t:PresetName>${over}`, signal);
    const made = readPresetToken(answer.body) ?? token;
    if (made === undefined) throw new BoxError('onvif.bad-answer', { operation: 'SetPreset' });
    return made;
  }

  async removePreset(token: string, signal: AbortSignal): Promise<void> {
    await this.#call('RemovePreset', `<t:PresetToken>${escapeXml(token)}</t:PresetToken>`, signal);
  }

  async goToPreset(token: string, signal: AbortSignal): Promise<void> {
    await this.#call('GotoPreset', `<t:PresetToken>${escapeXml(token)}</t:PresetToken>`, signal);
  }

  async goHome(signal: AbortSignal): Promise<void> {
    await this.#call('GotoHomePosition', '', signal);
  }

  async setHome(signal: AbortSignal): Promise<void> {
    await this.#call('SetHomePosition', '', signal);
  }

  /** One of `abilities.auxiliary`. */
  async auxiliary(command: string, signal: AbortSignal): Promise<void> {
    await this.#call('SendAuxiliaryCommand', `<t:AuxiliaryData>${escapeXml(command)}</t:AuxiliaryData>`, signal);
  }

  /** Focus and iris. @throws BoxError onvif.not-supported */
  get lens(): LensControl {
    if (!this.#lens) throw new BoxError('onvif.not-supported', { service: 'imaging' });
    return this.#lens;
  }

  #begin(limitMs: number): number {
    clearTimeout(this.#timer);
    this.#isMoving = true;
    this.#timer = setTimeout(() => void this.stop().catch(() => undefined), limitMs);
    return ++this.#turn;
  }

  async #sendStop(signal: AbortSignal): Promise<void> {
    await this.#call('Stop', '<t:PanTilt>true</t:PanTilt><t:Zoom>true</t:Zoom>', signal);
  }

  #vector(movement: 'continuous' | 'absolute', wish: PtzVector): string {
    const text = this.#spaces.vector(movement, wish);
    if (text === '') throw new BoxError('onvif.not-supported', { operation: movement });
    return text;
  }

  /** Tokens of profiles change with restarts and edits: a profile that is no longer known is looked for by its name and size. */
  async #call(operation: string, content: string, signal: AbortSignal): Promise<SoapAnswer> {
    const send = async (): Promise<SoapAnswer> =>
      await this.#session.call('ptz', operation, signal, {
        content: `<t:ProfileToken>${escapeXml(this.#profile.token)}</t:ProfileToken>${content}`,
      });
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof BoxError) || !isUnknownProfile(error)) throw error;
      const { name, width, height, token } = this.#profile;
      const profiles = await this.#media.profiles(signal);
      const same = profiles.find((each) => each.name === name && each.width === width && each.height === height);
      if (!same || same.token === token) throw error;
      this.#profile = same;
      return await send();
    }
  }
}

function isUnknownProfile(error: BoxError): boolean {
  const { codes } = error.context;
  return Array.isArray(codes) && codes.some((code) => /:(NoProfile|InvalidArgVal)$/.test(String(code)));
}

async function spacesOfConfiguration(
  session: CameraSession,
  profile: MediaProfile,
  signal: AbortSignal,
): Promise<ReturnType<typeof readConfigurationSpaces>> {
  if (profile.ptzConfiguration === undefined) return [];
  const content = `<t:ConfigurationToken>${escapeXml(profile.ptzConfiguration)}</t:ConfigurationToken>`;
  const answer = await session.call('ptz', 'GetConfigurationOptions', signal, { content }).catch(absent);
  return answer ? readConfigurationSpaces(answer.body) : [];
}

function absent(error: unknown): undefined {
  if (error instanceof BoxError && ['onvif.not-supported', 'onvif.refused', 'onvif.bad-answer'].includes(error.code)) {
    return undefined;
  }
  throw error;
}

function without(speed: Record<'pan' | 'tilt' | 'zoom', number | undefined>): PtzVector {
  return Object.fromEntries(Object.entries(speed).filter(([, value]) => value !== undefined));
}
