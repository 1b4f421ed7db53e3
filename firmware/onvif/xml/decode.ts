const DECLARATION = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.-]{1,40})["']/i;
/** Encodings that a declaration may name and that do not fit bytes which a declaration could be read from. */
const IMPOSSIBLE = /^(utf-?16|utf-?32|ucs-?[24]|iso-10646)/i;

/**
 * The text of an XML document. What the bytes are counts more than what the declaration says: cameras write "utf-16" over
 * UTF-8, and the other way round. Nothing is refused here; bytes that fit nowhere become U+FFFD.
 */
export function decodeXml(bytes: Uint8Array): string {
  const wide = wideEncoding(bytes);
  if (wide) return new TextDecoder(wide).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decodeAs(bytes, declaredEncoding(bytes)) ?? new TextDecoder('utf-8').decode(bytes);
  }
}

function wideEncoding(bytes: Uint8Array): string | undefined {
  const [first, second] = [bytes[0], bytes[1]];
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le';
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be';
  return undefined;
}

function declaredEncoding(bytes: Uint8Array): string | undefined {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 256));
  const name = DECLARATION.exec(head)?.[1];
  return name === undefined || IMPOSSIBLE.test(name) ? undefined : name;
}

function decodeAs(bytes: Uint8Array, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    return new TextDecoder(name).decode(bytes);
  } catch {
    return undefined;
  }
}
