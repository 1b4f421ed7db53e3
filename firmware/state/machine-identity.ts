import { spawn } from 'node:child_process';

/** What the machine is made of. Empty text: unknown. */
export interface MachineIdentity {
  readonly maker: string;
  readonly model: string;
  readonly processor: string;
  readonly cores: number;
  readonly maxGhz: number;
  readonly architecture: string;
  readonly system: string;
  readonly kernel: string;
}

const MAX_MS = 20_000;
const MAX_BYTES = 16 * 1024;
const MAX_CHARS = 120;
const CHILD = new URL('./identity-child.ts', import.meta.url).pathname;

/** Asks a process of its own, which ends by itself, and by force after 20 s. Undefined if it does not say. */
export function readIdentity(signal: AbortSignal): Promise<MachineIdentity | undefined> {
  const child = spawn(process.execPath, ['--max-old-space-size=64', CHILD], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
    // What it starts ends with it.
    detached: true,
  });
  child.unref();
  return new Promise((resolve) => {
    let said = '';
    const end = (identity: MachineIdentity | undefined): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) killGroup(child.pid);
      resolve(identity);
    };
    const abort = (): void => end(undefined);
    const timer = setTimeout(abort, MAX_MS);
    signal.addEventListener('abort', abort, { once: true });
    child.on('error', abort);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.length > MAX_BYTES) abort();
    });
    child.on('close', () => end(parse(said)));
  });
}

function parse(said: string): MachineIdentity | undefined {
  try {
    const given = JSON.parse(said) as Record<string, unknown>;
    const text = (name: string): string => plain(given[name]);
    const number = (name: string): number => (Number.isFinite(given[name]) ? Number(given[name]) : 0);
    return {
      maker: text('maker'),
      model: text('model'),
      processor: text('processor'),
      cores: number('cores'),
      maxGhz: number('maxGhz'),
      architecture: text('architecture'),
      system: text('system'),
      kernel: text('kernel'),
    };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '').slice(0, MAX_CHARS) : '';
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has just ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
