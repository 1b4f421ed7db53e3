import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const STOP_MS = 20_000;
const running = new Set<ChildProcess>();

// Whatever ends the bench, its children go with it.
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A child process of the bench: its standard output line by line, its complaints in a file. */
export class Child {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: Interface;
  readonly #waiting: ((line: string) => void)[] = [];
  readonly #said: string[] = [];

  constructor(
    program: string,
    args: readonly string[],
    options: { log: string; cwd?: string; env?: NodeJS.ProcessEnv },
  ) {
    const { cwd, env = process.env } = options;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...(cwd === undefined ? {} : { cwd }), env });
    running.add(this.#child);
    this.#exited = once(this.#child, 'close').finally(() => running.delete(this.#child));
    (this.#child.stderr as Readable).pipe(createWriteStream(options.log, { flags: 'a' }));
    // A child that has gone takes no more orders.
    this.#input.on('error', () => this.#lines.close());
    this.#lines = createInterface({ input: this.#child.stdout as Readable });
    this.#lines.on('line', (line) => {
      const waiting = this.#waiting.shift();
      if (waiting) waiting(line);
      else this.#said.push(line);
    });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#child.spawnfile} did not start`);
    return this.#child.pid;
  }

  say(line: string): void {
    this.#input.write(`${line}\n`);
  }

  /** The next line that it says. Rejects if it ends before. */
  line(): Promise<string> {
    const said = this.#said.shift();
    if (said !== undefined) return Promise.resolve(said);
    const ended = this.#exited.then(() => Promise.reject(new Error(`${this.#child.spawnargs.join(' ')} has ended`)));
    return Promise.race([new Promise<string>((resolve) => this.#waiting.push(resolve)), ended as Promise<string>]);
  }

  /** Resolves when it has ended; helps after a while if the signal does not. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#exited;
    clearTimeout(timer);
  }

  get #input(): Writable {
    return this.#child.stdin as Writable;
  }
}
