import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { BoxError } from '../../base/index.ts';

const FIND = '/usr/bin/find';
const SYNC = '/usr/bin/sync';
/** The volume's folder is the child's descriptor 3: the sync reaches the right file system even when its path no longer does. */
const FOLDER = '/proc/self/fd/3';
const DONE = 'done';
const FAILED = 'failed';
/** Standard error is not buffered, and shared with `sync`: what that complains of comes before the word of how it ended. */
const say = (word: string): string[] => ['-fprintf', '/dev/stderr', `${word}\\n`];
/** One sync for each path that comes, ended by NUL; the next path is looked at when it is over. */
const ARGS = [
  '-files0-from',
  '-',
  '-maxdepth',
  '0',
  '-exec',
  SYNC,
  '-f',
  '{}',
  ';',
  ...say(DONE),
  '-o',
  ...say(FAILED),
];

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: BoxError) => void;
  complaint: string | undefined;
}

/** True if the programs of the feeder are there. */
export async function feederAvailable(): Promise<boolean> {
  try {
    await Promise.all([access(FIND, constants.X_OK), access(SYNC, constants.X_OK)]);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/**
 * syncfs(2) for one file system, which Node does not offer: a long-lived `find` starts `sync -f` for each path that it is fed.
 * Starting one process from Node costs milliseconds on the loop; find starts them at no cost to it. One feeder per volume, since
 * a sync that hangs blocks the feeder.
 */
export class SyncFeeder {
  readonly #folderFd: number;
  #child: ChildProcess | undefined;
  #pending: Pending | undefined;
  #line = '';
  #stopped = false;

  constructor(folderFd: number) {
    this.#folderFd = folderFd;
  }

  /**
   * Everything written to the file system before this call is on stable storage when the promise resolves. One call at a time.
   * Rejects with storage.sync-failed when the disk reported an error (data may be lost), with storage.no-sync when no sync ran
   * (the feeder died or could not reach the folder): nothing is known to be lost then.
   */
  sync(): Promise<void> {
    if (this.#pending) return Promise.reject(new BoxError('box.bug', { reason: 'two syncs at a time' }));
    if (this.#stopped) return Promise.reject(new BoxError('storage.no-sync', { reason: 'stopped' }));
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject, complaint: undefined };
      const child = (this.#child ??= this.#spawn());
      child.stdin?.write(`${FOLDER}\0`);
    });
  }

  /** Ends the child; kills it when it has not ended by the deadline. A sync that hangs in the kernel survives until the disk answers. */
  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    const child = this.#child;
    if (!child) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        killGroup(child);
        for (const stream of child.stdio) stream?.destroy();
        child.unref();
        resolve();
      }, deadlineMs);
    });
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.stdin?.end();
    await Promise.race([ended, late]);
    clearTimeout(timer);
    this.#fail('stopped');
  }

  #spawn(): ChildProcess {
    // A group of its own keeps the terminal's Ctrl-C away and lets `stop` end find together with its sync.
    const child = spawn(FIND, ARGS, {
      stdio: ['pipe', 'ignore', 'pipe', this.#folderFd],
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
      detached: true,
    });
    this.#line = '';
    const gone = (reason: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#fail(reason);
    };
    child.on('error', (error) => gone(error.message));
    child.on('close', (code, signal) => gone(`ended with ${signal ?? code}`));
    // EPIPE: the child is dying, which its close event reports.
    child.stdin?.on('error', (error) => gone(error.message));
    child.stderr?.setEncoding('utf8');
    child.stderr?.on('data', (text: string) => this.#read(text));
    return child;
  }

  #read(text: string): void {
    this.#line += text;
    for (let end = this.#line.indexOf('\n'); end >= 0; end = this.#line.indexOf('\n')) {
      const line = this.#line.slice(0, end);
      this.#line = this.#line.slice(end + 1);
      this.#take(line);
    }
  }

  #take(line: string): void {
    const pending = this.#pending;
    if (!pending) return;
    if (line !== DONE && line !== FAILED) {
      pending.complaint = pending.complaint === undefined ? line : `${pending.complaint}; ${line}`;
      return;
    }
    this.#pending = undefined;
    const { complaint = `${SYNC} has failed` } = pending;
    if (line === DONE) pending.resolve();
    else if (/error syncing/.test(complaint))
      pending.reject(new BoxError('storage.sync-failed', { reason: complaint }));
    else pending.reject(new BoxError('storage.no-sync', { reason: complaint }));
  }

  #fail(reason: string): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(new BoxError('storage.no-sync', { reason }));
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: it has just ended by itself.
    if (!(error instanceof Error) || (error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
