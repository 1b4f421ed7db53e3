import type { PtzSpace, Range } from '../replies/ptz-replies.ts';
import type { PtzAxes, PtzVector } from '../types.ts';
import { escapeXml } from '../xml/values.ts';

/** What a movement is measured in, and the two spaces of it. */
export type Movement = 'continuous' | 'relative' | 'absolute';

const KINDS: Readonly<Record<Movement, { panTilt: string; zoom: string }>> = {
  continuous: { panTilt: 'ContinuousPanTiltVelocitySpace', zoom: 'ContinuousZoomVelocitySpace' },
  relative: { panTilt: 'RelativePanTiltTranslationSpace', zoom: 'RelativeZoomTranslationSpace' },
  absolute: { panTilt: 'AbsolutePanTiltPositionSpace', zoom: 'AbsoluteZoomPositionSpace' },
};
const UNIT: Range = { min: -1, max: 1 };
const ZOOM: Range = { min: 0, max: 1 };

/** The coordinate spaces of one node: what it can do, and between which numbers (ONVIF PTZ section 5.7). */
export class Spaces {
  readonly #spaces: readonly PtzSpace[];

  constructor(spaces: readonly PtzSpace[]) {
    this.#spaces = spaces;
  }

  axes(movement: Movement): PtzAxes {
    const { panTilt, zoom } = KINDS[movement];
    return { panTilt: this.#best(panTilt) !== undefined, zoom: this.#best(zoom) !== undefined };
  }

  /** The elements of a move with only those parts that the node has; empty if none is left. */
  vector(movement: Movement, wish: PtzVector): string {
    const { panTilt, zoom } = KINDS[movement];
    const isPosition = movement === 'absolute';
    let text = '';
    const field = this.#best(panTilt);
    if (field && (wish.pan !== undefined || wish.tilt !== undefined) && !(isPosition && !hasBoth(wish))) {
      const x = scale(wish.pan ?? 0, UNIT, field.x ?? UNIT, isPosition);
      const y = scale(wish.tilt ?? 0, UNIT, field.y ?? field.x ?? UNIT, isPosition);
      text += `<tt:PanTilt x="${x}" y="${y}"${spaceOf(field)}/>`;
    }
    const length = this.#best(zoom);
    if (length && wish.zoom !== undefined) {
      const own = isPosition ? ZOOM : UNIT;
      const x = scale(wish.zoom, own, length.x ?? own, isPosition);
      text += `<tt:Zoom x="${x}"${spaceOf(length)}/>`;
    }
    return text;
  }

  /**
   * The elements of a move that brings a point of the picture to its middle; `x`, `y`: -1 to 1 from there to the edges, right and up. Empty
   * if the node knows no distances in its picture (the space of the field of view: its ends are the edges).
   */
  inPicture({ x, y }: { readonly x: number; readonly y: number }): string {
    const space = this.#spaces.find(
      ({ kind, uri }) => kind === KINDS.relative.panTilt && /TranslationSpaceFov$/i.test(uri ?? ''),
    );
    if (!space) return '';
    const [pan, tilt] = [scale(x, UNIT, space.x ?? UNIT, false), scale(y, UNIT, space.y ?? space.x ?? UNIT, false)];
    return `<tt:PanTilt x="${pan}" y="${tilt}"${spaceOf(space)}/>`;
  }

  /** A position of the camera in the numbers of the box. */
  position(position: PtzVector | undefined): PtzVector | undefined {
    if (!position) return undefined;
    const panTilt = this.#best(KINDS.absolute.panTilt);
    const zoom = this.#best(KINDS.absolute.zoom);
    const { pan, tilt, zoom: length } = position;
    return {
      ...(pan !== undefined && { pan: scale(pan, panTilt?.x ?? UNIT, UNIT, true) }),
      ...(tilt !== undefined && { tilt: scale(tilt, panTilt?.y ?? panTilt?.x ?? UNIT, UNIT, true) }),
      ...(length !== undefined && { zoom: scale(length, zoom?.x ?? ZOOM, ZOOM, true) }),
    };
  }

  /** The generic one of several: the others are degrees or parts of the picture. */
  #best(kind: string): PtzSpace | undefined {
    const all = this.#spaces.filter((each) => each.kind === kind);
    const best = all.find(isGeneric) ?? all[0];
    // A space without room is how some say that an axis is missing.
    return best && [best.x, best.y].some((range) => range && range.min === range.max && range.max === 0)
      ? undefined
      : best;
  }
}

function hasBoth(wish: PtzVector): boolean {
  return wish.pan !== undefined && wish.tilt !== undefined;
}

function isGeneric(space: PtzSpace): boolean {
  return /generic/i.test(space.uri ?? 'generic');
}

/** The default space needs no name; a camera that was given another one as its only one does. */
function spaceOf(space: PtzSpace): string {
  return isGeneric(space) ? '' : ` space="${escapeXml(space.uri ?? '')}"`;
}

/** Positions are mapped end to end; speeds and distances around zero. Values outside are cut off. */
function scale(value: number, from: Range, to: Range, endToEnd: boolean): number {
  const cut = Math.min(from.max, Math.max(from.min, value));
  const isSame = from.min === to.min && from.max === to.max;
  const mapped = isSame
    ? cut
    : endToEnd
      ? to.min + ((cut - from.min) / (from.max - from.min || 1)) * (to.max - to.min)
      : cut * (cut < 0 ? Math.abs(to.min) : to.max);
  return Number(mapped.toFixed(6));
}
