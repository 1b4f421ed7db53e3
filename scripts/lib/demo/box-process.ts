import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BoxError, firstPromise } from '../../../firmware/base/index.ts';
import { callBox } from '../../../firmware/cli/socket-client.ts';

const CHILD = fileURLToPath(new URL('box-child.ts', import.meta.url));
const SECURE = /^For everybody: (\S+)$/;
const READY = /^The box records\. Status page: (\S+)$/;

const FAULT_MS = 3000;
/** The box's own deadline is 10 s. */
const STOP_MS = 15_000;

/** The box in a process of its own, so that its figures are its own and the keys of the terminal do not reach it. */
export class BoxProcess {
  readonly #child: ChildProcess;
  readonly #dataFolder: string;
  /** Resolves with the exit code when the process is gone; -1 if a signal ended it. */
  readonly ended: Promise<number>;
  /** What the box itself said was wrong, if it did. */
  fault: BoxError | undefined;

  /** Where others find the box, once it records. */
  secureUrl: string | undefined;

  private constructor(child: ChildProcess, dataFolder: string) {
    this.#child = child;
    this.#dataFolder = dataFolder;
    this.ended = once(child, 'exit').then(([code]) => (code as number | null) ?? -1);
  }

  /** The log of the box goes to `logFile`, which begins anew. */
  static async spawn(options: { dataFolder: string; port: number; logFile: string }): Promise<BoxProcess> {
    const { dataFolder, port, logFile } = options;
    await using log = await open(logFile, 'w', 0o600);
    const args = [CHILD, 'run', '--data', dataFolder, '--port', String(port), '--json'];
    const stdio = ['ignore', 'pipe', log.fd, 'ipc'] as const;
    const child = spawn(process.execPath, args, {
      stdio: [...stdio],
      detached: true,
    });
    return new BoxProcess(child, dataFolder);
  }

  /** The address of the status page once the box records; undefined if it ended instead (`fault` may say why). */
  async ready(): Promise<string | undefined> {
    for await (const line of createInterface({ input: this.#child.stdout! })) {
      this.secureUrl ??= SECURE.exec(line)?.[1];
      const url = READY.exec(line)?.[1];
      if (url !== undefined) return url;
      this.#readFault(line);
      // A box that has said why it cannot start is of no more use, whatever still keeps it.
      if (this.fault) this.#killAfter(FAULT_MS);
    }
    await this.ended;
    return undefined;
  }

  call(operation: string, input: unknown): Promise<unknown> {
    return callBox(this.#dataFolder, operation, input);
  }

  /** Asks the box to finish every file; resolves with its exit code. */
  readonly stop = firstPromise(async () => {
    // Once only: a second signal would end the box in the middle of its files.
    this.#child.kill('SIGTERM');
    this.#killAfter(STOP_MS);
    return this.ended;
  });

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #killAfter(ms: number): void {
    const timer = setTimeout(() => this.kill(), ms);
    void this.ended.then(() => clearTimeout(timer));
  }

  #readFault(line: string): void {
    if (!line.startsWith('{')) return;
    const { error } = JSON.parse(line) as { error?: { code: string; context?: Record<string, unknown> } };
    if (error) this.fault = BoxError.fromJSON(error);
  }
}
