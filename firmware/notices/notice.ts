import type { ErrorCode } from '../base/index.ts';
import type { Severity } from '../telemetry/index.ts';

/** What has become of the thing that an item tells of: it lasts, it is over, or it was of a moment only. */
export type ItemState = 'standing' | 'over' | 'happened';

export interface NoticeItem {
  readonly code: ErrorCode;
  /** `camera/<id>`, `volume/<id>`, `disk/<id>`, `channel/<id>`, `box`. */
  readonly subject: string;
  readonly severity: Severity;
  readonly state: ItemState;
  /** UTC microseconds at which it began. */
  readonly sinceUs: number;
  /** How often it came since the last notice about it. */
  readonly times: number;
  /** Short plain values only, secrets masked. */
  readonly context: Readonly<Record<string, string | number | boolean>>;
}

/** One message to people. Its id stays the same over every attempt to deliver it, so that receivers can drop repeats. */
export interface Notice {
  /** UUID. */
  readonly id: string;
  /** UTC microseconds. */
  readonly atUs: number;
  readonly kind: 'problems' | 'summary' | 'test';
  /** The gravest first. */
  readonly items: readonly NoticeItem[];
  /** Things that found no room in `items`. */
  readonly more: number;
  readonly deliveries: readonly Delivery[];
}

export type DeliveryState =
  | 'waiting'
  | 'delivered'
  /** Given up: the server said no for good, or for days. */
  | 'failed'
  /** Told as part of a later summary. */
  | 'summarised'
  /** The channel was removed meanwhile. */
  | 'cancelled';

export interface Delivery {
  readonly channel: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** The last failure: a code of the error table with its plain values. */
  readonly error?: { readonly code: ErrorCode; readonly context: Readonly<Record<string, string | number | boolean>> };
  /** UTC microseconds at which `state` left `waiting`. */
  readonly doneUs?: number;
}

export const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, notice: 2 };

/** The gravest first, then what lasts before what is over, then the oldest. */
export function byGravity(a: NoticeItem, b: NoticeItem): number {
  return (
    RANK[a.severity] - RANK[b.severity] ||
    Number(a.state === 'over') - Number(b.state === 'over') ||
    a.sinceUs - b.sinceUs
  );
}

const MAX_VALUES = 12;
const MAX_CHARS = 200;

/** The plain values of a context, short enough for a mail; lists and objects stay on the box. */
export function plainContext(context: Readonly<Record<string, unknown>>): NoticeItem['context'] {
  const plain = Object.entries(context).flatMap(([key, value]): [string, string | number | boolean][] => {
    if (typeof value === 'number' || typeof value === 'boolean') return [[key.slice(0, 40), value]];
    return typeof value === 'string' ? [[key.slice(0, 40), inert(value).slice(0, MAX_CHARS)]] : [];
  });
  return Object.fromEntries(plain.slice(0, MAX_VALUES));
}

/** Names and texts from elsewhere on one line, without characters that control or reverse what is shown. */
export function inert(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}
