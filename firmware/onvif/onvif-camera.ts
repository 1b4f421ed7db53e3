import { isIP } from 'node:net';
import { BoxError } from '../base/index.ts';
import { setTimeContent } from './camera-time.ts';
import type { OnvifDeps, OnvifTarget } from './ports.ts';
import {
  defined,
  readDeviceInformation,
  readEndpoint,
  readMacs,
  readNtp,
  readScopeFacts,
  readScopes,
} from './replies/device-replies.ts';
import { listen } from './events/listen.ts';
import { endpointOf } from './discovery/probe.ts';
import { InputsOutputs } from './inputs-outputs.ts';
import { Media } from './media.ts';
import { PtzControl } from './ptz/ptz-control.ts';
import { CameraSession } from './session.ts';
import type { SoapAnswer } from './soap/reply.ts';
import type { CameraClock, CameraIdentity, EventSink, NtpServers, OnvifFacts } from './types.ts';
import { escapeXml } from './xml/values.ts';

/**
 * One camera, spoken to by ONVIF. Nothing is sent before the first call; each call connects, asks and closes, so there is
 * nothing to stop. All calls reject with a BoxError `onvif.*`, with what a guard throws, or with the reason of the signal.
 */
export class OnvifCamera {
  /** Digital inputs and relay outputs. */
  readonly io: InputsOutputs;
  /** Profiles, streams and snapshots. */
  readonly media: Media;
  readonly #session: CameraSession;

  /** @throws BoxError onvif.bad-address */
  constructor(target: OnvifTarget, deps: OnvifDeps) {
    this.#session = new CameraSession(target, deps);
    this.io = new InputsOutputs(this.#session);
    this.media = new Media(this.#session);
  }

  /** Reads clock and services if that was not done yet, and says what they are. */
  async facts(signal: AbortSignal): Promise<OnvifFacts> {
    await this.#session.open(signal);
    const { address, services, clock } = this.#session;
    return { address: address.href, services, clock };
  }

  /** Everything by which the camera can be told from others. What it does not tell is left out; a login that is refused rejects. */
  async identity(signal: AbortSignal): Promise<CameraIdentity> {
    await this.#session.open(signal);
    const ask = async (operation: string): Promise<SoapAnswer | undefined> => await this.#optional(operation, signal);
    const information = await ask('GetDeviceInformation');
    const network = await ask('GetNetworkInterfaces');
    const scopes = await ask('GetScopes');
    const endpoint = await ask('GetEndpointReference');
    const facts = readScopeFacts(scopes ? readScopes(scopes.body) : []);
    const macs = network ? readMacs(network.body) : [];
    const guid = endpoint && readEndpoint(endpoint.body);
    return {
      ...(information && readDeviceInformation(information.body)),
      macs: facts.mac === undefined || macs.includes(facts.mac) ? macs : [...macs, facts.mac],
      ...defined({
        endpoint: guid === undefined ? undefined : endpointOf(guid),
        name: facts.name,
        location: facts.location,
        certificateSha256: this.#session.soap.source?.certificateSha256,
      }),
    };
  }

  /** Asks for the time anew. */
  async clock(signal: AbortSignal): Promise<CameraClock> {
    await this.#session.open(signal);
    return await this.#session.readClock(signal);
  }

  /** Sets the clock of the camera to that time (ms since 1970), by hand and in UTC; its zone stays. Gives the clock as it is then. */
  async setClock(utcMs: number, signal: AbortSignal): Promise<CameraClock> {
    const { zone, daylightSavings } = await this.clock(signal);
    await this.#session.call('device', 'SetSystemDateAndTime', signal, {
      content: setTimeContent('Manual', { utcMs, zone, daylightSavings }),
    });
    return await this.#session.readClock(signal);
  }

  async ntp(signal: AbortSignal): Promise<NtpServers> {
    const { body } = await this.#session.call('device', 'GetNTP', signal);
    return readNtp(body);
  }

  /** Lets the camera take its time from these servers (addresses or names), and follow them. */
  async setNtp(servers: readonly string[], signal: AbortSignal): Promise<void> {
    const { zone, daylightSavings } = await this.clock(signal);
    const manual = servers.map((server) => {
      const text = escapeXml(server);
      const kind = isIP(server);
      if (kind === 0) return `<t:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>${text}</tt:DNSname></t:NTPManual>`;
      return `<t:NTPManual><tt:Type>IPv${kind}</tt:Type><tt:IPv${kind}Address>${text}</tt:IPv${kind}Address></t:NTPManual>`;
    });
    const content = `<t:FromDHCP>false</t:FromDHCP>${manual.join('')}`;
    await this.#session.call('device', 'SetNTP', signal, { content });
    await this.#session.call('device', 'SetSystemDateAndTime', signal, {
      content: setTimeContent('NTP', { zone, daylightSavings }),
    });
  }

  /**
   * The movement of the camera by one profile, or by the first that moves; undefined for a camera that does not move. Keep it
   * for as long as somebody steers, and close it then.
   */
  async ptz(signal: AbortSignal, profile?: string): Promise<PtzControl | undefined> {
    return await PtzControl.open(this.#session, this.media, profile, signal);
  }

  /** Hears what the camera tells, until the signal; begins anew after every failure. Never rejects. */
  async listen(sink: EventSink, signal: AbortSignal): Promise<void> {
    await listen(this.#session, sink, signal);
  }

  /** Restarts the camera. What was learnt of it is learnt anew afterwards. */
  async reboot(signal: AbortSignal): Promise<void> {
    await this.#session.call('device', 'SystemReboot', signal);
    this.#session.forget();
  }

  /** Undefined where the camera does not offer it or does not let this user see it. */
  async #optional(operation: string, signal: AbortSignal): Promise<SoapAnswer | undefined> {
    try {
      return await this.#session.call('device', operation, signal);
    } catch (error) {
      const known = ['onvif.not-supported', 'onvif.refused', 'onvif.forbidden', 'onvif.bad-answer'];
      if (error instanceof BoxError && known.includes(error.code)) return undefined;
      throw error;
    }
  }
}
