import type { PtzPreset, PtzStatus, PtzVector } from '../types.ts';
import { attribute, child, childrenOf, find, findAll, textAt, type XmlElement } from '../xml/element.ts';
import { booleanFrom, numberFrom, timeMsFrom } from '../xml/values.ts';
import { defined } from './device-replies.ts';

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** One coordinate space of a node or configuration (ONVIF PTZ section 5.7). */
export interface PtzSpace {
  /** "AbsolutePanTiltPositionSpace", "ContinuousZoomVelocitySpace"... */
  readonly kind: string;
  readonly uri?: string;
  readonly x?: Range;
  readonly y?: Range;
}

export interface PtzNode {
  readonly token: string;
  readonly name?: string;
  readonly spaces: readonly PtzSpace[];
  readonly maxPresets?: number;
  readonly home?: boolean;
  readonly auxiliary: readonly string[];
}

/** GetNodes and GetNode (PTZ section 5.2). */
export function readNodes(body: XmlElement): PtzNode[] {
  return findAll(body, 'PTZNode').flatMap((each) => {
    const token = attribute(each, 'token');
    if (token === undefined) return [];
    return [
      {
        token,
        spaces: readSpaces(child(each, 'SupportedPTZSpaces')),
        auxiliary: childrenOf(each, 'AuxiliaryCommands').map(({ text }) => text),
        ...defined({
          name: textAt(each, 'Name'),
          maxPresets: numberFrom(textAt(each, 'MaximumNumberOfPresets')),
          home: booleanFrom(textAt(each, 'HomeSupported')),
        }),
      },
    ];
  });
}

/** The spaces of GetConfigurationOptions (PTZ section 5.3.4). */
export function readConfigurationSpaces(body: XmlElement): PtzSpace[] {
  return readSpaces(find(body, 'Spaces'));
}

function readSpaces(spaces: XmlElement | undefined): PtzSpace[] {
  return (spaces?.children ?? [])
    .filter(({ name }) => name.endsWith('Space'))
    .map((each) => ({
      kind: each.name,
      ...defined({
        uri: textAt(each, 'URI'),
        x: readRange(child(each, 'XRange')),
        y: readRange(child(each, 'YRange')),
      }),
    }));
}

export function readRange(element: XmlElement | undefined): Range | undefined {
  const [min, max] = [numberFrom(textAt(element, 'Min')), numberFrom(textAt(element, 'Max'))];
  return min === undefined || max === undefined ? undefined : { min, max };
}

/** GetPresets (PTZ section 5.5.1); those without a token cannot be called and are left out. */
export function readPresets(body: XmlElement): PtzPreset[] {
  return findAll(body, 'Preset').flatMap((each) => {
    const token = attribute(each, 'token');
    if (token === undefined || token === '') return [];
    return [{ token, ...defined({ name: textAt(each, 'Name'), position: readVector(child(each, 'PTZPosition')) }) }];
  });
}

function readVector(element: XmlElement | undefined): PtzVector | undefined {
  const [panTilt, zoom] = [child(element, 'PanTilt'), child(element, 'Zoom')];
  const vector = defined({
    pan: numberFrom(attribute(panTilt, 'x')),
    tilt: numberFrom(attribute(panTilt, 'y')),
    zoom: numberFrom(attribute(zoom, 'x')),
  });
  return Object.keys(vector).length === 0 ? undefined : vector;
}

export interface PtzStatusReply extends PtzStatus {
  /** "IDLE", "MOVING" or "UNKNOWN" for each, as written. */
  readonly moveStatus?: { readonly panTilt?: string; readonly zoom?: string };
  readonly utcMs?: number;
}

/** GetStatus (PTZ section 5.4.5). Everything in it is optional, and some write an error to say that there is none. */
export function readPtzStatus(body: XmlElement): PtzStatusReply {
  const root = find(body, 'PTZStatus') ?? body;
  const move = child(root, 'MoveStatus');
  const moveStatus = defined({ panTilt: textAt(move, 'PanTilt'), zoom: textAt(move, 'Zoom') });
  const words = Object.values(moveStatus).map((word) => word.toUpperCase());
  return defined({
    position: readVector(child(root, 'Position')),
    moveStatus: words.length === 0 ? undefined : moveStatus,
    moving: words.includes('MOVING') ? true : words.includes('IDLE') ? false : undefined,
    error: textAt(root, 'Error'),
    utcMs: timeMsFrom(textAt(root, 'UtcTime')),
  });
}

/** SetPreset. */
export function readPresetToken(body: XmlElement): string | undefined {
  return textAt(body, 'PresetToken');
}
