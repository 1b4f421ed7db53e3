import type { DigitalInput, RelayOutput } from '../types.ts';
import { at, attribute, child, childrenOf, find, findAll, textAt, type XmlElement } from '../xml/element.ts';
import { booleanFrom, durationMsFrom, numberFrom } from '../xml/values.ts';

/** GetSystemDateAndTime (ONVIF Core section 8.3.5). Times are ms since 1970; local time as if it were UTC. */
export interface DeviceTime {
  /** "Manual" or "NTP". */
  readonly type?: string;
  readonly daylightSavings?: boolean;
  readonly zone?: string;
  readonly utcMs?: number;
  readonly localMs?: number;
}

export function readDeviceTime(body: XmlElement): DeviceTime {
  const time = find(body, 'SystemDateAndTime') ?? body;
  return defined({
    type: textAt(time, 'DateTimeType'),
    daylightSavings: booleanFrom(textAt(time, 'DaylightSavings')),
    zone: textAt(time, 'TimeZone', 'TZ'),
    utcMs: dateTimeMs(child(time, 'UTCDateTime')),
    localMs: dateTimeMs(child(time, 'LocalDateTime')),
  });
}

function dateTimeMs(element: XmlElement | undefined): number | undefined {
  const number = (...path: string[]): number | undefined => numberFrom(textAt(element, ...path));
  const [year, month, day] = [number('Date', 'Year'), number('Date', 'Month'), number('Date', 'Day')];
  const [hour, minute] = [number('Time', 'Hour'), number('Time', 'Minute')];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  if (hour === undefined || minute === undefined) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, number('Time', 'Second') ?? 0);
  return Number.isFinite(ms) ? ms : undefined;
}

/** GetDeviceInformation (section 8.3.1). */
export interface DeviceInformation {
  readonly manufacturer?: string;
  readonly model?: string;
  readonly firmware?: string;
  readonly serial?: string;
  readonly hardwareId?: string;
}

export function readDeviceInformation(body: XmlElement): DeviceInformation {
  return defined({
    manufacturer: textAt(body, 'Manufacturer'),
    model: textAt(body, 'Model'),
    firmware: textAt(body, 'FirmwareVersion'),
    serial: textAt(body, 'SerialNumber'),
    hardwareId: textAt(body, 'HardwareId'),
  });
}

/** GetScopes (section 8.3.9): the addresses as they are. */
export function readScopes(body: XmlElement): string[] {
  return findAll(body, 'ScopeItem')
    .map(({ text }) => text)
    .filter((text) => text !== '');
}

export interface ScopeFacts {
  readonly name?: string;
  readonly hardware?: string;
  readonly location?: string;
  readonly mac?: string;
}

/** What scopes say of a camera; all of it is optional, percent-encoded, and not always ASCII. */
export function readScopeFacts(scopes: readonly string[]): ScopeFacts {
  const valueOf = (...kinds: string[]): string | undefined => {
    for (const scope of scopes) {
      const match = /^onvif:\/\/www\.onvif\.org\/([^/]+)\/(.*)$/i.exec(scope.trim());
      if (!match || !kinds.includes(match[1]!.toLowerCase())) continue;
      const value = decodeScope(match[2]!);
      if (value !== '') return value;
    }
    return undefined;
  };
  return defined({
    name: valueOf('name'),
    hardware: valueOf('hardware', 'model'),
    location: valueOf('location'),
    mac: macFrom(valueOf('mac', 'macaddress')),
  });
}

function decodeScope(text: string): string {
  const plain = text.replace(/\/+$/, '');
  try {
    return decodeURIComponent(plain).trim();
  } catch {
    return plain.trim();
  }
}

/** A MAC address in any spelling as "00:11:22:33:44:55". */
function macFrom(text: string | undefined): string | undefined {
  const digits = text
    ?.trim()
    .replaceAll(/[:.\-\s]/g, '')
    .toLowerCase();
  if (digits === undefined || !/^[0-9a-f]{12}$/.test(digits) || /^(0{12}|f{12})$/.test(digits)) return undefined;
  return digits.replaceAll(/(..)(?!$)/g, '$1:');
}

/** GetNetworkInterfaces (section 8.2.9): MAC addresses, those of enabled interfaces first. */
export function readMacs(body: XmlElement): string[] {
  const interfaces = findAll(body, 'NetworkInterfaces').map((each) => ({
    mac: macFrom(textAt(each, 'Info', 'HwAddress') ?? find(each, 'HwAddress')?.text),
    enabled: booleanFrom(textAt(each, 'Enabled')) ?? true,
  }));
  const ordered = [...interfaces.filter(({ enabled }) => enabled), ...interfaces.filter(({ enabled }) => !enabled)];
  return [...new Set(ordered.flatMap(({ mac }) => (mac === undefined ? [] : [mac])))];
}

