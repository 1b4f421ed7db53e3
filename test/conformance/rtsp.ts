import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeSession } from '../../firmware/rtsp/description.ts';
import { chooseChallenge, parseChallenges, type Challenge } from '../../firmware/base/authenticator.ts';
import { headerNumber, parsePublic, type RtspMessage, type RtspResponse } from '../../firmware/rtsp/message.ts';
import { parseRtpInfo, type RtpInfo } from '../../firmware/rtsp/rtp-info.ts';
import { parseSession } from '../../firmware/rtsp/session-header.ts';
import { parseTransport } from '../../firmware/rtsp/transport-header.ts';
import { WireReader } from '../../firmware/rtsp/wire-reader.ts';
import { asList, asText, compare, type CorpusEntry, type Facts } from './facts.ts';
import { ASSUMED_REQUEST_URL, compareDescription } from './sdp.ts';

const TRANSPORT_FACTS = ['interleaved', 'server_port', 'client_port', 'ssrc', 'source'];
const DESCRIPTION_FACTS = ['stream_count', 'streams', 'base_url', 'aggregate_control_url'];

/** Compares what the firmware makes of a camera's answer with the entry's facts. Gives the mismatches. */
export async function runRtsp(entry: CorpusEntry, folder: string): Promise<string[]> {
  const bytes = await readFile(join(folder, entry.file));
  const { expect } = entry;
  const whole = read(bytes, bytes.length);
  if (whole?.kind === 'request') {
    const { method, url } = whole;
    return [...compare('', expect, { method, url, cseq: cseqOf(whole) }), ...compareHeaders(whole, expect.headers)];
  }
  if (!whole) return ['it was not read as a response'];
  const bytewise = read(bytes, 1);
  const problems: string[] = [];
  if (JSON.stringify(bytewise) !== JSON.stringify(whole)) problems.push('byte by byte it reads differently');
  const content_length_ok = whole.headers.get('content-length')?.trim() === String(whole.body.length);
  problems.push(
    ...compare('', expect, {
      status: whole.status,
      reason: whole.reason,
      cseq: cseqOf(whole),
      body_bytes: whole.body.length,
      content_length_ok,
    }),
    ...compareChallenges(whole, expect),
    ...compareHeaders(whole, expect.headers),
    ...compareTransport(whole, expect),
    ...compareSession(whole, expect),
    ...comparePublic(whole, asList(expect.public_has) as string[]),
    ...compareBody(whole, expect),
    ...compareRtpInfo(whole, expect),
  );
  return problems;
}

/** Whether no answer is found in it. */
export async function isUnreadable({ file }: CorpusEntry, folder: string): Promise<boolean> {
  const bytes = await readFile(join(folder, file));
  return read(bytes, bytes.length) === undefined;
}

function cseqOf({ headers }: RtspMessage): number | undefined {
  return headerNumber(headers.get('cseq'));
}

/** What a login asks for: of all offers, and of the one that is answered. */
function compareChallenges({ headers }: RtspResponse, expect: Facts): string[] {
  const values = headers.all('www-authenticate');
  if (values.length === 0) return [];
  const challenges = parseChallenges(values);
  const chosen = chooseChallenge(challenges);
  const of = ({ scheme, parameters }: Challenge): Facts => ({ scheme, ...Object.fromEntries(parameters) });
  const offers = asList(expect.challenges) as Facts[];
  const problems = offers.flatMap((offer, at) => {
    const lower = typeof offer.scheme === 'string' ? { ...offer, scheme: offer.scheme.toLowerCase() } : offer;
    return challenges[at] ? compare(`challenge ${at}: `, lower, of(challenges[at])) : [`challenge ${at} is missing`];
  });
  const schemes = (asList(expect.auth_schemes) as string[]).map((scheme) => scheme.toLowerCase());
  const found = challenges.map(({ scheme }) => scheme);
  if (schemes.some((scheme) => !found.includes(scheme))) problems.push(`offers ${found.join(', ')} only`);
  return [...problems, ...compare('', expect, Object.fromEntries(chosen?.parameters ?? []))];
}

