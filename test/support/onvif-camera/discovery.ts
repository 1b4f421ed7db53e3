/** The simulated camera's end of WS-Discovery: real multicast on one interface, answers by unicast. */
import { createSocket, type Socket } from 'node:dgram';
import { find, textAt } from '../../../firmware/onvif/xml/element.ts';
import { readXml } from '../../../firmware/onvif/xml/read.ts';
import { escape } from './request.ts';

const GROUP = '239.255.255.250';
const PORT = 3702;

export interface Announcement {
  readonly endpoint: string;
  readonly scopes: readonly string[];
  readonly xaddrs: readonly string[];
}

/** How it answers; every field is a fault of some camera. */
export interface DiscoveryFaults {
  readonly silent?: boolean;
  /** Answers only the first probe of this type name. */
  readonly onlyType?: string;
  /** This many probes go unanswered first. */
  readonly missFirst?: number;
  /** Each answer is sent so often. */
  readonly repeat?: number;
  /** Said instead of an answer; a function: something else each time. */
  readonly raw?: string | (() => string);
}

export class DiscoveryResponder {
  probes = 0;
  faults: DiscoveryFaults = {};
  readonly #announcement: () => Announcement;
  #sockets: Socket[] = [];
  #own: Socket | undefined;

  constructor(announcement: () => Announcement) {
    this.#announcement = announcement;
  }

  /** Listens on the interface with that address, for multicast and for probes sent to the address itself. */
  async start(address: string): Promise<void> {
    const group = await this.#bind('0.0.0.0', PORT);
    group.addMembership(GROUP, address);
    group.setMulticastInterface(address);
    // Answers come from the camera's own address, also where the machine has several.
    this.#own = await this.#bind(address, 0);
    this.#sockets = [group, this.#own];
  }

  stop(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }

  async #bind(address: string, ownPort: number): Promise<Socket> {
    const socket = createSocket({ type: 'udp4', reuseAddr: true });
    socket.on('message', (bytes, { address: to, port }) => this.#answer(bytes, to, port));
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(ownPort, address, resolve);
    });
    return socket;
  }

  #answer(bytes: Buffer, to: string, port: number): void {
    let probe;
    try {
      probe = readXml(bytes);
    } catch {
      return;
    }
    if (find(find(probe, 'Body'), 'Probe') === undefined) return;
    this.probes++;
    const { silent, onlyType, missFirst = 0, repeat = 1, raw } = this.faults;
    const types = textAt(find(probe, 'Probe'), 'Types') ?? '';
    const isWanted = types === '' || /:(NetworkVideoTransmitter|Device)$/.test(types);
    if (silent || !isWanted || this.probes <= missFirst) return;
    if (onlyType !== undefined && !types.endsWith(`:${onlyType}`)) return;
    for (let index = 0; index < repeat; index++) {
      const own = typeof raw === 'function' ? raw() : raw;
      this.#own?.send(own ?? this.#matches(find(probe, 'MessageID')?.text ?? ''), port, to);
    }
  }

  #matches(relatesTo: string): string {
    const { endpoint, scopes, xaddrs } = this.#announcement();
    const addressing = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';
    return (
      '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"' +
      ` xmlns:wsa="${addressing}" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery"` +
      ' xmlns:dn="http://www.onvif.org/ver10/network/wsdl" xmlns:tds="http://www.onvif.org/ver10/device/wsdl">' +
      `<SOAP-ENV:Header><wsa:MessageID>urn:uuid:${crypto.randomUUID()}</wsa:MessageID>` +
      `<wsa:RelatesTo>${escape(relatesTo)}</wsa:RelatesTo><wsa:To>${addressing}/role/anonymous</wsa:To>` +
      '<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></SOAP-ENV:Header>' +
      '<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference>' +
      `<wsa:Address>${endpoint}</wsa:Address></wsa:EndpointReference>` +
      `<d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types><d:Scopes>${escape(scopes.join(' '))}</d:Scopes>` +
      `<d:XAddrs>${escape(xaddrs.join(' '))}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>` +
      '</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>'
    );
  }
}
