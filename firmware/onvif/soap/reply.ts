import { child, findAll, textAt, type XmlElement } from '../xml/element.ts';
import { readXml } from '../xml/read.ts';

export interface SoapAnswer {
  readonly kind: 'answer';
  /** Name of the first element of the body, as "GetProfilesResponse". */
  readonly operation: string;
  readonly body: XmlElement;
  readonly header?: XmlElement;
  readonly envelopeNamespace: string;
}

export interface SoapFault {
  readonly kind: 'fault';
  /** Outermost first, as written: "env:Sender", "ter:NotAuthorized". */
  readonly codes: readonly string[];
  /** Empty where the camera gives none. */
  readonly reason: string;
  readonly envelopeNamespace: string;
}

/** Not SOAP at all: the page of a web server, nothing, or noise. The service is not there. */
export interface NotSoap {
  readonly kind: 'not-soap';
  readonly content: 'html' | 'empty' | 'other';
}

export type SoapReply = SoapAnswer | SoapFault | NotSoap;

const HTML = /^[\s\uFEFF]*(?:<!--.{0,500}?-->\s*)?<(?:!doctype\s+html|html|head|body|title)\b/is;

/**
 * Reads the body of an answer, whatever status it came with: SOAP 1.2 and 1.1, any prefixes.
 * @throws BoxError onvif.hostile-xml
 */
export function readReply(bytes: Uint8Array): SoapReply {
  if (bytes.every((byte) => byte <= 0x20)) return { kind: 'not-soap', content: 'empty' };
  if (HTML.test(Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2048)).toString('latin1'))) {
    return { kind: 'not-soap', content: 'html' };
  }
  const envelope = readXml(bytes);
  if (envelope?.name !== 'Envelope') return { kind: 'not-soap', content: 'other' };
  const body = child(envelope, 'Body');
  const fault = child(body, 'Fault');
  const envelopeNamespace = envelope.namespace;
  if (fault) return { kind: 'fault', codes: faultCodes(fault), reason: faultReason(fault), envelopeNamespace };
  const content = body?.children[0];
  if (!content) return { kind: 'not-soap', content: 'empty' };
  const header = child(envelope, 'Header');
  return { kind: 'answer', operation: content.name, body: content, envelopeNamespace, ...(header && { header }) };
}

function faultCodes(fault: XmlElement): string[] {
  const code = child(fault, 'Code');
  const nested = findAll(code, 'Value').map(({ text }) => text);
  const old = textAt(fault, 'faultcode');
  return [...nested, ...(old === undefined ? [] : [old])].filter((text) => text !== '').slice(0, 8);
}

function faultReason(fault: XmlElement): string {
  const texts = findAll(fault, 'Text').map(({ text }) => text);
  const old = textAt(fault, 'faultstring');
  return [...texts, ...(old === undefined ? [] : [old])]
    .filter((text) => text !== '')
    .join(' ')
    .slice(0, 500);
}

export function hasCode(fault: SoapFault, name: string): boolean {
  return fault.codes.some((code) => local(code).toLowerCase() === name.toLowerCase());
}

function local(code: string): string {
  return code.slice(code.lastIndexOf(':') + 1).trim();
}
