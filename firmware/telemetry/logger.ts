import { pino } from 'pino';
import { maskSecrets, maskText } from '../base/index.ts';

export type Logger = pino.Logger;
export type LogLevel = 'silent' | 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Shown in every line: which thread or process wrote it. */
  readonly thread: string;
  /** Where lines go; standard error if left out. A file is made with mode 0600. */
  readonly file?: string;
  /**
   * True writes each line before the call returns. False never blocks the thread, whoever reads the log: lines wait in a buffer
   * of `BUFFER_BYTES` and are dropped beyond it. The record worker uses false (R2).
   */
  readonly blocking: boolean;
}

const BUFFER_BYTES = 1 << 20;

/**
 * JSON lines with time, level and thread. Each thread makes its own logger on the process's descriptor, so nothing waits for
 * another thread. Every member, message, error and cause is masked by name and by pattern before it becomes text (C1).
 */
export function createLogger(options: LoggerOptions): Logger {
  const destination = pino.destination({
    ...(options.file === undefined ? { dest: 2 } : { dest: options.file, mkdir: true, mode: 0o600 }),
    sync: options.blocking,
    ...(options.blocking ? {} : { maxLength: BUFFER_BYTES }),
  });
  const logger = pino(
    {
      level: options.level,
      base: { thread: options.thread },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: maskMembers,
      },
      // The formatter has made plain values of errors already.
      serializers: { err: (value: unknown) => value },
      hooks: {
        logMethod(args, method) {
          method.apply(this, maskArguments(args) as typeof args);
        },
      },
    },
    destination,
  );
  maskChildren(logger);
  return logger;
}

/** Resolves when all lines given so far have been handed to the operating system. */
export function flushLogger(logger: Logger): Promise<void> {
  return new Promise((resolve, reject) => {
    logger.flush((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Pino formats the bindings of children past our formatter, so they are masked on their way in. Children inherit this. */
function maskChildren(logger: Logger): void {
  // oxlint-disable-next-line typescript/unbound-method -- called with the logger it was asked of, below
  const { child } = logger;
  logger.child = function (this: Logger, bindings: pino.Bindings, options?: object) {
    return child.call(this, maskMembers(bindings), options);
  } as Logger['child'];
}

function maskMembers(members: object): Record<string, unknown> {
  const masked = maskSecrets(members);
  return typeof masked === 'object' && masked !== null ? (masked as Record<string, unknown>) : { value: masked };
}

/** `log.error(error)` and `log.error({ err })` take their message from the error, behind the back of the formatter. */
function maskArguments(args: readonly unknown[]): unknown[] {
  const [first, second, ...rest] = args;
  const error = first instanceof Error ? first : errorOf(first);
  if (error && second === undefined) return [first, maskText(error.message)];
  return [first, second, ...rest].slice(0, args.length).map((arg, index) => {
    if (index === 0 && typeof arg === 'object') return arg;
    return typeof arg === 'string' ? maskText(arg) : maskSecrets(arg);
  });
}

function errorOf(value: unknown): Error | undefined {
  if (typeof value !== 'object' || value === null || !('err' in value)) return undefined;
  return value.err instanceof Error ? value.err : undefined;
}
