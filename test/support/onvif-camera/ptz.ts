import { attribute, child, find, textAt, type XmlElement } from '../../../firmware/onvif/xml/element.ts';
import { durationMsFrom, numberFrom } from '../../../firmware/onvif/xml/values.ts';
import type { Place, Preset } from './head.ts';
import { profileOf } from './media.ts';
import { halfView } from './panorama.ts';
import type { Handler, CameraState } from './state.ts';
import { escape, Fault, type SoapRequest } from './request.ts';

const SPACES = [
  ['AbsolutePanTiltPositionSpace', 'PanTiltSpaces/PositionGenericSpace', -1, true],
  ['AbsoluteZoomPositionSpace', 'ZoomSpaces/PositionGenericSpace', 0, false],
  ['RelativePanTiltTranslationSpace', 'PanTiltSpaces/TranslationGenericSpace', -1, true],
  ['RelativePanTiltTranslationSpace', 'PanTiltSpaces/TranslationSpaceFov', -1, true],
  ['RelativeZoomTranslationSpace', 'ZoomSpaces/TranslationGenericSpace', -1, false],
  ['ContinuousPanTiltVelocitySpace', 'PanTiltSpaces/VelocityGenericSpace', -1, true],
  ['ContinuousZoomVelocitySpace', 'ZoomSpaces/VelocityGenericSpace', -1, false],
] as const;

/** An operation that names a profile which moves. */
function moving(handler: Handler): Handler {
  return (camera, request) => {
    if (!profileOf(camera, request).movable)
      throw new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'ter:NoPTZProfile');
    return handler(camera, request);
  };
}

export const ptz: Readonly<Record<string, Handler>> = {
  GetNodes: (camera) => `<tptz:PTZNode token="NODE">${node(camera)}</tptz:PTZNode>`,
  GetNode: (camera) => `<tptz:PTZNode token="NODE">${node(camera)}</tptz:PTZNode>`,
  GetConfigurations: () =>
    '<tptz:PTZConfiguration token="PTZC"><tt:Name>ptz</tt:Name><tt:UseCount>1</tt:UseCount><tt:NodeToken>NODE</tt:NodeToken></tptz:PTZConfiguration>',
  ContinuousMove: moving((camera, { body }) => {
    const speed = vectorOf(child(body, 'Velocity'));
    refuseMissing(camera, 'Continuous', speed);
    const timeoutMs = durationMsFrom(textAt(body, 'Timeout'));
    const { maxMoveTimeoutMs } = camera.faults;
    if (maxMoveTimeoutMs !== undefined && timeoutMs !== undefined && timeoutMs > maxMoveTimeoutMs) {
      throw new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'ter:TimeoutNotSupported');
    }
    camera.head.move(speed, timeoutMs);
    return '';
  }),
  RelativeMove: moving((camera, { body }) => {
    const way = vectorOf(child(body, 'Translation'));
    refuseMissing(camera, 'Relative', way);
    const { pan, tilt, zoom } = camera.head.place;
    const isInPicture = attribute(find(child(body, 'Translation'), 'PanTilt'), 'space')?.endsWith('Fov') === true;
    if (isInPicture && isMissing(camera, 'TranslationSpaceFov')) throw noSpace();
    const unit = isInPicture ? halfView(zoom) : { pan: 1, tilt: 1 };
    camera.head.goTo({
      pan: pan + (way.pan ?? 0) * unit.pan,
      tilt: tilt + (way.tilt ?? 0) * unit.tilt,
      zoom: zoom + (way.zoom ?? 0),
    });
    return '';
  }),
  AbsoluteMove: moving((camera, { body }) => {
    const place = vectorOf(child(body, 'Position'));
    refuseMissing(camera, 'Absolute', place);
    camera.head.goTo(place);
    return '';
  }),
  Stop: moving((camera) => {
    camera.head.stop();
    return '';
  }),
  GetStatus: moving((camera) => {
    const word = camera.head.moving ? 'MOVING' : 'IDLE';
    return (
      `<tptz:PTZStatus>${place('tt:Position', camera.head.place)}<tt:MoveStatus><tt:PanTilt>${word}</tt:PanTilt>` +
      `<tt:Zoom>${word}</tt:Zoom></tt:MoveStatus><tt:UtcTime>${new Date(camera.nowMs).toISOString()}</tt:UtcTime></tptz:PTZStatus>`
    );
  }),
  GetPresets: moving((camera) => [...camera.head.presets.values()].map(presetText).join('')),
  SetPreset: moving((camera, { body }) => {
    const token = textAt(body, 'PresetToken');
    if (token !== undefined && !camera.head.presets.has(token)) throw noToken();
    return `<tptz:PresetToken>${camera.head.keep(textAt(body, 'PresetName') ?? '', token)}</tptz:PresetToken>`;
  }),
  RemovePreset: moving((camera, request) => {
    camera.head.presets.delete(presetOf(camera, request).token);
    return '';
  }),
  GotoPreset: moving((camera, request) => {
    camera.head.goTo(presetOf(camera, request).place);
    return '';
  }),
  GotoHomePosition: moving((camera) => {
    camera.head.goTo(camera.head.home);
    return '';
  }),
  SetHomePosition: moving((camera) => {
    camera.head.home = camera.head.place;
    return '';
  }),
  SendAuxiliaryCommand: moving((_camera, { body }) => {
    return `<tptz:AuxiliaryResponse>${escape(textAt(body, 'AuxiliaryData') ?? '')}</tptz:AuxiliaryResponse>`;
  }),
};

