import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { BoxError } from '../base/index.ts';

/** Everything that is ever run, with the Debian package that it comes from. */
const PROGRAMS = {
  blkid: 'util-linux',
  chown: 'coreutils',
  date: 'coreutils',
  id: 'coreutils',
  lsblk: 'util-linux',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.xfs': 'xfsprogs',
  mount: 'mount',
  smartctl: 'smartmontools',
  umount: 'mount',
  wipefs: 'util-linux',
} as const;
export type Program = keyof typeof PROGRAMS;

/** Not the PATH of whoever started us. */
const FOLDERS = ['/usr/sbin', '/sbin', '/usr/bin', '/bin'];
const ENVIRONMENT = { PATH: FOLDERS.join(':'), LC_ALL: 'C' };
const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Words of a failed program that are passed on. */
const MAX_WORDS = 500;

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Limits {
  /** Less time than the task has left. */
  readonly ms?: number;
  /** The program has truly ended, which may be long after it was given up. */
  readonly exited?: () => void;
}

/** One request at work: its deadline, and the programs that it runs. */
export class Task {
  readonly #endsAtMs: number;
  #running = 0;
  readonly #over: (() => void)[] = [];

  constructor(deadlineMs: number) {
    this.#endsAtMs = performance.now() + deadlineMs;
  }

  get remainingMs(): number {
    return Math.max(1, Math.round(this.#endsAtMs - performance.now()));
  }

  /**
   * Runs a program to its end: no shell, no environment of ours, output bounded. Rejects with privileged.program-missing, or
   * with privileged.timeout at once when the time is over, even if the kernel does not let the program end.
   */
  async run(program: Program, args: readonly string[], limits: Limits = {}): Promise<Outcome> {
    const file = await find(program);
    const timeoutMs = Math.min(limits.ms ?? Number.POSITIVE_INFINITY, this.remainingMs);
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#running++;
    const options = { env: ENVIRONMENT, cwd: '/', maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' as const };
    const child = execFile(file, [...args], options, (error, stdout, stderr) => {
      clearTimeout(timer);
      this.#exited();
      limits.exited?.();
      if (error && typeof error.code !== 'number') reject(failed(program, error.message));
      else resolve({ exitCode: error ? Number(error.code) : 0, stdout, stderr });
    });
    child.stdin?.end();
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new BoxError('privileged.timeout', { program }));
    }, timeoutMs);
    return promise;
  }

  /** As `run`; an exit code other than zero is privileged.program-failed with what the program said. */
  async must(program: Program, args: readonly string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(program, args);
    if (exitCode !== 0) throw failed(program, stderr.trim() || `it ended with ${exitCode}`);
    return stdout;
  }

  /** Calls back when no program of this task is left in the kernel: now, if none is. */
  whenOver(over: () => void): void {
    if (this.#running === 0) over();
    else this.#over.push(over);
  }

  #exited(): void {
    this.#running--;
    if (this.#running === 0) for (const over of this.#over.splice(0)) over();
  }
}

async function find(program: Program): Promise<string> {
  for (const folder of FOLDERS) {
    const file = `${folder}/${program}`;
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there) return file;
  }
  throw new BoxError('privileged.program-missing', { program, package: PROGRAMS[program] });
}

function failed(program: Program, words: string): BoxError {
  const said = words.replaceAll(/[\p{C}\s]+/gu, ' ').slice(0, MAX_WORDS);
  return new BoxError('privileged.program-failed', { program, said });
}
