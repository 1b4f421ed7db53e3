import { textAt } from '../../../firmware/onvif/xml/element.ts';
import type { Handler } from './state.ts';
import { Fault } from './request.ts';

/** Relay outputs, as the device service has them. */
export const relays: Readonly<Record<string, Handler>> = {
  GetRelayOutputs: (camera) =>
    [...camera.relays.keys()]
      .map(
        (token) =>
          `<tds:RelayOutputs token="${token}"><tt:Properties><tt:Mode>Bistable</tt:Mode><tt:DelayTime>PT1S</tt:DelayTime>` +
          '<tt:IdleState>open</tt:IdleState></tt:Properties></tds:RelayOutputs>',
      )
      .join(''),
  SetRelayOutputState: (camera, { body }) => {
    const token = textAt(body, 'RelayOutputToken') ?? '';
    if (!camera.relays.has(token)) throw new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'ter:RelayToken');
    camera.setRelay(token, textAt(body, 'LogicalState') === 'active');
    return '';
  },
};

export const deviceIO: Readonly<Record<string, Handler>> = {
  GetDigitalInputs: (camera) =>
    [...camera.inputs.keys()].map((token) => `<tmd:DigitalInputs token="${token}" IdleState="open"/>`).join(''),
};
