import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { BoxError, systemClock, type ErrorReport } from '../base/index.ts';
import {
  DEADLINES_MS,
  MAX_REPLY_BYTES,
  tokenFileOf,
  type Args,
  type Reply,
  type Result,
  type Verb,
} from './protocol.ts';

/** The process answers by its own deadline; this much later it is given up. */
const GRACE_MS = 5000;
/** systemd starts it again within a second. */
const TRIES = 4;
const RETRY_MS = 400;

/** Whoever does the verbs: the process itself over its socket, or something that starts it first. */
export interface Privileged {
  /** Rejects with privileged.* or disks.*, as the process answers, or privileged.unavailable if nobody does. */
  ask<V extends Verb>(verb: V, args: Args<V>): Promise<Result<V>>;
}

/** Asks the process with the rights of root. Each request has a connection of its own, so there is none that could be lost. */
export class PrivilegedClient implements Privileged {
  readonly #path: string;

  /** `path`: of the socket. */
  constructor(path: string) {
    this.#path = path;
  }

  async ask<V extends Verb>(verb: V, args: Args<V>): Promise<Result<V>> {
    for (let tries = 1; ; tries++) {
      try {
        const token = await readFile(tokenFileOf(this.#path), 'utf8');
        const request = `${JSON.stringify({ token, verb, args })}\n`;
        const reply = await this.#exchange(request, DEADLINES_MS[verb] + GRACE_MS);
        if ('error' in reply) throw BoxError.fromJSON(reply.error);
        return reply.result as Result<V>;
      } catch (error) {
        // Only what has certainly not been begun is tried again.
        const { code, syscall } = error as NodeJS.ErrnoException;
        const absent = syscall === 'connect' || code === 'ENOENT';
        if (!absent && !isAccess(code)) throw error;
        if (!absent || tries === TRIES) {
          throw new BoxError('privileged.unavailable', { socket: this.#path, reason: code }, { cause: error });
        }
      }
      await systemClock.sleep(RETRY_MS);
    }
  }

  #exchange(request: string, limitMs: number): Promise<Reply> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const socket = connect(this.#path);
    const gone = (reason: string): void => reject(new BoxError('privileged.unavailable', { reason }));
    const timer = setTimeout(() => gone('no answer'), limitMs);
    const chunks: Buffer[] = [];
    let bytes = 0;
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.syscall === 'connect' ? reject(error) : gone(error.message),
    );
    socket.once('connect', () => socket.write(request));
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_REPLY_BYTES) return gone('the answer is too long');
      chunks.push(chunk);
    });
    socket.once('end', () => {
      const reply = parseReply(Buffer.concat(chunks).toString('utf8'));
      if (reply) resolve(reply);
      else gone('the answer was cut off');
    });
    socket.once('close', () => gone('the connection ended'));
    return promise.finally(() => {
      clearTimeout(timer);
      socket.destroy();
    });
  }
}

function isAccess(code: string | undefined): boolean {
  return code === 'EACCES' || code === 'EPERM';
}

/** Undefined for what is no whole answer. */
function parseReply(text: string): Reply | undefined {
  if (!text.endsWith('\n')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { result, error } = Object(value) as { result?: unknown; error?: ErrorReport };
  if (typeof error?.code === 'string') return { error };
  return result === undefined ? undefined : { result };
}