function read(bytes: Buffer, step: number): RtspMessage | undefined {
  const messages: RtspMessage[] = [];
  const reader = new WireReader({ packet: () => undefined, message: (message) => messages.push(message) });
  reader.expectsDescription = bytes.includes('application/sdp') || bytes.includes('\r\nv=0');
  for (let at = 0; at < bytes.length; at += step) reader.push(bytes, at, Math.min(bytes.length, at + step));
  reader.endBody();
  return messages[0];
}

/** Headers come as a list of pairs, or as an object with the first value of each name. */
function compareHeaders(response: RtspMessage, expected: unknown): string[] {
  if (typeof expected !== 'object' || expected === null) return [];
  const pairs = (Array.isArray(expected) ? expected : Object.entries(expected)) as [string, string][];
  return pairs
    .map(([name, value]) => [name, value.trim()] as const)
    .filter(([name, value]) => !response.headers.all(name).includes(value))
    .map(([name, value]) => `header ${name}: expected ${value}, got ${String(response.headers.get(name))}`);
}

function compareTransport(response: RtspResponse, expect: Facts): string[] {
  const value = response.headers.get('transport');
  if (value === undefined) return missing('transport', expect, TRANSPORT_FACTS);
  const { interleaved, serverPort, clientPort, ssrc, source, destination, lower, multicast } = parseTransport(value);
  const server_port = Array.isArray(expect.server_port) ? serverPort : serverPort?.[0];
  const client_port = Array.isArray(expect.client_port) ? clientPort : clientPort?.[0];
  const own = { interleaved, server_port, client_port, ssrc, source, destination };
  return compare('', expect, { ...own, lower_transport: lower, multicast });
}

function compareSession(response: RtspResponse, expect: Facts): string[] {
  const session = parseSession(response.headers.get('session') ?? '');
  if (!session) return missing('session', expect, ['session', 'timeout_s', 'session_timeout_s_changed_to']);
  const { id, timeoutS } = session;
  return compare('', expect, {
    session: id,
    session_id: id,
    timeout_s: timeoutS,
    session_timeout_s: timeoutS,
    session_timeout_s_changed_to: timeoutS,
  });
}

function comparePublic(response: RtspResponse, expected: readonly string[]): string[] {
  const offered = parsePublic(response.headers.all('public'));
  return expected.filter((method) => !offered.has(method)).map((method) => `${method} is not offered`);
}

function compareBody(response: RtspResponse, expect: Facts): string[] {
  if (response.body.length === 0) return missing('description', expect, DESCRIPTION_FACTS);
  const description = describeSession(response.body.toString('utf8'), {
    requestUrl: asText(expect.request_url) ?? ASSUMED_REQUEST_URL,
    contentBase: response.headers.get('content-base'),
    contentLocation: response.headers.get('content-location'),
  });
  return compareDescription(description, expect);
}

/** Facts named rtp_info_stream<n> speak of the n-th part of the header. */
function compareRtpInfo(response: RtspResponse, expect: Facts): string[] {
  const value = response.headers.get('rtp-info');
  const parts: RtpInfo[] = value === undefined ? [] : parseRtpInfo(value);
  return Object.keys(expect).flatMap((key) => {
    const index = /^rtp_info_stream(\d+)$/.exec(key)?.[1];
    if (index === undefined) return [];
    const actual = { url: undefined, seq: undefined, rtptime: undefined, ...parts[Number(index)] };
    return compare(`RTP-Info ${index}: `, expect[key] as Facts, actual);
  });
}

/** The answer lacks what these facts speak of. */
function missing(what: string, expect: Facts, facts: readonly string[]): string[] {
  return facts.some((key) => key in expect && expect[key] !== null) ? [`no ${what} was read`] : [];
}
