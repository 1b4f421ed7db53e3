/** DER, the distinguished encoding of ASN.1 (ITU-T X.690), as far as a certificate needs it. Each function returns one whole element. */

const CONSTRUCTED = 0x20;
const CONTEXT = 0x80;

function element(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const head =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : length < 0x1_0000
          ? [tag, 0x82, length >> 8, length & 0xff]
          : [tag, 0x83, length >> 16, (length >> 8) & 0xff, length & 0xff];
  return Buffer.concat([Buffer.from(head), content]);
}

export const sequence = (...members: Uint8Array[]): Buffer => element(0x30, Buffer.concat(members));

export const set = (...members: Uint8Array[]): Buffer => element(0x31, Buffer.concat(members));

/** A whole number that is not negative, of at most 53 bits, or its bytes, most significant first. */
export function integer(value: number | Uint8Array): Buffer {
  const hex = typeof value === 'number' ? value.toString(16) : Buffer.from(value).toString('hex');
  let bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  while (bytes.length > 1 && bytes[0] === 0 && bytes[1]! < 0x80) bytes = bytes.subarray(1);
  return element(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
}

/** `1.2.840.10045.4.3.2` */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    return digits;
  });
  return element(0x06, Buffer.from(bytes));
}

export const boolean = (value: boolean): Buffer => element(0x01, Buffer.of(value ? 0xff : 0));

export const octets = (content: Uint8Array): Buffer => element(0x04, content);

/** `unused`: bits at the end of the last byte that do not count. */
export const bits = (content: Uint8Array, unused = 0): Buffer =>
  element(0x03, Buffer.concat([Buffer.of(unused), content]));

export const text = (content: string): Buffer => element(0x0c, Buffer.from(content, 'utf8'));

/** UTCTime until 2049, then GeneralizedTime (RFC 5280 section 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/[-:T]/g, '').replace(/\..*$/, 'Z');
  return date.getUTCFullYear() < 2050
    ? element(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : element(0x18, Buffer.from(digits, 'latin1'));
}

/** `[number] EXPLICIT`: around a whole element. */
export const explicit = (number: number, inner: Uint8Array): Buffer => element(CONTEXT | CONSTRUCTED | number, inner);

/** `[number] IMPLICIT` of a simple type: its content alone. */
export const implicit = (number: number, content: Uint8Array): Buffer => element(CONTEXT | number, content);
