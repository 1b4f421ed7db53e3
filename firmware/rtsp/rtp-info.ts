/** What a camera says in its PLAY answer about the first packet of one stream (RFC 2326 section 12.33). Every part may lie. */
export interface RtpInfo {
  /** As sent: absolute, relative, or matching no track. */
  readonly url?: string;
  readonly seq?: number;
  readonly rtptime?: number;
}

/** Reads an RTP-Info header. Unusable parts are left out; URLs may hold commas and semicolons are optional. */
export function parseRtpInfo(value: string): RtpInfo[] {
  return value
    .split(/,\s*(?=url\s*=)/i)
    .map(parseEntry)
    .filter((entry) => Object.keys(entry).length > 0);
}

function parseEntry(text: string): RtpInfo {
  const fields = new Map<string, string>();
  for (const field of text.split(';')) {
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals).trim().toLowerCase(), field.slice(equals + 1).trim());
  }
  const url = fields.get('url')?.replace(/^"(.*)"$/, '$1');
  const seq = unsigned(fields.get('seq'), 0xffff);
  const rtptime = unsigned(fields.get('rtptime'), 0xffffffff);
  return { ...(url && { url }), ...(seq !== undefined && { seq }), ...(rtptime !== undefined && { rtptime }) };
}

function unsigned(text: string | undefined, max: number): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
