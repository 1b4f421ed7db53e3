import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Credentials } from '../../base/index.ts';
import { escapeXml, timeText } from '../xml/values.ts';

/** Namespaces of what the box says (ONVIF Core chapter 5, and the WSDL of each service). */
export const NAMESPACES = {
  device: 'http://www.onvif.org/ver10/device/wsdl',
  media: 'http://www.onvif.org/ver10/media/wsdl',
  media2: 'http://www.onvif.org/ver20/media/wsdl',
  ptz: 'http://www.onvif.org/ver20/ptz/wsdl',
  imaging: 'http://www.onvif.org/ver20/imaging/wsdl',
  events: 'http://www.onvif.org/ver10/events/wsdl',
  deviceIO: 'http://www.onvif.org/ver10/deviceIO/wsdl',
  analytics: 'http://www.onvif.org/ver20/analytics/wsdl',
  recording: 'http://www.onvif.org/ver10/recording/wsdl',
  search: 'http://www.onvif.org/ver10/search/wsdl',
  replay: 'http://www.onvif.org/ver10/replay/wsdl',
  notification: 'http://docs.oasis-open.org/wsn/b-2',
  schema: 'http://www.onvif.org/ver10/schema',
} as const;

const ENVELOPE = 'http://www.w3.org/2003/05/soap-envelope';
const ADDRESSING = 'http://www.w3.org/2005/08/addressing';
const WSS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss';

export interface Addressing {
  readonly to: string;
  readonly action: string;
  /** Elements that the camera gave with the address and wants back as headers, already as XML. */
  readonly parameters: string;
}

export interface EnvelopeParts {
  /** The operation with everything inside, as XML; `t:` is the namespace of the service, `tt:` the common schema. */
  readonly body: string;
  readonly namespace: string;
  readonly login?: { readonly credentials: Credentials; readonly nowMs: number };
  readonly addressing?: Addressing;
}

export function envelope(parts: EnvelopeParts): string {
  const { body, namespace, login, addressing } = parts;
  const header = (login ? usernameToken(login.credentials, login.nowMs) : '') + (addressing ? wsa(addressing) : '');
  return (
    `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="${ENVELOPE}"${addressing ? ` xmlns:a="${ADDRESSING}"` : ''}>` +
    (header === '' ? '' : `<s:Header>${header}</s:Header>`) +
    `<s:Body xmlns:t="${namespace}" xmlns:tt="${NAMESPACES.schema}">${body}</s:Body></s:Envelope>`
  );
}

/**
 * WS-Security UsernameToken profile 1.0 with a digest. The time must be the camera's own, or it takes the token for a replay;
 * the nonce is 16 bytes and the time has milliseconds, because firmwares refuse longer ones.
 */
function usernameToken(credentials: Credentials, nowMs: number): string {
  const nonce = randomBytes(16);
  const created = timeText(nowMs);
  const digest = createHash('sha1')
    .update(nonce)
    .update(created)
    .update(Buffer.from(credentials.password, 'utf8'))
    .digest('base64');
  return (
    `<w:Security s:mustUnderstand="1" xmlns:w="${WSS}-wssecurity-secext-1.0.xsd" xmlns:u="${WSS}-wssecurity-utility-1.0.xsd">` +
    `<w:UsernameToken><w:Username>${escapeXml(credentials.user)}</w:Username>` +
    `<w:Password Type="${WSS}-username-token-profile-1.0#PasswordDigest">${digest}</w:Password>` +
    `<w:Nonce EncodingType="${WSS}-soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</w:Nonce>` +
    `<u:Created>${created}</u:Created></w:UsernameToken></w:Security>`
  );
}

function wsa(addressing: Addressing): string {
  const { to, action, parameters } = addressing;
  return (
    `<a:Action s:mustUnderstand="1">${escapeXml(action)}</a:Action><a:MessageID>urn:uuid:${randomUUID()}</a:MessageID>` +
    `<a:ReplyTo><a:Address>${ADDRESSING}/anonymous</a:Address></a:ReplyTo>` +
    `<a:To s:mustUnderstand="1">${escapeXml(to)}</a:To>${parameters}`
  );
}
