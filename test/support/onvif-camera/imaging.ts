import { find, textAt } from '../../../firmware/onvif/xml/element.ts';
import { numberFrom } from '../../../firmware/onvif/xml/values.ts';
import type { Handler } from './state.ts';

const range = (name: string, min: number, max: number): string =>
  `<tt:${name}><tt:Min>${min}</tt:Min><tt:Max>${max}</tt:Max></tt:${name}>`;

export const imaging: Readonly<Record<string, Handler>> = {
  GetMoveOptions: () =>
    `<timg:MoveOptions><tt:Absolute>${range('Position', 0, 1)}</tt:Absolute>` +
    `<tt:Relative>${range('Distance', -1, 1)}</tt:Relative><tt:Continuous>${range('Speed', -1, 1)}</tt:Continuous></timg:MoveOptions>`,
  GetOptions: () =>
    `<timg:ImagingOptions><tt:Exposure><tt:Mode>AUTO</tt:Mode><tt:Mode>MANUAL</tt:Mode>${range('Iris', -22, 0)}</tt:Exposure></timg:ImagingOptions>`,
  GetImagingSettings: ({ lens }) =>
    `<timg:ImagingSettings><tt:Exposure><tt:Mode>MANUAL</tt:Mode><tt:Iris>${lens.iris}</tt:Iris></tt:Exposure></timg:ImagingSettings>`,
  SetImagingSettings: (camera, { body }) => {
    camera.lens.iris = numberFrom(textAt(find(body, 'Exposure'), 'Iris')) ?? camera.lens.iris;
    return '';
  },
  GetStatus: ({ lens }) =>
    `<timg:Status><tt:FocusStatus20><tt:Position>${lens.focus}</tt:Position><tt:MoveStatus>IDLE</tt:MoveStatus></tt:FocusStatus20></timg:Status>`,
  Move: (camera, { body }) => {
    const value = (kind: string, name: string): number | undefined => numberFrom(textAt(find(body, kind), name));
    const { lens } = camera;
    const position = value('Absolute', 'Position') ?? lens.focus + (value('Relative', 'Distance') ?? 0);
    lens.focus = Math.min(1, Math.max(0, position));
    lens.speed = value('Continuous', 'Speed') ?? 0;
    return '';
  },
  Stop: (camera) => {
    camera.lens.speed = 0;
    return '';
  },
};
