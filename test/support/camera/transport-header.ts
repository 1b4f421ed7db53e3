/** The Transport header of SETUP (RFC 2326 12.39), as clients send it and as cameras answer it. */
import type { Faults } from './faults.ts';

export type Wanted =
  { readonly kind: 'tcp'; readonly channel: number } | { readonly kind: 'udp'; readonly rtpPort: number };

/** The first of the client's wishes that the camera grants; undefined = 461. */
export function chooseTransport(header: string, trackIndex: number, faults: Readonly<Faults>): Wanted | undefined {
  for (const wish of header.split(',')) {
    const [profile = '', ...parameters] = wish.trim().split(';');
    const value = (name: string) => parameters.find((text) => text.trim().startsWith(`${name}=`))?.split('=')[1];
    const interleaved = value('interleaved');
    if (/^RTP\/AVP\/TCP$/i.test(profile) || interleaved !== undefined) {
      if (!faults.refuseTcp)
        return { kind: 'tcp', channel: Number.parseInt(interleaved ?? String(trackIndex * 2), 10) };
      continue;
    }
    const port = Number.parseInt(value('client_port') ?? '', 10);
    if (/^RTP\/AVP(\/UDP)?$/i.test(profile) && port > 0 && !faults.refuseUdp) return { kind: 'udp', rtpPort: port };
  }
  return undefined;
}

/** The channel that the camera really uses for RTP. */
export function grantedChannel(asked: number, faults: Readonly<Faults>): number {
  return faults.channels === 'shifted' ? asked + 2 : asked;
}

export function transportAnswer(wanted: Wanted, serverPort: number, ssrc: number, faults: Readonly<Faults>): string {
  const parts: string[] = [];
  if (wanted.kind === 'tcp') {
    const channel = grantedChannel(wanted.channel, faults);
    parts.push(faults.channels === 'no-tcp-profile' ? 'RTP/AVP' : 'RTP/AVP/TCP', 'unicast');
    parts.push(faults.channels === 'single' ? `interleaved=${channel}` : `interleaved=${channel}-${channel + 1}`);
  } else {
    parts.push('RTP/AVP', 'unicast', `client_port=${wanted.rtpPort}-${wanted.rtpPort + 1}`);
    parts.push(`server_port=${serverPort}-${serverPort + 1}`);
  }
  const named = { none: undefined, right: ssrc, wrong: (ssrc ^ 0x5555) >>> 0, zero: 0 }[faults.transportSsrc];
  if (named !== undefined) parts.push(`ssrc=${named.toString(16).toUpperCase().padStart(8, '0')}`);
  return parts.join(';');
}