/** One line of GetServices (section 8.3.2). */
export interface ServiceLine {
  readonly namespace: string;
  readonly xaddr: string;
  readonly version?: string;
}

export function readServices(body: XmlElement): ServiceLine[] {
  return findAll(body, 'Service').flatMap((each) => {
    const [namespace, xaddr] = [textAt(each, 'Namespace'), textAt(each, 'XAddr')];
    if (namespace === undefined || xaddr === undefined) return [];
    const [major, minor] = [textAt(each, 'Version', 'Major'), textAt(each, 'Version', 'Minor')];
    return [{ namespace, xaddr, ...(major !== undefined && { version: `${major}.${minor ?? '0'}` }) }];
  });
}

/** GetCapabilities (section 8.3.3). */
export interface Capabilities {
  /** By the name of the element: "Device", "Media", "DeviceIO"..., wherever it stands. */
  readonly xaddrs: ReadonlyMap<string, string>;
  /** What the camera says of pull-points; some say no and have them. */
  readonly pullPoint?: boolean;
  readonly rtp: ReadonlyMap<string, string>;
}

export function readCapabilities(body: XmlElement): Capabilities {
  const root = find(body, 'Capabilities') ?? body;
  const groups = [...root.children, ...childrenOf(root, 'Extension').flatMap(({ children }) => children)];
  const xaddrs = groups.flatMap((each): [string, string][] => {
    const xaddr = textAt(each, 'XAddr');
    return xaddr === undefined || each.name === 'Extension' ? [] : [[each.name, xaddr]];
  });
  const streaming = find(root, 'StreamingCapabilities');
  const pullPoint = booleanFrom(textAt(child(root, 'Events'), 'WSPullPointSupport'));
  return {
    xaddrs: new Map(xaddrs),
    ...(pullPoint !== undefined && { pullPoint }),
    rtp: new Map(
      (streaming?.children ?? []).flatMap(({ name, text }): [string, string][] => (text === '' ? [] : [[name, text]])),
    ),
  };
}

/** GetNTP (section 8.2.7). */
export function readNtp(body: XmlElement): { fromDhcp: boolean; servers: string[] } {
  const info = find(body, 'NTPInformation') ?? body;
  const fromDhcp = booleanFrom(textAt(info, 'FromDHCP')) ?? false;
  const hosts = [...childrenOf(info, 'NTPManual'), ...(fromDhcp ? childrenOf(info, 'NTPFromDHCP') : [])];
  const servers = hosts.flatMap((each) => {
    const host = textAt(each, 'IPv4Address') ?? textAt(each, 'IPv6Address') ?? textAt(each, 'DNSname');
    return host === undefined ? [] : [host];
  });
  return { fromDhcp, servers: [...new Set(servers)] };
}

/** GetRelayOutputs (section 8.5.1, and of the DeviceIO service). */
export function readRelays(body: XmlElement): RelayOutput[] {
  return findAll(body, 'RelayOutputs').flatMap((each) => {
    const token = attribute(each, 'token');
    if (token === undefined) return [];
    const properties = child(each, 'Properties');
    return [
      {
        token,
        ...defined({
          mode: oneOf(textAt(properties, 'Mode'), 'monostable', 'bistable'),
          delayMs: durationMsFrom(textAt(properties, 'DelayTime')),
          idle: oneOf(textAt(properties, 'IdleState'), 'closed', 'open'),
        }),
      },
    ];
  });
}

/** GetDigitalInputs of the DeviceIO service. */
export function readDigitalInputs(body: XmlElement): DigitalInput[] {
  return findAll(body, 'DigitalInputs').flatMap((each) => {
    const token = attribute(each, 'token');
    return token === undefined
      ? []
      : [{ token, ...defined({ idle: oneOf(attribute(each, 'IdleState'), 'closed', 'open') }) }];
  });
}

/** The text of the endpoint reference (GetEndpointReference). */
export function readEndpoint(body: XmlElement): string | undefined {
  return textAt(body, 'GUID') ?? at(body, 'GUID', 'Address')?.text;
}

function oneOf<T extends string>(text: string | undefined, ...words: readonly T[]): T | undefined {
  return words.find((word) => word === text?.toLowerCase());
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the members that are undefined. */
export function defined<T extends Record<string, unknown>>(object: T): Defined<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;
}
