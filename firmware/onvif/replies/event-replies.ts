import { attribute, child, childrenOf, find, findAll, textAt, type XmlElement } from '../xml/element.ts';
import { timeMsFrom } from '../xml/values.ts';
import { defined } from './device-replies.ts';

/** When a subscription ends, by the camera's clock. */
export interface SubscriptionTimes {
  readonly currentMs?: number;
  readonly terminationMs?: number;
}

export interface SubscriptionReply extends SubscriptionTimes {
  /** As written. */
  readonly address: string;
  /** What the camera wants back as SOAP headers in every call (WS-Addressing section 2.1). */
  readonly parameters: readonly XmlElement[];
}

/** CreatePullPointSubscription (ONVIF Core section 9.2.1); undefined without an address. */
export function readSubscription(body: XmlElement): SubscriptionReply | undefined {
  const reference = find(body, 'SubscriptionReference');
  const address = textAt(reference, 'Address');
  if (address === undefined) return undefined;
  const parameters = child(reference, 'ReferenceParameters') ?? child(reference, 'ReferenceProperties');
  return { address, parameters: parameters?.children ?? [], ...readTimes(body) };
}

/** Of any answer of a subscription: CurrentTime and TerminationTime. */
export function readTimes(body: XmlElement): SubscriptionTimes {
  return defined({
    currentMs: timeMsFrom(find(body, 'CurrentTime')?.text),
    terminationMs: timeMsFrom(find(body, 'TerminationTime')?.text),
  });
}

export type Item = readonly [name: string, value: string];

/** One NotificationMessage (ONVIF Core section 9.4). */
export interface MessageReply {
  /** As written, prefixes included; empty where there is none. */
  readonly topic: string;
  readonly utcMs?: number;
  /** "Initialized", "Changed" or "Deleted". */
  readonly operation?: string;
  readonly source: readonly Item[];
  readonly data: readonly Item[];
}

const MAX_MESSAGES = 500;
const MAX_ITEMS = 32;
const MAX_TEXT = 500;

/** PullMessages (section 9.2.2) and Notify. Further messages than 500 in one answer are left unread. */
export function readMessages(body: XmlElement): MessageReply[] {
  return findAll(body, 'NotificationMessage').slice(0, MAX_MESSAGES).map(readMessage);
}

function readMessage(element: XmlElement): MessageReply {
  // The outer Message holds the inner one.
  const outer = child(element, 'Message');
  const message = child(outer, 'Message') ?? outer;
  return {
    topic: (textAt(element, 'Topic') ?? '').slice(0, MAX_TEXT),
    source: itemsOf(child(message, 'Source')),
    data: itemsOf(child(message, 'Data')),
    ...defined({
      utcMs: timeMsFrom(attribute(message, 'UtcTime')),
      operation: attribute(message, 'PropertyOperation'),
    }),
  };
}

function itemsOf(element: XmlElement | undefined): Item[] {
  return childrenOf(element, 'SimpleItem')
    .slice(0, MAX_ITEMS)
    .map((each): Item => [
      (attribute(each, 'Name') ?? '').slice(0, MAX_TEXT),
      (attribute(each, 'Value') ?? each.text).slice(0, MAX_TEXT),
    ]);
}
