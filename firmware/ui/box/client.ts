import { signal } from '@preact/signals';
import type { OperationTypes } from '../../control/index.ts';

export type OperationName = keyof OperationTypes;
export type Input<N extends OperationName> = OperationTypes[N]['input'];
export type Output<N extends OperationName> = OperationTypes[N]['output'];

/** What the box refused or could not do, in its own words and the language of the window (RFC 9457). */
export class BoxFault extends Error {
  override readonly name = 'BoxFault';
  readonly code: string;
  readonly advice: string;
  readonly status: number;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(told: { code: string; title: string; detail: string; status: number; context: Record<string, unknown> }) {
    super(told.title);
    this.code = told.code;
    this.advice = told.detail;
    this.status = told.status;
    this.context = told.context;
  }
}

/** The code of a fault that the window itself found: nobody answered. */
export const NO_ANSWER = 'window.no-answer';

/** Set by the session; goes with every change. */
export const csrfToken = signal<string | undefined>(undefined);
export const askLanguage = signal<string>('en');
/** Called when an answer says that nobody is signed in any more. */
export const signedOutBy = { listener: (): void => undefined };

/** Larger differences are not the time that an answer takes. */
const CLOCKS_AGREE_MS = 2000;
let ahead = 0;

/** The time of the box, in ms since 1970, by its last answer: the clock of this computer may be wrong. */
export function boxNow(): number {
  return Date.now() + ahead;
}

const PAGE_ITEMS = 1000;

type Optional<T> =
  Record<never, never> extends T ? [input?: T, options?: AskOptions] : [input: T, options?: AskOptions];

export interface AskOptions {
  readonly signal?: AbortSignal;
  /** Answered at once with a job (RFC 7240). */
  readonly asJob?: boolean;
}

/** One operation of the box. Lists come whole. Rejects with BoxFault. */
export async function ask<N extends OperationName>(name: N, ...rest: Optional<Input<N>>): Promise<Output<N>> {
  const [input = {}, options = {}] = rest as [unknown?, AskOptions?];
  const path = `/api/${name.replaceAll('.', '/')}`;
  const first = await request('POST', path, input, options);
  if (!isPage(first)) return first as Output<N>;
  const items = [...first.items];
  let next = first.next;
  while (next !== undefined) {
    const page = await request('POST', `${path}?limit=${PAGE_ITEMS}&cursor=${next}`, input, options);
    if (!isPage(page)) break;
    items.push(...page.items);
    next = page.next;
  }
  return items as Output<N>;
}

/** Has an operation done as a job, which goes on whoever looks on. Rejects with BoxFault. */
export async function begin<N extends OperationName>(name: N, input: Input<N>): Promise<Output<'jobs.get'>> {
  const path = `/api/${name.replaceAll('.', '/')}`;
  return (await request('POST', path, input, { asJob: true })) as Output<'jobs.get'>;
}

/** A request to the box; undefined if it answered with nothing. Rejects with BoxFault. */
export async function request(
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  options: AskOptions = {},
): Promise<unknown> {
  const headers: Record<string, string> = { 'accept-language': askLanguage.value };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (options.asJob === true) headers['prefer'] = 'respond-async';
  if (csrfToken.value !== undefined) headers['x-csrf-token'] = csrfToken.value;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new BoxFault({ code: NO_ANSWER, title: '', detail: '', status: 0, context: {} });
  }
  const apart = Date.parse(response.headers.get('date') ?? '') - Date.now();
  ahead = Math.abs(apart) > CLOCKS_AGREE_MS ? apart : 0;
  if (response.status === 204) return undefined;
  if (response.ok) return response.json();
  const told = (await response.json().catch(() => ({}))) as Partial<ConstructorParameters<typeof BoxFault>[0]>;
  const fault = new BoxFault({ code: 'box.bug', title: '', detail: '', context: {}, ...told, status: response.status });
  if (fault.code === 'control.not-signed-in') signedOutBy.listener();
  throw fault;
}

function isPage(answer: unknown): answer is { items: unknown[]; next?: string } {
  return typeof answer === 'object' && answer !== null && Array.isArray((answer as { items?: unknown }).items);
}
