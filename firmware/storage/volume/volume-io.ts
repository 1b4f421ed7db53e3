import { writev } from 'node:fs';
import { BoxError, asBoxError, type ErrorCode } from '../../base/index.ts';

/** What the system says, in the box's terms. Anything that is not listed counts as a fault of the disk. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: 'storage.full',
  EDQUOT: 'storage.full',
  EROFS: 'storage.read-only',
  EACCES: 'storage.read-only',
  EPERM: 'storage.read-only',
  ENODEV: 'storage.not-mounted',
  ENOTCONN: 'storage.not-mounted',
  ESHUTDOWN: 'storage.not-mounted',
  EEXIST: 'storage.corrupt',
  EMFILE: 'box.bug',
  ENFILE: 'box.bug',
};

/** A file operation's error as a BoxError: storage.full, .read-only, .not-mounted, or .io for the rest. */
export function diskError(error: unknown, context: Record<string, unknown>): BoxError {
  if (error instanceof BoxError) return error;
  const errno = errnoOf(error) ?? '';
  const code = CODES[errno] ?? 'storage.io';
  return new BoxError(code, { ...context, ...asBoxError(error, code).context }, { cause: error });
}

/** The system's name of an error, such as ENOENT. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

/** A FUSE or network file system may answer EAGAIN for a while; the operation's deadline is the queue's business. */
const AGAIN_MS = 20;
const AGAIN_TIMES = 500;

/**
 * Writes all chunks at the position with one system call, and with further ones only after a short write. `done` gets the
 * system's error and how many bytes stand in the file for certain.
 */
export function writeFully(
  fd: number,
  chunks: readonly Uint8Array[],
  position: number,
  done: (error: Error | null, written: number) => void,
): void {
  let rest = [...chunks];
  let total = 0;
  let again = 0;
  for (const chunk of chunks) total += chunk.length;
  let written = 0;
  const step = (): void => {
    if (written === total) {
      done(null, written);
      return;
    }
    writev(fd, rest, position + written, (error, count) => {
      const errno = error ? errnoOf(error) : undefined;
      if ((errno === 'EINTR' || errno === 'EAGAIN') && again++ < AGAIN_TIMES) {
        setTimeout(step, errno === 'EAGAIN' ? AGAIN_MS : 0);
        return;
      }
      if (error) {
        done(error, written);
        return;
      }
      if (count === 0) {
        done(new BoxError('storage.io', { reason: 'a write wrote nothing' }), written);
        return;
      }
      written += count;
      if (written < total) rest = dropFront(rest, count);
      step();
    });
  };
  step();
}

/** What is left of the chunks behind the first `count` bytes. */
function dropFront(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = count;
  for (const chunk of chunks) {
    if (skip >= chunk.length) {
      skip -= chunk.length;
      continue;
    }
    rest.push(skip === 0 ? chunk : chunk.subarray(skip));
    skip = 0;
  }
  return rest;
}

/**
 * The promise's outcome, or storage.hung after the deadline. The work itself cannot be called back: whatever it does later is
 * reported to nobody.
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, context: Record<string, unknown>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new BoxError('storage.hung', { ...context, afterMs: ms })), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
