import type { CameraEventKind } from '../types.ts';
import type { Item, MessageReply } from '../replies/event-replies.ts';
import { booleanFrom } from '../xml/values.ts';

export interface Meaning {
  readonly kind: CameraEventKind;
  readonly topic: string;
  readonly detail?: string;
  readonly source: string;
  readonly active?: boolean;
}

/** Topics by what they end in; makers put their own names before, and some their own prefixes. The first that fits counts. */
const TOPICS: readonly (readonly [pattern: RegExp, kind: CameraEventKind, detail?: string])[] = [
  [/(?:people|person|human(?:shape)?|pedestrian)(?:detect(?:or|ion)?)?$/i, 'analytics', 'people'],
  [/face(?:detect(?:or|ion)?)?$/i, 'analytics', 'face'],
  [/(?:vehicle|car)(?:detect(?:or|ion)?)?$/i, 'analytics', 'vehicle'],
  [/(?:dogcat|pet|animal)(?:detect(?:or|ion)?)?$/i, 'analytics', 'animal'],
  [/package(?:detect(?:or|ion)?)?$/i, 'analytics', 'package'],
  [/linedetector\/crossed$|line-?cross(?:ing|ed)?(?:detect(?:or|ion)?)?$/i, 'analytics', 'line-crossing'],
  [/fielddetector\/objectsinside$|intrusion(?:detect(?:or|ion)?)?$|fielddetection$/i, 'analytics', 'intrusion'],
  [/loiter(?:ing)?(?:detector)?(?:\/\w+)?$/i, 'analytics', 'loitering'],
  [/(?:visitor|doorbell|ring)$/i, 'analytics', 'visitor'],
  [/tpsmartevent$|smartevent$|objectdetect(?:or|ion)(?:\/\w+)?$|countaggregation\/counter$/i, 'analytics'],
  [/(?:cellmotiondetector|motionregiondetector|motiondetector)\/motion$/i, 'motion'],
  [
    /videosource\/motionalarm$|videoanalytics\/motion\w*$|\/motion(?:detect(?:or|ion)?|alarm)?$|^motion(?:alarm)?$/i,
    'motion',
  ],
  [/vmd\d*\/\w+$|motiondetection\w*$/i, 'motion'],
  [/globalscenechange(?:\/\w+)?$|tamper(?:ing|detector)?(?:\/\w+)?$/i, 'tamper', 'scene-change'],
  [/imagetoo(?:blurry|dark|bright)(?:\/\w+)?$/i, 'tamper', 'image'],
  [/signalloss$|videoloss$/i, 'tamper', 'signal-loss'],
  [/trigger\/relay$|digitaloutput$|relayoutput$/i, 'relay'],
  [/trigger\/digitalinput$|digitalinput$|alarmin(?:put)?$|io\/port$|virtualinput$/i, 'digital-input'],
];

/** Names of the item that says whether it goes on; the first that is there and means yes or no counts. */
const STATES = [
  'IsMotion',
  'State',
  'LogicalState',
  'IsInside',
  'IsTamper',
  'IsCrossed',
  'Active',
  'active',
  'Motion',
  'Value',
];
const SOURCES = [
  'VideoSourceConfigurationToken',
  'VideoSourceToken',
  'VideoSource',
  'Source',
  'InputToken',
  'RelayToken',
  'Token',
  'port',
];
/** Data items that name what was seen, where the topic does not. */
const SEEN: Readonly<Record<string, string>> = {
  ispeople: 'people',
  isperson: 'people',
  ishuman: 'people',
  isvehicle: 'vehicle',
  iscar: 'vehicle',
  ispet: 'animal',
  isanimal: 'animal',
  isface: 'face',
  islinecross: 'line-crossing',
  isintrusion: 'intrusion',
  istamper: 'tamper',
};

/** What a message means, or undefined for one without a topic, which nobody can use. Unknown topics are passed on as "other". */
export function meaningOf(message: MessageReply): Meaning | undefined {
  const topic = bareTopic(message.topic);
  if (topic === '') return undefined;
  const known = TOPICS.find(([pattern]) => pattern.test(topic));
  const seen = seenIn(message.data);
  const detail = known?.[2] ?? seen?.detail;
  const kind = known?.[1] ?? (seen ? 'analytics' : 'other');
  const active = seen?.active ?? stateOf(message.data);
  return {
    kind,
    topic,
    source: sourceOf(message.source),
    ...(detail !== undefined && { detail }),
    ...(active !== undefined && { active }),
  };
}

/** "tns1:RuleEngine/tnshik:X//." is "RuleEngine/X". */
function bareTopic(topic: string): string {
  return topic
    .trim()
    .replace(/(?:\/\/\.|\/\.|\/+)$/, '')
    .split('/')
    .map((part) => part.slice(part.lastIndexOf(':') + 1).trim())
    .filter((part) => part !== '')
    .join('/');
}

function stateOf(data: readonly Item[]): boolean | undefined {
  for (const name of STATES) {
    const state = booleanFrom(data.find(([each]) => each === name)?.[1]);
    if (state !== undefined) return state;
  }
  return data
    .map(([, value]) => (/^\d+$/.test(value) ? undefined : booleanFrom(value)))
    .find((state) => state !== undefined);
}

function seenIn(data: readonly Item[]): { detail: string; active: boolean | undefined } | undefined {
  const named = data.flatMap(([name, value]) => {
    const detail = SEEN[name.toLowerCase()];
    return detail === undefined ? [] : [{ detail, active: booleanFrom(value) }];
  });
  return named.find(({ active }) => active === true) ?? named[0];
}

function sourceOf(source: readonly Item[]): string {
  const named = SOURCES.map((name) => source.find(([each]) => each === name)).find((item) => item !== undefined);
  return (named ?? source[0])?.[1] ?? '';
}
