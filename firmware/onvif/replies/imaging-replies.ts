import { child, find, textAt, type XmlElement } from '../xml/element.ts';
import { numberFrom } from '../xml/values.ts';
import { readRange, type Range } from './ptz-replies.ts';

/** What GetMoveOptions says of the focus (ONVIF Imaging section 5.5); each is there only if the camera can do it. */
export interface FocusOptions {
  readonly absolute?: Range;
  readonly relative?: Range;
  readonly continuous?: Range;
}

export function readFocusOptions(body: XmlElement): FocusOptions {
  const options = find(body, 'MoveOptions') ?? body;
  const absolute = child(options, 'Absolute');
  const relative = child(options, 'Relative');
  const continuous = child(options, 'Continuous');
  return {
    ...(absolute && { absolute: readRange(child(absolute, 'Position')) ?? { min: 0, max: 1 } }),
    ...(relative && { relative: readRange(child(relative, 'Distance')) ?? { min: -1, max: 1 } }),
    ...(continuous && { continuous: readRange(child(continuous, 'Speed')) ?? { min: -1, max: 1 } }),
  };
}

/** The range in which the iris can be set (GetOptions, section 5.3); undefined if it cannot. */
export function readIrisRange(body: XmlElement): Range | undefined {
  return readRange(child(find(body, 'Exposure'), 'Iris'));
}

export function readIris(body: XmlElement): number | undefined {
  return numberFrom(textAt(find(body, 'Exposure'), 'Iris'));
}
