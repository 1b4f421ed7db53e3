import { isIP } from 'node:net';
import { booleanFrom } from '../../../firmware/onvif/xml/values.ts';
import { find, findAll, textAt } from '../../../firmware/onvif/xml/element.ts';
import type { Handler, CameraState } from './state.ts';
import { escape, Fault, URIS } from './request.ts';

const NAMES = { device: 'Device', media: 'Media', ptz: 'PTZ', imaging: 'Imaging', events: 'Events' } as const;

export const device: Readonly<Record<string, Handler>> = {
  GetSystemDateAndTime: (camera) => timeText(camera),
  SetSystemDateAndTime: (camera, { body }) => {
    const utc = find(body, 'UTCDateTime');
    const part = (...path: string[]): number => Number(textAt(utc, ...path));
    camera.timeMode = textAt(body, 'DateTimeType') === 'NTP' ? 'NTP' : 'Manual';
    if (camera.timeMode === 'Manual' && utc) {
      const date = [part('Date', 'Year'), part('Date', 'Month') - 1, part('Date', 'Day')] as const;
      const ms = Date.UTC(...date, part('Time', 'Hour'), part('Time', 'Minute'), part('Time', 'Second'));
      camera.clockOffsetMs = ms - Date.now();
    }
    return '';
  },
  GetServices: (camera) =>
    camera.services
      .filter((service) => service !== 'notification')
      .map(
        (service) =>
          `<tds:Service><tds:Namespace>${URIS[service]}</tds:Namespace><tds:XAddr>${escape(camera.xaddr(service))}</tds:XAddr>` +
          '<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>',
      )
      .join(''),
  GetCapabilities: (camera) => capabilities(camera),
  GetDeviceInformation: ({ identity }) =>
    `<tds:Manufacturer>${escape(identity.manufacturer)}</tds:Manufacturer><tds:Model>${escape(identity.model)}</tds:Model>` +
    `<tds:FirmwareVersion>${escape(identity.firmware)}</tds:FirmwareVersion>` +
    `<tds:SerialNumber>${escape(identity.serial)}</tds:SerialNumber><tds:HardwareId>${escape(identity.hardwareId)}</tds:HardwareId>`,
  GetScopes: (camera) =>
    camera.scopes
      .map(
        (scope) =>
          `<tds:Scopes><tt:ScopeDef>Fixed</tt:ScopeDef><tt:ScopeItem>${escape(scope)}</tt:ScopeItem></tds:Scopes>`,
      )
      .join(''),
  GetNetworkInterfaces: ({ identity, host }) =>
    '<tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name>' +
    `<tt:HwAddress>${identity.mac}</tt:HwAddress><tt:MTU>1500</tt:MTU></tt:Info><tt:IPv4><tt:Enabled>true</tt:Enabled>` +
    `<tt:Config><tt:Manual><tt:Address>${host}</tt:Address><tt:PrefixLength>24</tt:PrefixLength></tt:Manual>` +
    '<tt:DHCP>false</tt:DHCP></tt:Config></tt:IPv4></tds:NetworkInterfaces>',
  GetEndpointReference: ({ identity }) => `<tds:GUID>${identity.endpoint}</tds:GUID>`,
  GetHostname: () =>
    '<tds:HostnameInformation><tt:FromDHCP>false</tt:FromDHCP><tt:Name>cam</tt:Name></tds:HostnameInformation>',
  GetNTP: ({ ntp }) =>
    `<tds:NTPInformation><tt:FromDHCP>${ntp.fromDhcp}</tt:FromDHCP>${ntp.servers
      .map((host) =>
        isIP(host) === 4
          ? `<tt:NTPManual><tt:Type>IPv4</tt:Type><tt:IPv4Address>${host}</tt:IPv4Address></tt:NTPManual>`
          : `<tt:NTPManual><tt:Type>DNS</tt:Type><tt:DNSname>${escape(host)}</tt:DNSname></tt:NTPManual>`,
      )
      .join('')}</tds:NTPInformation>`,
  SetNTP: (camera, { body }) => {
    const hosts = findAll(body, 'NTPManual').map((each) => textAt(each, 'IPv4Address') ?? textAt(each, 'DNSname'));
    camera.ntp = {
      fromDhcp: booleanFrom(textAt(body, 'FromDHCP')) ?? false,
      servers: hosts.filter((host) => host !== undefined),
    };
    return '';
  },
  SystemReboot: (camera) => {
    camera.reboots++;
    return '<tds:Message>Rebooting</tds:Message>';
  },
};

function timeText(camera: CameraState): string {
  const { time, zone } = camera.faults;
  if (time === 'none') throw new Fault(500, 'env:Receiver', 'ter:Action');
  const kind = time === 'local' ? 'LocalDateTime' : 'UTCDateTime';
  return (
    `<tds:SystemDateAndTime><tt:DateTimeType>${camera.timeMode}</tt:DateTimeType><tt:DaylightSavings>false</tt:DaylightSavings>` +
    `<tt:TimeZone><tt:TZ>${escape(zone)}</tt:TZ></tt:TimeZone>${dateTime(kind, camera.nowMs)}</tds:SystemDateAndTime>`
  );
}

function dateTime(name: string, ms: number): string {
  const date = new Date(ms);
  return (
    `<tt:${name}><tt:Time><tt:Hour>${date.getUTCHours()}</tt:Hour><tt:Minute>${date.getUTCMinutes()}</tt:Minute>` +
    `<tt:Second>${date.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${date.getUTCFullYear()}</tt:Year>` +
    `<tt:Month>${date.getUTCMonth() + 1}</tt:Month><tt:Day>${date.getUTCDate()}</tt:Day></tt:Date></tt:${name}>`
  );
}

function capabilities(camera: CameraState): string {
  const part = (service: keyof typeof NAMES): string => {
    if (!camera.services.includes(service)) return '';
    const more =
      service === 'events'
        ? '<tt:WSSubscriptionPolicySupport>true</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport>' +
          '<tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport>'
        : service === 'media'
          ? '<tt:StreamingCapabilities><tt:RTPMulticast>false</tt:RTPMulticast><tt:RTP_TCP>true</tt:RTP_TCP>' +
            '<tt:RTP_RTSP_TCP>true</tt:RTP_RTSP_TCP></tt:StreamingCapabilities>'
          : '';
    return `<tt:${NAMES[service]}><tt:XAddr>${escape(camera.xaddr(service))}</tt:XAddr>${more}</tt:${NAMES[service]}>`;
  };
  const io = camera.services.includes('deviceIO')
    ? `<tt:Extension><tt:DeviceIO><tt:XAddr>${escape(camera.xaddr('deviceIO'))}</tt:XAddr></tt:DeviceIO></tt:Extension>`
    : '';
  const order = ['device', 'events', 'imaging', 'media', 'ptz'] as const;
  return `<tds:Capabilities>${order.map(part).join('')}${io}</tds:Capabilities>`;
}
