import { BoxError } from '../../base/index.ts';
import { readFocusOptions, readIris, readIrisRange, type FocusOptions } from '../replies/imaging-replies.ts';
import type { Range } from '../replies/ptz-replies.ts';
import type { CameraSession } from '../session.ts';
import type { SoapAnswer } from '../soap/reply.ts';
import type { PtzAbilities } from '../types.ts';
import { escapeXml } from '../xml/values.ts';

type LensAbilities = Pick<PtzAbilities, 'focus' | 'iris'>;

export const NO_LENS: LensAbilities = { focus: { continuous: false, relative: false, absolute: false }, iris: false };

const FOCUS_LIMIT_MS = 5_000;
const STOP_MS = 5_000;

/** Focus and iris, which stand in the imaging service and belong to the video source (ONVIF Imaging chapter 5). */
export class LensControl {
  readonly abilities: LensAbilities;
  readonly #session: CameraSession;
  readonly #source: string;
  readonly #focus: FocusOptions;
  readonly #iris: Range | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isMoving = false;

  private constructor(session: CameraSession, source: string, focus: FocusOptions, iris: Range | undefined) {
    this.#session = session;
    this.#source = source;
    this.#focus = focus;
    this.#iris = iris;
    const { continuous, relative, absolute } = focus;
    this.abilities = {
      focus: { continuous: !!continuous, relative: !!relative, absolute: !!absolute },
      iris: iris !== undefined && iris.max > iris.min,
    };
  }

  /** Undefined where nothing of it can be moved. */
  static async open(
    session: CameraSession,
    source: string | undefined,
    signal: AbortSignal,
  ): Promise<LensControl | undefined> {
    if (source === undefined || !session.has('imaging')) return undefined;
    const ask = async (operation: string): Promise<SoapAnswer | undefined> =>
      await session.call('imaging', operation, signal, { content: sourceContent(source) }).catch(absent);
    const move = await ask('GetMoveOptions');
    const options = await ask('GetOptions');
    const lens = new LensControl(
      session,
      source,
      move ? readFocusOptions(move.body) : {},
      options && readIrisRange(options.body),
    );
    const { focus, iris } = lens.abilities;
    return focus.continuous || focus.relative || focus.absolute || iris ? lens : undefined;
  }

  /** Near is negative, -1 to 1, until `stopFocus` or for five seconds. @throws BoxError onvif.not-supported */
  async moveFocus(speed: number, signal: AbortSignal): Promise<void> {
    const range = this.#need(this.#focus.continuous);
    clearTimeout(this.#timer);
    this.#isMoving = true;
    this.#timer = setTimeout(() => void this.stopFocus().catch(() => undefined), FOCUS_LIMIT_MS);
    await this.#move(`<tt:Continuous><tt:Speed>${around(speed, range)}</tt:Speed></tt:Continuous>`, signal);
  }

  async nudgeFocus(distance: number, signal: AbortSignal): Promise<void> {
    const range = this.#need(this.#focus.relative);
    await this.#move(`<tt:Relative><tt:Distance>${around(distance, range)}</tt:Distance></tt:Relative>`, signal);
  }

  /** 0 to 1. Some cameras take it and do not move. */
  async setFocus(position: number, signal: AbortSignal): Promise<void> {
    const range = this.#need(this.#focus.absolute);
    await this.#move(`<tt:Absolute><tt:Position>${along(position, range)}</tt:Position></tt:Absolute>`, signal);
  }

  async stopFocus(): Promise<void> {
    clearTimeout(this.#timer);
    this.#isMoving = false;
    const signal = AbortSignal.timeout(STOP_MS);
    await this.#session.call('imaging', 'Stop', signal, { content: sourceContent(this.#source) });
  }

  async close(): Promise<void> {
    if (this.#isMoving) await this.stopFocus();
  }

  /** 0 (closed) to 1 (open), where the camera tells it. */
  async iris(signal: AbortSignal): Promise<number | undefined> {
    const range = this.#need(this.#iris);
    const { body } = await this.#session.call('imaging', 'GetImagingSettings', signal, {
      content: sourceContent(this.#source),
    });
    const value = readIris(body);
    return value === undefined ? undefined : (value - range.min) / (range.max - range.min);
  }

  /** 0 (closed) to 1 (open); takes the exposure out of automatic. */
  async setIris(open: number, signal: AbortSignal): Promise<void> {
    const value = along(open, this.#need(this.#iris));
    const settings = `<tt:Exposure><tt:Mode>MANUAL</tt:Mode><tt:Iris>${value}</tt:Iris></tt:Exposure>`;
    const content = `${sourceContent(this.#source)}<t:ImagingSettings>${settings}</t:ImagingSettings>`;
    await this.#session.call('imaging', 'SetImagingSettings', signal, { content });
  }

  async #move(focus: string, signal: AbortSignal): Promise<void> {
    const content = `${sourceContent(this.#source)}<t:Focus>${focus}</t:Focus>`;
    await this.#session.call('imaging', 'Move', signal, { content });
  }

  #need(range: Range | undefined): Range {
    if (!range) throw new BoxError('onvif.not-supported', { service: 'imaging' });
    return range;
  }
}

function sourceContent(source: string): string {
  return `<t:VideoSourceToken>${escapeXml(source)}</t:VideoSourceToken>`;
}

function around(value: number, range: Range): number {
  const cut = Math.min(1, Math.max(-1, value));
  return Number((cut * (cut < 0 ? Math.abs(range.min) : range.max)).toFixed(6));
}

function along(value: number, range: Range): number {
  const cut = Math.min(1, Math.max(0, value));
  return Number((range.min + cut * (range.max - range.min)).toFixed(6));
}

function absent(error: unknown): undefined {
  if (error instanceof BoxError && ['onvif.not-supported', 'onvif.refused', 'onvif.bad-answer'].includes(error.code)) {
    return undefined;
  }
  throw error;
}
