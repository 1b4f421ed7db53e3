import { BoxError } from '../base/index.ts';
import { readDigitalInputs, readRelays } from './replies/device-replies.ts';
import type { CameraSession } from './session.ts';
import type { SoapAnswer } from './soap/reply.ts';
import type { DigitalInput, RelayOutput } from './types.ts';
import { escapeXml } from './xml/values.ts';

/** The terminals of a camera. Relays are at the device service of most cameras, else at the DeviceIO service. */
export class InputsOutputs {
  readonly #session: CameraSession;

  constructor(session: CameraSession) {
    this.#session = session;
  }

  /** None where the camera has no such service. */
  async relays(signal: AbortSignal): Promise<RelayOutput[]> {
    const answer = await this.#either('GetRelayOutputs', '', signal).catch(absentIsUndefined);
    return answer ? readRelays(answer.body) : [];
  }

  async setRelay(token: string, active: boolean, signal: AbortSignal): Promise<void> {
    const state = active ? 'active' : 'inactive';
    const content = `<t:RelayOutputToken>${escapeXml(token)}</t:RelayOutputToken><t:LogicalState>${state}</t:LogicalState>`;
    await this.#either('SetRelayOutputState', content, signal);
  }

  /** None where the camera has no such service. Their states come as events. */
  async inputs(signal: AbortSignal): Promise<DigitalInput[]> {
    if (!(await this.#has('deviceIO', signal))) return [];
    const answer = await this.#session.call('deviceIO', 'GetDigitalInputs', signal).catch(absentIsUndefined);
    return answer ? readDigitalInputs(answer.body) : [];
  }

  async #either(operation: string, content: string, signal: AbortSignal): Promise<SoapAnswer> {
    try {
      return await this.#session.call('device', operation, signal, { content });
    } catch (error) {
      const isAbsent = error instanceof BoxError && error.code === 'onvif.not-supported';
      if (!isAbsent || !(await this.#has('deviceIO', signal))) throw error;
      // The DeviceIO service takes these messages in the words of the device service.
      return await this.#session.call('deviceIO', operation, signal, { content, namespace: 'device' });
    }
  }

  async #has(service: 'deviceIO', signal: AbortSignal): Promise<boolean> {
    await this.#session.open(signal);
    return this.#session.has(service);
  }
}

function absentIsUndefined(error: unknown): undefined {
  if (error instanceof BoxError && error.code === 'onvif.not-supported') return undefined;
  throw error;
}
