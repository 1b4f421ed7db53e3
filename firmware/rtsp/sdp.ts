export type Direction = 'sendrecv' | 'recvonly' | 'sendonly' | 'inactive';

/** One "m=" section as it stands, before any meaning is given to it. */
export interface SdpMedia {
  /** The first word of the m= line: "video", "audio", "application/TP-LINK". */
  readonly kind: string;
  readonly proto: string;
  /** The words behind the protocol; payload types where they are numbers. */
  readonly formats: readonly string[];
  readonly attributes: readonly SdpAttribute[];
}

/** An "a=" line: "a=name:value" or "a=name". Names in lower case, values trimmed. */
export interface SdpAttribute {
  readonly name: string;
  readonly value: string;
}

export interface Sdp {
  /** Attributes that stand before the first m= line. */
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly SdpMedia[];
}

const MAX_LINES = 5000;
const MAX_MEDIA = 64;

/**
 * Reads a session description (RFC 8866) line by line and keeps only what an ingest needs: m= lines and attributes.
 * Everything else is optional, may be broken, and is skipped. Never throws.
 */
export function parseSdp(text: string): Sdp {
  const session: SdpAttribute[] = [];
  const media: (SdpMedia & { attributes: SdpAttribute[] })[] = [];
  let skipped = false;
  for (const raw of text.split(/\r\n|\n|\r/, MAX_LINES)) {
    const line = /^([a-z])\s*=\s*(.*)$/i.exec(clean(raw));
    if (!line) continue;
    const type = line[1]!.toLowerCase();
    if (type === 'm') {
      skipped = media.length >= MAX_MEDIA;
      const parsed = skipped ? undefined : parseMediaLine(line[2]!);
      if (parsed) media.push(parsed);
      else skipped = true;
    } else if (type === 'a' && !skipped) {
      const attribute = parseAttribute(line[2]!);
      if (attribute) (media.at(-1)?.attributes ?? session).push(attribute);
    }
  }
  return { attributes: session, media };
}

function clean(line: string): string {
  return line.replaceAll(/[\uFEFF\0]/g, '').trim();
}

function parseMediaLine(text: string): (SdpMedia & { attributes: SdpAttribute[] }) | undefined {
  const [kind, , proto, ...formats] = text.split(/\s+/).filter((word) => word !== '');
  if (!kind) return undefined;
  return { kind, proto: proto ?? '', formats, attributes: [] };
}

function parseAttribute(text: string): SdpAttribute | undefined {
  const colon = text.indexOf(':');
  const name = (colon < 0 ? text : text.slice(0, colon)).trim().toLowerCase();
  return name === '' ? undefined : { name, value: colon < 0 ? '' : text.slice(colon + 1).trim() };
}

export function firstAttribute(attributes: readonly SdpAttribute[], name: string): string | undefined {
  return attributes.find((attribute) => attribute.name === name)?.value;
}

/** The last direction word of a section, or undefined. */
export function directionOf(attributes: readonly SdpAttribute[]): Direction | undefined {
  return attributes.map(({ name }) => name).findLast(isDirection);
}

function isDirection(name: string): name is Direction {
  return name === 'sendrecv' || name === 'recvonly' || name === 'sendonly' || name === 'inactive';
}
