/** What a client sent, as the simulated camera sees it, and the XML it answers with. */
import { find, type XmlElement } from '../../../firmware/onvif/xml/element.ts';
import { readXml } from '../../../firmware/onvif/xml/read.ts';

export const URIS = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  imaging: 'http://www.onvif.org/ver20/imaging/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  deviceIO: 'http://www.onvif.org/ver10/deviceIO/wsdl',
  notification: 'http://docs.oasis-open.org/wsn/b-2',
} as const;

export type Service = keyof typeof URIS;

export interface SoapRequest {
  readonly service: Service | undefined;
  readonly operation: string;
  readonly body: XmlElement;
  readonly header: XmlElement | undefined;
  readonly path: string;
}

/** The camera's own fault: its SOAP codes, outermost first. */
export class Fault extends Error {
  readonly codes: readonly string[];
  readonly status: number;

  constructor(status: number, ...codes: readonly string[]) {
    super(codes.join(' '));
    this.codes = codes;
    this.status = status;
  }
}

export function readRequest(bytes: Buffer, path: string): SoapRequest {
  const envelope = readXml(bytes);
  const body = find(envelope, 'Body')?.children[0];
  if (!body) throw new Fault(400, 'env:Sender', 'ter:WellFormed');
  const service = (Object.keys(URIS) as Service[]).find((each) => URIS[each] === body.namespace);
  return { service, operation: body.name, body, header: find(envelope, 'Header'), path };
}

const PREFIXES: Readonly<Record<Service, string>> = {
  device: 'tds',
  media: 'trt',
  media2: 'tr2',
  ptz: 'tptz',
  imaging: 'timg',
  events: 'tev',
  deviceIO: 'tmd',
  notification: 'wsnt',
};

export function envelope(body: string, header = ''): string {
  const spaces = (Object.keys(URIS) as Service[]).map((each) => ` xmlns:${PREFIXES[each]}="${URIS[each]}"`).join('');
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<env:Envelope xmlns:env="http://www.w3.org/2003/05/soap-envelope"' +
    ' xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error"' +
    ' xmlns:wsa5="http://www.w3.org/2005/08/addressing" xmlns:tns1="http://www.onvif.org/ver10/topics"' +
    `${spaces}>${header === '' ? '' : `<env:Header>${header}</env:Header>`}<env:Body>${body}</env:Body></env:Envelope>`
  );
}

export function answerText(service: Service, operation: string, content: string, header = ''): string {
  const name = `${PREFIXES[service]}:${operation}Response`;
  return envelope(`<${name}>${content}</${name}>`, header);
}

export function faultText(fault: Fault): string {
  const [code = 'env:Receiver', ...rest] = fault.codes;
  const subcodes = rest.reduceRight(
    (inner, each) => `<env:Subcode><env:Value>${each}</env:Value>${inner}</env:Subcode>`,
    '',
  );
  return envelope(
    `<env:Fault><env:Code><env:Value>${code}</env:Value>${subcodes}</env:Code>` +
      '<env:Reason><env:Text xml:lang="en"></env:Text></env:Reason></env:Fault>',
  );
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
