/** How a player wants one track. */
export type WantedTransport =
  { readonly kind: 'tcp'; readonly channel: number | undefined } | { readonly kind: 'udp'; readonly port: number };

const LOWEST_PORT = 1024;

/** The first of the offered transports that the server has (RFC 2326 section 12.39): unicast RTP/AVP over TCP or UDP. */
export function wantedTransport(header: string, allows: { readonly udp: boolean }): WantedTransport | undefined {
  for (const offer of header.split(',')) {
    const [protocol = '', ...parameters] = offer.trim().toLowerCase().split(';');
    const values = new Map(parameters.map((each) => each.trim().split('=', 2) as [string, string | undefined]));
    if (values.has('multicast') || (values.get('mode') ?? 'play').replaceAll('"', '') !== 'play') continue;
    if (protocol === 'rtp/avp/tcp') {
      const channel = /^(\d{1,3})(?:-\d{1,3})?$/.exec(values.get('interleaved') ?? '')?.[1];
      if (channel !== undefined && Number(channel) > 254) continue;
      return { kind: 'tcp', channel: channel === undefined ? undefined : Number(channel) };
    }
    const isUdp = protocol === 'rtp/avp' || protocol === 'rtp/avp/udp';
    const port = Number(/^(\d{1,5})(?:-\d{1,5})?$/.exec(values.get('client_port') ?? '')?.[1]);
    // Pictures go to the address that asked and to no service of it.
    if (isUdp && allows.udp && port >= LOWEST_PORT && port < 65_535) return { kind: 'udp', port };
  }
  return undefined;
}
