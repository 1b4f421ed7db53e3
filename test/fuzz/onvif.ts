import { strict as assert } from 'node:assert';

import { BoxError } from '../../firmware/base/index.ts';
import { orderXaddrs, AddressRule } from '../../firmware/onvif/address-rule.ts';
import { deviceFrom, readProbeAnswer } from '../../firmware/onvif/discovery/probe.ts';
import { EventFold } from '../../firmware/onvif/events/fold.ts';
import { ResponseReader } from '../../firmware/onvif/http/response-reader.ts';
import {
  readCapabilities,
  readDeviceInformation,
  readDeviceTime,
  readMacs,
  readNtp,
  readRelays,
  readScopeFacts,
  readScopes,
  readServices,
} from '../../firmware/onvif/replies/device-replies.ts';
import { readMessages, readSubscription, readTimes } from '../../firmware/onvif/replies/event-replies.ts';
import { readMediaUri, readProfiles } from '../../firmware/onvif/replies/media-replies.ts';
import { readNodes, readPresets, readPtzStatus } from '../../firmware/onvif/replies/ptz-replies.ts';
import { readReply } from '../../firmware/onvif/soap/reply.ts';
import { durationMsFrom, timeMsFrom } from '../../firmware/onvif/xml/values.ts';
import type { FuzzTarget } from './target.ts';

const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope" xmlns:tt="http://www.onvif.org/ver10/schema"><e:Body>';
const TAIL = '</e:Body></e:Envelope>';
const soap = (body: string): Buffer => Buffer.from(`${HEAD}${body}${TAIL}`);

/** Refused input is no finding; anything else that is thrown is one. */
function refused(work: () => void, ...codes: readonly string[]): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof BoxError && codes.includes(error.code))) throw error;
  }
}

const READERS = [
  readDeviceTime,
  readDeviceInformation,
  readScopes,
  readMacs,
  readServices,
  readCapabilities,
  readNtp,
  readRelays,
  readProfiles,
  readMediaUri,
  readNodes,
  readPresets,
  readPtzStatus,
  readSubscription,
  readTimes,
] as const;

const replies: FuzzTarget = {
  name: 'onvif: SOAP answers',
  seeds: () => [
    soap(
      '<tt:GetProfilesResponse><tt:Profiles token="a" fixed="true"><tt:Name>m</tt:Name><tt:VideoEncoderConfiguration token="v"><tt:Encoding>H264</tt:Encoding><tt:Resolution><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:Resolution></tt:VideoEncoderConfiguration></tt:Profiles></tt:GetProfilesResponse>',
    ),
    soap(
      '<GetNodesResponse><PTZNode token="n"><SupportedPTZSpaces><AbsoluteZoomPositionSpace><URI>u</URI><XRange><Min>0</Min><Max>1</Max></XRange></AbsoluteZoomPositionSpace></SupportedPTZSpaces></PTZNode><Preset token="1"><PTZPosition><PanTilt x="0.5" y="-1"/></PTZPosition></Preset></GetNodesResponse>',
    ),
    soap(
      '<e:Fault><e:Code><e:Value>e:Sender</e:Value><e:Subcode><e:Value>ter:NotAuthorized</e:Value></e:Subcode></e:Code><e:Reason><e:Text>&lt;x&gt;&#x41;</e:Text></e:Reason></e:Fault>',
    ),
    soap(
      '<x:R xmlns:x="urn:x"><SystemDateAndTime><UTCDateTime><Time><Hour>1</Hour><Minute>2</Minute></Time><Date><Year>2026</Year><Month>2</Month><Day>3</Day></Date></UTCDateTime></SystemDateAndTime><![CDATA[<a>]]><!-- c --><Service><Namespace>n</Namespace><XAddr>http://h/</XAddr></Service></x:R>',
    ),
    Buffer.from('<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "x">]><a>&b;</a>'),
    Buffer.from(`\uFEFF${HEAD}<a>\u5927</a>${TAIL}`, 'utf16le'),
  ],
  run: (input) =>
    refused(() => {
      const reply = readReply(input);
      if (reply.kind === 'fault') assert.ok(reply.codes.length <= 8 && reply.reason.length <= 500);
      if (reply.kind !== 'answer') return;
      for (const read of READERS) read(reply.body);
    }, 'onvif.hostile-xml'),
};

