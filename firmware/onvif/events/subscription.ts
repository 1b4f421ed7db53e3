import { BoxError } from '../../base/index.ts';
import {
  readMessages,
  readSubscription,
  readTimes,
  type MessageReply,
  type SubscriptionTimes,
} from '../replies/event-replies.ts';
import type { CameraSession } from '../session.ts';
import { NAMESPACES } from '../soap/envelope.ts';
import type { XmlElement } from '../xml/element.ts';
import { escapeXml } from '../xml/values.ts';

const PULL_PORT = `${NAMESPACES.events}/PullPointSubscription`;
const MANAGER_PORT = `${NAMESPACES.notification.replace('/b-2', '/bw-2')}/SubscriptionManager`;
/** What is asked for, and what is believed at least and at most, whatever the camera's clock makes of it. */
const LIFE_S = 180;
const SHORTEST_LIFE_MS = 10_000;
const MESSAGES = 100;

/** A pull-point of one camera: what was created, how it is called, until when it lives. */
export class Subscription {
  readonly #session: CameraSession;
  readonly #url: URL;
  readonly #to: string;
  readonly #parameters: string;
  #endsUs: number;

  private constructor(session: CameraSession, reply: { address: string; parameters: readonly XmlElement[] }, url: URL) {
    this.#session = session;
    this.#url = url;
    this.#to = reply.address;
    this.#parameters = reply.parameters.map((each) => asHeader(each)).join('');
    this.#endsUs = 0;
  }

  /** Tries whatever the capabilities say: some cameras deny the pull-point that they have (ONVIF Core section 9.2). */
  static async create(session: CameraSession, signal: AbortSignal): Promise<Subscription> {
    const action = `${NAMESPACES.events}/EventPortType/CreatePullPointSubscriptionRequest`;
    const content = `<t:InitialTerminationTime>PT${LIFE_S}S</t:InitialTerminationTime>`;
    const { body } = await session.call('events', 'CreatePullPointSubscription', signal, { content, action });
    const reply = readSubscription(body);
    const url = session.rule.apply(reply?.address);
    if (!reply || !url || !/^https?:$/.test(url.protocol)) {
      throw new BoxError('onvif.bad-answer', { operation: 'CreatePullPointSubscription' });
    }
    const made = new Subscription(session, reply, url);
    made.#lives(reply);
    return made;
  }

  /** Milliseconds that are left of it; the camera's clock plays no part. */
  get leftMs(): number {
    return (this.#endsUs - this.#session.deps.clock.monoUs()) / 1000;
  }

  /** Holds for up to `holdMs` where the camera holds; some answer at once, with nothing. */
  async pull(holdMs: number, signal: AbortSignal): Promise<MessageReply[]> {
    const content = `<t:Timeout>PT${Math.round(holdMs / 1000)}S</t:Timeout><t:MessageLimit>${MESSAGES}</t:MessageLimit>`;
    const action = `${PULL_PORT}/PullMessagesRequest`;
    const answer = await this.#call('events', 'PullMessages', action, content, holdMs, signal);
    this.#extends(readTimes(answer.body));
    return readMessages(answer.body);
  }

  async renew(signal: AbortSignal): Promise<void> {
    const content = `<t:TerminationTime>PT${LIFE_S}S</t:TerminationTime>`;
    const action = `${MANAGER_PORT}/RenewRequest`;
    const answer = await this.#call('notification', 'Renew', action, content, 0, signal);
    this.#lives(readTimes(answer.body));
  }

  async unsubscribe(signal: AbortSignal): Promise<void> {
    await this.#call('notification', 'Unsubscribe', `${MANAGER_PORT}/UnsubscribeRequest`, '', 0, signal);
  }

  async #call(
    service: 'events' | 'notification',
    operation: string,
    action: string,
    content: string,
    heldMs: number,
    signal: AbortSignal,
  ): ReturnType<CameraSession['soap']['call']> {
    const addressing = { to: this.#to, action, parameters: this.#parameters };
    return await this.#session.soap.call({ url: this.#url, service, operation, content, addressing, heldMs }, signal);
  }

  #lives(times: SubscriptionTimes): void {
    const lifeMs = Math.max(SHORTEST_LIFE_MS, lifeOf(times) ?? LIFE_S * 1000);
    this.#endsUs = this.#session.deps.clock.monoUs() + lifeMs * 1000;
  }

  /** A pull may lengthen the life; what it says is not taken for shortening, since some answer with stale times. */
  #extends(times: SubscriptionTimes): void {
    const lifeMs = lifeOf(times) ?? 0;
    this.#endsUs = Math.max(this.#endsUs, this.#session.deps.clock.monoUs() + lifeMs * 1000);
  }
}

/** What the camera says is left, by its own clock alone, and never more than was asked for. */
function lifeOf({ currentMs, terminationMs }: SubscriptionTimes): number | undefined {
  if (currentMs === undefined || terminationMs === undefined) return undefined;
  return Math.min(LIFE_S * 1000, terminationMs - currentMs);
}

const MAX_DEPTH = 4;

/** A reference parameter as a header (WS-Addressing 1.0, SOAP binding, section 3.2). */
function asHeader(element: XmlElement, depth = 0): string {
  if (depth > MAX_DEPTH || !/^[A-Za-z_][\w.-]*$/.test(element.name)) return '';
  const name = `p:${element.name}`;
  const mark = depth === 0 ? ' a:IsReferenceParameter="true"' : '';
  const inside = element.children.map((each) => asHeader(each, depth + 1)).join('');
  return `<${name} xmlns:p="${escapeXml(element.namespace)}"${mark}>${escapeXml(element.text)}${inside}</${name}>`;
}
