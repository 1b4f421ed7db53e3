import { BoxError, type ErrorCode } from '../base/index.ts';
import type { Severity } from '../telemetry/index.ts';

/** A notice in the words and for the eyes of one channel. */
export interface Message {
  /** Stays the same over every attempt. */
  readonly id: string;
  /** UTC microseconds. */
  readonly atUs: number;
  readonly title: string;
  readonly text: string;
  /** The same facts for machines. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Channel {
  /** `email`, or `webhook/<id>`. */
  readonly id: string;
  readonly minSeverity: Severity;
  /** Where it leads, without anything secret. */
  readonly target: string;
  /** Times of day without notices below `error`. */
  readonly quietHours: readonly { readonly from: string; readonly to: string }[];
  /** Equal keys mean equal settings. */
  readonly key: string;
  /** Resolves when the server has taken the message. Rejects with a code `notices.*` whose context holds plain values only. */
  send(message: Message, signal: AbortSignal): Promise<void>;
}

/** Answers that stay the same however often the same notice is sent. */
const FINAL: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['notices.refused', 'notices.redirected']);

export function isFinal(error: BoxError): boolean {
  return FINAL.has(error.code);
}

const TLS =
  /^(?:ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_OSSL)|^(?:EPROTO|HOSTNAME_MISMATCH|ETLS|EREQUIRETLS)$/;
const GONE = /^(?:ECONN\w+|EHOST\w+|ENET\w+|EPIPE|ENOTFOUND|EAI_AGAIN|EADDRNOTAVAIL|EDNS|ESOCKET)$/;
const LATE = /^(?:ETIMEDOUT|ABORT_ERR|ESOCKETTIMEDOUT|EABORT)$/;

/**
 * A failure of a connection as a code. Messages of servers and libraries are left out, since they may repeat what was sent to
 * them; `errno` says which failure it was.
 */
export function connectionFault(error: unknown, where: Record<string, string | number>): BoxError {
  if (error instanceof BoxError) return error;
  const codes = codesOf(error);
  const errno = codes[0];
  const context = { ...where, ...(errno === undefined ? {} : { errno }) };
  const some = (pattern: RegExp): boolean => codes.some((code) => pattern.test(code));
  if (some(TLS)) return new BoxError('notices.tls', context);
  if (some(LATE) || (error instanceof Error && error.name === 'TimeoutError'))
    return new BoxError('notices.timeout', context);
  return new BoxError(some(GONE) ? 'notices.unreachable' : 'notices.protocol', context);
}

/** The code of an error and of those beneath it: a connection that tried many addresses has one for each. */
function codesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  // nodemailer keeps the code of the system beside its own.
  const { code, originalCode } = error as NodeJS.ErrnoException & { originalCode?: unknown };
  const below = error instanceof AggregateError ? error.errors.flatMap(codesOf) : codesOf(error.cause);
  return [...below, originalCode, code].filter((each) => typeof each === 'string');
}

/** The promise, or the signal's reason if that comes first: for work that cannot be cut off itself. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
