import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const FARM = fileURLToPath(new URL('../../../test/support/camera/main.ts', import.meta.url));
const DOME = fileURLToPath(new URL('../../../test/support/onvif-camera/main.ts', import.meta.url));

/** A further camera that moves. It is not in the settings: it waits to be found and added. */
const DEMO_DOME = { name: 'Demo dome', user: 'admin', password: 'demo-dome' } as const;

interface DemoCamera {
  readonly id: string;
  readonly name: string;
  /** What the simulated camera shows and says. */
  readonly options: { readonly clip: string; readonly audio?: string; readonly ownPort?: boolean };
}

export const DEMO_CAMERAS: readonly DemoCamera[] = [
  { id: 'demo-front-door', name: 'Demo front door', options: { clip: 'front-door' } },
  { id: 'demo-yard', name: 'Demo yard', options: { clip: 'yard' } },
  { id: 'demo-shop', name: 'Demo shop', options: { clip: 'shop', audio: 'aac' } },
  { id: 'demo-warehouse', name: 'Demo warehouse', options: { clip: 'warehouse', audio: 'pcma', ownPort: true } },
];

/** The camera that now and then loses its power, when first and how often, and for how long. */
const RESTLESS = { id: 'demo-warehouse', afterMs: 30_000, everyMs: 150_000, forMs: 8000 };

/** The simulated cameras in a process of their own. It ends by itself if this process does. */
export class DemoFarm {
  readonly #child: ChildProcess;
  readonly #dome = startDome();
  readonly #timers: NodeJS.Timeout[] = [];

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Gives the cameras' addresses by their ids, on free ports of the loopback. */
  static async start(): Promise<{ farm: DemoFarm; urls: ReadonlyMap<string, string> }> {
    const cameras = DEMO_CAMERAS.map(({ id, options }) => ({ path: id, ...options }));
    const child = spawn(process.execPath, [FARM, '--json', JSON.stringify({ cameras })], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const { urls } = JSON.parse(line) as { urls: Record<string, string> };
      const farm = new DemoFarm(child);
      farm.#begin();
      return { farm, urls: new Map(Object.entries(urls)) };
    }
    throw new Error('The simulated cameras did not start.');
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all([ended(this.#child), ended(this.#dome)]);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
    this.#dome.kill('SIGKILL');
  }

  #begin(): void {
    const { afterMs, everyMs } = RESTLESS;
    // Its report at the end and its answers are for tests; unread they would fill the pipe.
    this.#child.stdout?.resume();
    // The process may end between two writes; its exit is what counts.
    this.#child.stdin?.on('error', () => undefined);
    this.#timers.push(setTimeout(() => this.#drop(), afterMs));
    this.#timers.push(setTimeout(() => this.#timers.push(setInterval(() => this.#drop(), everyMs)), afterMs));
  }

  #drop(): void {
    this.#child.stdin?.write(`${JSON.stringify({ camera: RESTLESS.id, rebootMs: RESTLESS.forMs })}\n`);
  }
}

/** Answers discovery on the loopback. Without it, as where another program keeps the port of discovery, the demo goes on. */
function startDome(): ChildProcess {
  const { name, user, password } = DEMO_DOME;
  const options = { discoverable: true, login: { user, password }, identity: { name, model: 'Demo dome' } };
  const child = spawn(process.execPath, [DOME, '--json', JSON.stringify(options)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  return child;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  await exited;
}
