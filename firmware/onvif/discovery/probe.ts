import { randomUUID } from 'node:crypto';
import { deviceUrl, orderXaddrs } from '../address-rule.ts';
import { defined, readScopeFacts } from '../replies/device-replies.ts';
import type { FoundDevice } from '../types.ts';
import { attribute, child, find, findAll, textAt, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';

const DISCOVERY = 'http://schemas.xmlsoap.org/ws/2005/04/discovery';
const ADDRESSING = 'http://schemas.xmlsoap.org/ws/2004/08/addressing';

/** Cameras answer only what they know: the type of ONVIF 1, that of ONVIF 2, and, a few, only a probe for anything. */
const TYPES = [
  { xmlns: 'http://www.onvif.org/ver10/network/wsdl', name: 'NetworkVideoTransmitter' },
  { xmlns: 'http://www.onvif.org/ver10/device/wsdl', name: 'Device' },
  undefined,
] as const;

export interface Probe {
  /** "uuid:..."; a fresh one for each, since some answer an id only once. */
  readonly id: string;
  readonly text: string;
}

/** One probe of each form (WS-Discovery 2005/04 section 5.2, ONVIF Core section 7.3). */
export function makeProbes(): Probe[] {
  return TYPES.map((type) => {
    const id = `uuid:${randomUUID()}`;
    const types = type ? `<d:Types xmlns:n="${type.xmlns}">n:${type.name}</d:Types>` : '<d:Types/>';
    const text =
      `<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"` +
      ` xmlns:w="${ADDRESSING}" xmlns:d="${DISCOVERY}"><e:Header><w:MessageID>${id}</w:MessageID>` +
      `<w:To e:mustUnderstand="true">urn:schemas-xmlsoap-org:ws:2005:04:discovery</w:To>` +
      `<w:Action e:mustUnderstand="true">${DISCOVERY}/Probe</w:Action></e:Header>` +
      `<e:Body><d:Probe>${types}</d:Probe></e:Body></e:Envelope>`;
    return { id, text };
  });
}

/** What one answer to a probe says. */
export interface ProbeMatch {
  readonly endpoint: string;
  readonly types: readonly string[];
  readonly scopes: readonly string[];
  /** As written. */
  readonly xaddrs: readonly string[];
}

export interface ProbeAnswer {
  /** "ProbeMatches", "Hello", "Bye"... */
  readonly operation: string;
  /** The id of the probe. */
  readonly relatesTo?: string;
  readonly envelopeNamespace: string;
  readonly matches: readonly ProbeMatch[];
}

const MAX_DATAGRAM = 64 * 1024;
const LIMITS = { maxBytes: MAX_DATAGRAM, maxDepth: 16, maxElements: 2000, maxAttributes: 200, maxFaults: 100 };
const MAX_MATCHES = 32;

/**
 * Reads a datagram; undefined if it is nothing of WS-Discovery.
 * @throws BoxError onvif.hostile-xml
 */
export function readProbeAnswer(bytes: Uint8Array): ProbeAnswer | undefined {
  const envelope = readXml(bytes, LIMITS);
  if (envelope?.name !== 'Envelope') return undefined;
  const content = child(envelope, 'Body')?.children[0];
  if (!content) return undefined;
  const elements = findAll(content, 'ProbeMatch');
  const hello = content.name === 'Hello' || content.name === 'ResolveMatch' ? [content] : [];
  return {
    operation: content.name,
    ...defined({ relatesTo: find(child(envelope, 'Header'), 'RelatesTo')?.text }),
    envelopeNamespace: envelope.namespace,
    matches: [...elements, ...hello].slice(0, MAX_MATCHES).map(readMatch),
  };
}

function readMatch(element: XmlElement): ProbeMatch {
  return {
    endpoint: textAt(element, 'EndpointReference', 'Address') ?? attribute(element, 'Address') ?? '',
    types: words(textAt(element, 'Types')),
    scopes: words(textAt(element, 'Scopes')),
    xaddrs: words(textAt(element, 'XAddrs')),
  };
}

function words(text: string | undefined): string[] {
  return (text ?? '')
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 64);
}

/** "urn:uuid:x", "uuid:x" and "x" name one endpoint. */
export function endpointOf(text: string): string {
  const bare = text
    .trim()
    .toLowerCase()
    .replace(/^urn:/, '')
    .replace(/^uuid:/, '');
  return bare === '' ? '' : /^[a-z]+:\/\//.test(bare) ? bare : `urn:uuid:${bare}`;
}

/** A device that may be a camera, or undefined for printers and the like, which answer a probe for anything. */
export function deviceFrom(match: ProbeMatch, sender: string, box: string | undefined): FoundDevice | undefined {
  // Without an address it is at the usual place of whoever answered.
  const named = match.xaddrs.length > 0 ? match.xaddrs : [deviceUrl(sender).href];
  const xaddrs = orderXaddrs(named, sender);
  const isOnvif =
    match.scopes.some((scope) => /^onvif:/i.test(scope)) ||
    match.types.some((type) => /NetworkVideo|NVT$|NVS$|NVD$/i.test(type)) ||
    match.xaddrs.some((xaddr) => /onvif/i.test(xaddr));
  if (xaddrs.length === 0 || !isOnvif) return undefined;
  return {
    endpoint: endpointOf(match.endpoint),
    xaddrs,
    address: sender,
    ...(box !== undefined && { interface: box }),
    types: match.types,
    scopes: match.scopes,
    ...readScopeFacts(match.scopes),
  };
}
