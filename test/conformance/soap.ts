import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError } from '../../firmware/base/index.ts';
import { orderXaddrs } from '../../firmware/onvif/address-rule.ts';
import { readProbeAnswer } from '../../firmware/onvif/discovery/probe.ts';
import {
  readCapabilities,
  readDeviceInformation,
  readDeviceTime,
  readScopes,
  readServices,
} from '../../firmware/onvif/replies/device-replies.ts';
import {
  readMessages,
  readSubscription,
  readTimes,
  type MessageReply,
} from '../../firmware/onvif/replies/event-replies.ts';
import { readMediaUri, readProfiles, type ProfileReply } from '../../firmware/onvif/replies/media-replies.ts';
import {
  readConfigurationSpaces,
  readNodes,
  readPresets,
  readPresetToken,
  readPtzStatus,
  type PtzSpace,
} from '../../firmware/onvif/replies/ptz-replies.ts';
import { readReply, type SoapReply } from '../../firmware/onvif/soap/reply.ts';
import { find, type XmlElement } from '../../firmware/onvif/xml/element.ts';
import { durationMsFrom, timeMsFrom } from '../../firmware/onvif/xml/values.ts';
import { asList, asText, compare, type CorpusEntry, type Facts } from './facts.ts';

/** Where no sender is recorded, the answer came from here. */
const SENDER = '192.0.2.77';

type Reader = (body: XmlElement, expect: Facts) => Facts;

/** By the name of the answer; what is not listed is compared by its envelope alone. */
const READERS: Readonly<Record<string, Reader>> = {
  GetSystemDateAndTimeResponse: timeFacts,
  GetDeviceInformationResponse: (body) => {
    const { hardwareId: hardware_id, ...rest } = readDeviceInformation(body);
    return { ...rest, hardware_id };
  },
  GetScopesResponse: (body) => ({ scopes: readScopes(body) }),
  GetCapabilitiesResponse: capabilityFacts,
  GetServicesResponse: (body) => ({ services: readServices(body) }),
  GetServiceCapabilitiesResponse: (body) => ({
    attributes: Object.fromEntries(find(body, 'Capabilities')?.attributes ?? []),
  }),
  GetProfilesResponse: (body) => ({ profiles: readProfiles(body).map(profileFacts) }),
  GetStreamUriResponse: uriFacts,
  GetSnapshotUriResponse: uriFacts,
  GetNodesResponse: nodeFacts,
  GetNodeResponse: nodeFacts,
  GetConfigurationOptionsResponse: (body) => ({ spaces: kindsOf(readConfigurationSpaces(body)) }),
  GetPresetsResponse: (body) => ({ presets: readPresets(body), count: readPresets(body).length }),
  SetPresetResponse: (body) => ({ preset_token: readPresetToken(body), token: readPresetToken(body) }),
  GetStatusResponse: statusFacts,
  CreatePullPointSubscriptionResponse: (body, expect) => ({
    subscription_address: readSubscription(body)?.address,
    ...lifeFacts(body, expect),
  }),
  RenewResponse: lifeFacts,
  PullMessagesResponse: (body, expect) => ({ ...lifeFacts(body, expect), ...messageFacts(body, expect) }),
  Notify: messageFacts,
};

/** Compares what the firmware reads out of the answer of a camera with the entry's facts. Gives the mismatches. */
export async function runSoap(entry: CorpusEntry, folder: string): Promise<string[]> {
  const bytes = await readFile(join(folder, entry.file));
  const { expect } = entry;
  if (expect.matches !== undefined || /^(ProbeMatch|ResolveMatch|Hello)/.test(asText(expect.operation) ?? '')) {
    return compare('', expect, probeFacts(bytes, expect));
  }
  const reply = readReply(bytes);
  return compare('', expect, { ...envelopeFacts(reply), ...bodyFacts(reply, expect) });
}

/** No envelope comes out of it, be it no SOAP at all or made to harm. */
export async function isUnreadable(entry: CorpusEntry, folder: string): Promise<boolean> {
  const bytes = await readFile(join(folder, entry.file));
  try {
    return readReply(bytes).kind === 'not-soap';
  } catch (error) {
    if (error instanceof BoxError) return true;
    throw error;
  }
}

function envelopeFacts(reply: SoapReply): Facts {
  if (reply.kind === 'not-soap') return { operation: undefined, not_soap: true, content: reply.content.toUpperCase() };
  const common = { envelope_ns: reply.envelopeNamespace, not_soap: false };
  if (reply.kind === 'answer') return { ...common, operation: reply.operation };
  return { ...common, operation: 'Fault', fault_codes: reply.codes, reason: reply.reason };
}

function bodyFacts(reply: SoapReply, expect: Facts): Facts {
  if (reply.kind !== 'answer' || !Object.hasOwn(READERS, reply.operation)) return {};
  return known(READERS[reply.operation]!(reply.body, expect));
}