function node(camera: CameraState): string {
  const spaces = SPACES.filter(([kind, uri]) => !isMissing(camera, kind) && !isMissing(camera, uri.split('/')[1]!))
    .map(([kind, uri, min, both]) => {
      const range = (axis: string): string => `<tt:${axis}><tt:Min>${min}</tt:Min><tt:Max>1</tt:Max></tt:${axis}>`;
      return `<tt:${kind}><tt:URI>http://www.onvif.org/ver10/tptz/${uri}</tt:URI>${range('XRange')}${both ? range('YRange') : ''}</tt:${kind}>`;
    })
    .join('');
  return (
    `<tt:Name>head</tt:Name><tt:SupportedPTZSpaces>${spaces}</tt:SupportedPTZSpaces>` +
    '<tt:MaximumNumberOfPresets>100</tt:MaximumNumberOfPresets><tt:HomeSupported>true</tt:HomeSupported>' +
    '<tt:AuxiliaryCommands>tt:Wiper|On</tt:AuxiliaryCommands>'
  );
}

/** `space`: the beginning of its kind, or the end of its name. */
function isMissing(camera: CameraState, space: string): boolean {
  return camera.faults.missingSpaces.some((each) => space.startsWith(each));
}

function refuseMissing(camera: CameraState, movement: string, vector: Partial<Place>): void {
  const { missingSpaces } = camera.faults;
  const missing = (axis: string): boolean => missingSpaces.some((each) => `${movement}${axis}`.startsWith(each));
  const usesField = vector.pan !== undefined || vector.tilt !== undefined;
  if ((usesField && missing('PanTilt')) || (vector.zoom !== undefined && missing('Zoom'))) {
    throw noSpace();
  }
}

function vectorOf(element: XmlElement | undefined): Partial<Place> {
  const number = (name: string, axis: string): number | undefined => numberFrom(attribute(find(element, name), axis));
  const [pan, tilt, zoom] = [number('PanTilt', 'x'), number('PanTilt', 'y'), number('Zoom', 'x')];
  return {
    ...(pan !== undefined && { pan }),
    ...(tilt !== undefined && { tilt }),
    ...(zoom !== undefined && { zoom }),
  };
}

function place(name: string, { pan, tilt, zoom }: Place): string {
  return `<${name}><tt:PanTilt x="${pan}" y="${tilt}"/><tt:Zoom x="${zoom}"/></${name}>`;
}

function presetText(preset: Preset): string {
  return `<tptz:Preset token="${preset.token}"><tt:Name>${escape(preset.name)}</tt:Name>${place('tt:PTZPosition', preset.place)}</tptz:Preset>`;
}

function presetOf(camera: CameraState, { body }: SoapRequest): Preset {
  const preset = camera.head.presets.get(textAt(body, 'PresetToken') ?? '');
  if (!preset) throw noToken();
  return preset;
}

function noSpace(): Fault {
  return new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'ter:SpaceNotSupported');
}

function noToken(): Fault {
  return new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'ter:NoToken');
}