const events: FuzzTarget = {
  name: 'onvif: events',
  seeds: () => [
    soap(
      '<PullMessagesResponse><CurrentTime>2026-02-19T08:57:52Z</CurrentTime><TerminationTime>PT60S</TerminationTime><NotificationMessage><Topic>tns1:RuleEngine/CellMotionDetector/Motion//.</Topic><Message><Message UtcTime="2026-02-19T08:57:52Z" PropertyOperation="Changed"><Source><SimpleItem Name="Source" Value="0"/></Source><Data><SimpleItem Name="IsMotion" Value="true"/></Data></Message></Message></NotificationMessage></PullMessagesResponse>',
    ),
  ],
  run: (input) =>
    refused(() => {
      const reply = readReply(input);
      if (reply.kind !== 'answer') return;
      const fold = new EventFold();
      for (const message of readMessages(reply.body)) {
        const event = fold.take(message, { ms: 1e12, monoUs: 1e6, offsetMs: 0 });
        if (!event) continue;
        assert.ok(event.topic !== '' && event.topic.length <= 500 && event.items.length <= 64);
        assert.ok(event.atMs <= 1e12 && event.atMs >= 1e12 - 86_400_000);
      }
    }, 'onvif.hostile-xml'),
};

const discovery: FuzzTarget = {
  name: 'onvif: discovery',
  seeds: () => [
    soap(
      '<d:ProbeMatches><d:ProbeMatch><w:EndpointReference><w:Address>urn:uuid:a-b</w:Address></w:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/name/a%20b onvif://www.onvif.org/MAC/00:11:22:33:44:55</d:Scopes><d:XAddrs>http://0.0.0.0:8080/onvif/device_service http://[fe80::1]/x https://10.0.0.1/onvif</d:XAddrs></d:ProbeMatch></d:ProbeMatches>',
    ),
  ],
  run: (input) =>
    refused(() => {
      for (const match of readProbeAnswer(input)?.matches ?? []) {
        const device = deviceFrom(match, '192.0.2.1', 'eth0');
        for (const xaddr of device?.xaddrs ?? []) {
          const url = new URL(xaddr);
          assert.ok(/^https?:$/.test(url.protocol) && url.username === '' && url.password === '');
          assert.ok(url.hostname !== '0.0.0.0' && !url.hostname.startsWith('127.'));
        }
      }
    }, 'onvif.hostile-xml'),
};

const values: FuzzTarget = {
  name: 'onvif: addresses and times',
  seeds: () => [
    Buffer.from('http://user:pa@192.0.2.9:80/a?b=1&amp;c=2\nrtsp://0.0.0.0/x y'),
    Buffer.from('P1Y2M3DT4H5M6.7S'),
    Buffer.from('2026-02-19T08:57:52.123+01:00'),
    Buffer.from('onvif://www.onvif.org/name/%E5%A4%A7%'),
  ],
  run: (input) => {
    const text = input.toString('utf8');
    const rule = new AddressRule(new URL('http://192.0.2.1:8000/onvif/device_service'), '192.0.2.1');
    const applied = rule.apply(text);
    if (applied) assert.equal(applied.username + applied.password, '');
    if (applied && /^https?:$/.test(applied.protocol)) assert.equal(applied.hostname, '192.0.2.1');
    orderXaddrs([text], '192.0.2.1');
    readScopeFacts([text]);
    for (const value of [durationMsFrom(text), timeMsFrom(text)])
      assert.ok(value === undefined || !Number.isNaN(value));
  },
};

/** What was read of an answer, so that two ways of cutting the same bytes can be compared. */
function readHttp(bytes: Buffer, step: number): string {
  const reader = new ResponseReader(1000);
  try {
    for (let from = 0; from < bytes.length && !reader.done; from += step) {
      reader.push(Buffer.from(bytes.subarray(from, from + step)));
    }
    reader.end();
  } catch (error) {
    if (!(error instanceof BoxError && ['onvif.bad-answer', 'onvif.answer-too-large'].includes(error.code)))
      throw error;
    return error.code;
  }
  assert.ok(reader.body.length <= 1000);
  return `${reader.head?.status} ${reader.done} ${reader.body.toString('latin1')}`;
}

const http: FuzzTarget = {
  name: 'onvif: HTTP answers',
  seeds: () => [
    Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more'),
    Buffer.from('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 401 X\nWWW-Authenticate: Digest nonce="a"\n\n<a/>'),
    Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n'),
  ],
  run: (input) => {
    const whole = readHttp(input, input.length || 1);
    assert.equal(readHttp(input, 1), whole, 'cutting changes nothing');
  },
};

export const targets: readonly FuzzTarget[] = [replies, events, discovery, values, http];
