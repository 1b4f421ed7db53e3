import { ERROR_CODES, type ErrorCode, type ErrorKind } from './error-codes.ts';
import { maskSecrets, maskText } from './secrets.ts';

export interface ErrorReport {
  readonly code: ErrorCode;
  readonly what: string;
  readonly advice: string;
  readonly context: Record<string, unknown>;
}

/**
 * The one error class of the firmware. `context` names the camera, file, packet or key that it is about, in values that JSON
 * can hold; secrets put there by mistake are masked at once, so neither a log nor an answer can show them.
 */
export class BoxError extends Error {
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, context: Record<string, unknown> = {}, options: { cause?: unknown } = {}) {
    const masked = maskSecrets(context) as Record<string, unknown>;
    super(message(code, masked), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BoxError';
    this.code = code;
    this.context = masked;
  }

  get kind(): ErrorKind {
    return ERROR_CODES[this.code].kind;
  }

  get what(): string {
    return ERROR_CODES[this.code].what;
  }

  get advice(): string {
    return ERROR_CODES[this.code].advice;
  }

  /** What may leave the process. The cause stays inside: its text comes from elsewhere and may hold anything. */
  toJSON(): ErrorReport {
    return { code: this.code, what: this.what, advice: this.advice, context: { ...this.context } };
  }

  /** The other end of `toJSON`, for an error that comes from another thread or process. An unknown code becomes box.bug. */
  static fromJSON(report: { code: string; context?: Record<string, unknown> }): BoxError {
    if (isErrorCode(report.code)) return new BoxError(report.code, report.context);
    return new BoxError('box.bug', { ...report.context, unknownCode: report.code });
  }
}

/** The error itself if it is a BoxError; else a BoxError with the fallback code that keeps it as cause and names its message. */
export function asBoxError(error: unknown, fallback: ErrorCode): BoxError {
  if (error instanceof BoxError) return error;
  const context: Record<string, unknown> = {};
  if (error instanceof Error) {
    context.reason = maskText(error.message);
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code === 'string') context.errno = code;
  } else {
    context.reason = maskText(String(error));
  }
  return new BoxError(fallback, context, { cause: error });
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

function message(code: ErrorCode, context: Record<string, unknown>): string {
  const details = Object.entries(context)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const what = ERROR_CODES[code].what;
  return details.length === 0 ? `${code}: ${what}` : `${code}: ${what} (${details.join(', ')})`;
}
