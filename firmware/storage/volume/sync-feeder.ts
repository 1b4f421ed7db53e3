import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { BoxError } from '../../base/index.ts';

const XARGS = '/usr/bin/xargs';
const SYNC = '/usr/bin/sync';
/** The volume's folder is the child's descriptor 3: the sync reaches the right file system even when its path no longer does. */
const FOLDER = '/proc/self/fd/3';
/** Syncing procfs does nothing. The line that announces it is printed only after the sync before it has ended. */
const MARKER = '/proc';
const STARTS = `${SYNC} -f `;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: BoxError) => void;
  announced: number;
  complaint: string | undefined;
}

/** True if the programs of the feeder are there. */
export async function feederAvailable(): Promise<boolean> {
  try {
    await Promise.all([access(XARGS, constants.X_OK), access(SYNC, constants.X_OK)]);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

/**
 * syncfs(2) for one file system, which Node does not offer: a long-lived `xargs` that starts `sync -f` for each path that it
 * is fed. Starting one process from Node costs milliseconds on the loop; xargs starts them at no cost to it. One feeder per
 * volume, since a sync that hangs blocks the feeder.
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
      this.#pending = { resolve, reject, announced: 0, complaint: undefined };
      const child = (this.#child ??= this.#spawn());
      child.stdin?.write(`${FOLDER}\0${MARKER}\0`);
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
    // A group of its own keeps the terminal's Ctrl-C away and lets `stop` end xargs together with its sync.
    const child = spawn(XARGS, ['-0', '-t', '-n1', SYNC, '-f'], {
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
    if (!line.startsWith(STARTS)) {
      pending.complaint = pending.complaint === undefined ? line : `${pending.complaint}; ${line}`;
      return;
    }
    if (++pending.announced < 2) return;
    this.#pending = undefined;
    const { complaint } = pending;
    if (complaint === undefined) pending.resolve();
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