function probeFacts(bytes: Buffer, expect: Facts): Facts {
  const answer = readProbeAnswer(bytes);
  const [first] = answer?.matches ?? [];
  const preferred = orderXaddrs(first?.xaddrs ?? [], SENDER)[0];
  const wanted = asText(expect.preferred_xaddr);
  return {
    operation: answer?.operation,
    envelope_ns: answer?.envelopeNamespace,
    matches: answer?.matches,
    preferred_xaddr: preferredFact(wanted, preferred, first?.xaddrs[0]),
  };
}

/** The corpus names the address, or says in words that it is the sender's with the port and path that were given. */
function preferredFact(wanted: string | undefined, preferred: string | undefined, given: string | undefined): unknown {
  if (wanted === undefined || preferred === undefined || given === undefined) return preferred;
  const expected = new URL(URL.canParse(wanted) ? wanted : given);
  if (!URL.canParse(wanted)) expected.hostname = SENDER;
  return expected.href === preferred ? wanted : preferred;
}

function timeFacts(body: XmlElement, expect: Facts): Facts {
  const { type, daylightSavings, zone: tz, utcMs, localMs } = readDeviceTime(body);
  return {
    type,
    daylight_savings: textOf(daylightSavings),
    tz,
    utc: timeLike(expect.utc, utcMs),
    local: timeLike(expect.local, localMs),
  };
}

function capabilityFacts(body: XmlElement): Facts {
  const { xaddrs, pullPoint, rtp } = readCapabilities(body);
  return { xaddrs: Object.fromEntries(xaddrs), pullpoint: textOf(pullPoint), rtp: Object.fromEntries(rtp) };
}

function profileFacts(profile: ProfileReply): Facts {
  const { token, name, fixed, videoSource, ptzNode, ptzConfiguration } = profile;
  const encoder = known({
    token: profile.encoderToken,
    encoding: profile.codec,
    width: profile.width,
    height: profile.height,
    fps_limit: profile.fps,
    bitrate_kbps: profile.bitrateKbps,
    gop: profile.gop,
    [profile.codec === 'H265' ? 'h265_profile' : 'h264_profile']: profile.codecProfile,
  });
  return known({
    token,
    name,
    fixed: textOf(fixed),
    video_encoder: Object.keys(encoder).length > 0 ? encoder : undefined,
    video_source_token: videoSource,
    has_ptz: ptzNode !== undefined || ptzConfiguration !== undefined,
    ptz_node: ptzNode,
  });
}

function uriFacts(body: XmlElement, expect: Facts): Facts {
  const reply = readMediaUri(body);
  return {
    uri: reply?.uri,
    InvalidAfterConnect: textOf(reply?.invalidAfterConnect),
    InvalidAfterReboot: textOf(reply?.invalidAfterReboot),
    Timeout: durationMsFrom(asText(expect.Timeout)) === reply?.timeoutMs ? expect.Timeout : reply?.timeoutMs,
  };
}

function nodeFacts(body: XmlElement): Facts {
  const nodes = readNodes(body).map(({ token, name, spaces, maxPresets, home, auxiliary }) =>
    known({ token, name, spaces: kindsOf(spaces), max_presets: maxPresets, home: textOf(home), aux: auxiliary }),
  );
  return { nodes };
}

function kindsOf(spaces: readonly PtzSpace[]): string[] {
  return [...new Set(spaces.map(({ kind }) => kind))].toSorted();
}

function statusFacts(body: XmlElement, expect: Facts): Facts {
  const { position, moveStatus, error, utcMs } = readPtzStatus(body);
  return {
    position,
    move_status: moveStatus && known({ PanTilt: moveStatus.panTilt, Zoom: moveStatus.zoom }),
    error,
    utc_time: timeLike(expect.utc_time, utcMs),
  };
}

function lifeFacts(body: XmlElement, expect: Facts): Facts {
  const { currentMs, terminationMs } = readTimes(body);
  return {
    current_time: timeLike(expect.current_time, currentMs),
    termination_time: timeLike(expect.termination_time, terminationMs),
  };
}

function messageFacts(body: XmlElement, expect: Facts): Facts {
  const wanted = asList(expect.messages) as Facts[];
  const messages = readMessages(body).map((message, index) => messageFact(message, wanted[index]));
  return { messages, count: messages.length };
}

function messageFact(message: MessageReply, wanted: Facts | undefined): Facts {
  const { topic, utcMs, operation, source, data } = message;
  return known({
    topic: topic === '' ? undefined : topic,
    utc_time: timeLike(wanted?.utc_time, utcMs),
    operation,
    source,
    data,
  });
}

/** The expected text if it means the same moment; else the moment that was read. */
function timeLike(expected: unknown, ms: number | undefined): unknown {
  if (ms === undefined) return undefined;
  return timeMsFrom(asText(expected)) === ms ? expected : new Date(ms).toISOString();
}

function textOf(value: boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** Only what was read: an absent fact is none. */
function known(facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
