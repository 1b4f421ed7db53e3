import { textAt } from '../../../firmware/onvif/xml/element.ts';
import { escape, Fault, type SoapRequest } from './request.ts';

/** What this needs to know of the camera. */
interface Teller {
  readonly nowMs: number;
  readonly faults: { readonly maxPullPoints: number };
}

export interface Told {
  readonly topic: string;
  readonly source: readonly (readonly [string, string])[];
  readonly data: readonly (readonly [string, string])[];
  readonly operation?: 'Initialized' | 'Changed';
}

export interface PullPoint {
  readonly id: string;
  endsMs: number;
  readonly queue: string[];
  wake: () => void;
}

const MAX_QUEUE = 200;

export class EventDesk {
  /** Pull-points that were created, those that are over too. */
  created = 0;
  renewed = 0;
  ended = 0;
  readonly #points = new Map<string, PullPoint>();
  readonly #states = new Map<string, Told>();

  get open(): number {
    return this.#points.size;
  }

  /** Tells every pull-point, and keeps the state for those to come. */
  tell(camera: Teller, told: Told): void {
    this.#states.set(JSON.stringify([told.topic, told.source]), told);
    for (const point of this.#points.values()) put(point, messageText(camera, told));
  }

  /** As a restart does: nobody is told, and what comes next is unknown here. */
  forgetAll(): void {
    for (const point of this.#points.values()) point.wake();
    this.#points.clear();
  }

  create(camera: Teller, lifeMs: number): PullPoint {
    this.#purge();
    if (this.#points.size >= camera.faults.maxPullPoints) {
      throw new Fault(400, 'env:Receiver', 'ter:Action', 'ter:BlockedThreadUpperLimit');
    }
    const id = String(++this.created);
    const point: PullPoint = { id, endsMs: Date.now() + lifeMs, queue: [], wake: () => undefined };
    this.#points.set(id, point);
    for (const told of this.#states.values()) put(point, messageText(camera, { ...told, operation: 'Initialized' }));
    return point;
  }

  find(request: SoapRequest): PullPoint {
    this.#purge();
    const id = textAt(request.header, 'SubscriptionId') ?? '';
    const point = this.#points.get(id);
    if (!point) throw new Fault(400, 'env:Sender', 'ter:InvalidArgVal', 'wsrf-rw:ResourceUnknownFault');
    return point;
  }

  end(point: PullPoint): void {
    point.wake();
    this.#points.delete(point.id);
    this.ended++;
  }

  #purge(): void {
    for (const point of this.#points.values()) if (point.endsMs < Date.now()) this.#points.delete(point.id);
  }
}

function put(point: PullPoint, text: string): void {
  if (point.queue.length < MAX_QUEUE) point.queue.push(text);
  point.wake();
}

function messageText(camera: Teller, told: Told): string {
  const items = (list: Told['data']): string =>
    list.map(([name, value]) => `<tt:SimpleItem Name="${escape(name)}" Value="${escape(value)}"/>`).join('');
  return (
    '<wsnt:NotificationMessage><wsnt:Topic Dialect="http://www.onvif.org/ver10/tev/topicExpression/ConcreteSet">' +
    `${escape(told.topic)}</wsnt:Topic><wsnt:Message><tt:Message UtcTime="${new Date(camera.nowMs).toISOString()}"` +
    ` PropertyOperation="${told.operation ?? 'Changed'}"><tt:Source>${items(told.source)}</tt:Source>` +
    `<tt:Data>${items(told.data)}</tt:Data></tt:Message></wsnt:Message></wsnt:NotificationMessage>`
  );
}
