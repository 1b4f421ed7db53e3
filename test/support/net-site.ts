/** A network of its own: namespaces for a box and for cameras, joined by a bridge. Nothing of it reaches the machine's own networks. Needs root. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { mustRun, runProgram, skipWithout } from './programs.ts';
import type { Teardown } from './temp-folder.ts';

const CAMERA = new URL('./onvif-camera/main.ts', import.meta.url).pathname;
/** Of a private network, since cameras may only be there. */
const NETWORK = '10.77.0';

/** For tap's `skip`: what is missing, or false. */
export async function skipWithoutNamespaces(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'namespaces need root';
  const missing = await skipWithout('ip', 'nsenter');
  if (missing !== false) return missing;
  const probe = `ipvs-probe-${process.pid}`;
  const { code, stderr } = await runProgram('ip', ['netns', 'add', probe]);
  if (code !== 0) return `no namespaces here: ${stderr.trim()}`;
  await runProgram('ip', ['netns', 'del', probe]);
  return false;
}

let sites = 0;

export class NetSite {
  readonly #prefix = `ipvs${process.pid}-${sites++}-`;
  readonly #names: string[] = [];
  readonly #t: Teardown;

  private constructor(t: Teardown) {
    this.#t = t;
  }

  static async start(t: Teardown): Promise<NetSite> {
    const site = new NetSite(t);
    t.teardown(() => site.#remove());
    await site.#add('box');
    const box = site.#prefix + 'box';
    await ip('-n', box, 'link', 'add', 'site', 'type', 'bridge', 'mcast_snooping', '0');
    await ip('-n', box, 'addr', 'add', `${NETWORK}.1/24`, 'dev', 'site');
    await ip('-n', box, 'link', 'set', 'site', 'up');
    // Programs that name no interface of their own call over this one.
    await ip('-n', box, 'route', 'add', '239.0.0.0/8', 'dev', 'site');
    return site;
  }

  /** What stands before a command that is to run at the box. */
  get atBox(): string[] {
    return inNetwork(this.#prefix + 'box');
  }

  address(host: number): string {
    return `${NETWORK}.${host}`;
  }

  /** A place at the network, with the address of this number. */
  async place(name: string, host: number): Promise<void> {
    await this.#add(name);
    const [box, own] = [this.#prefix + 'box', this.#prefix + name];
    await ip('-n', box, 'link', 'add', `to-${name}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own);
    await ip('-n', box, 'link', 'set', `to-${name}`, 'master', 'site', 'up');
    await ip('-n', own, 'link', 'set', 'eth0', 'up');
    await ip('-n', own, 'addr', 'add', `${NETWORK}.${host}/24`, 'dev', 'eth0');
  }

  /** The place has this address, too. Of another width, or it would go with the first one. */
  async join(name: string, host: number): Promise<void> {
    await ip('-n', this.#prefix + name, 'addr', 'add', `${NETWORK}.${host}/23`, 'dev', 'eth0');
  }

  /** The place has its first address no more. */
  async leave(name: string, host: number): Promise<void> {
    await ip('-n', this.#prefix + name, 'addr', 'del', `${NETWORK}.${host}/24`, 'dev', 'eth0');
  }

  /** A whole camera at that place (`onvif-camera/main.ts`), which ends with the test. */
  async camera(name: string, host: number, options: Record<string, unknown>): Promise<CameraThere> {
    const json = JSON.stringify({ host: `${NETWORK}.${host}`, port: 80, rtspPort: 554, ...options });
    const [program, ...args] = [...inNetwork(this.#prefix + name), process.execPath, CAMERA, '--json', json];
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const camera = new CameraThere(child);
    this.#t.teardown(() => camera.stop());
    await camera.next();
    return camera;
  }

  async #add(name: string): Promise<void> {
    const full = this.#prefix + name;
    await ip('netns', 'add', full);
    this.#names.push(full);
    await ip('-n', full, 'link', 'set', 'lo', 'up');
  }

  async #remove(): Promise<void> {
    for (const name of this.#names) await runProgram('ip', ['netns', 'del', name]);
  }
}

export interface CameraReport {
  readonly seen: readonly string[];
  readonly wrongPasswords: number;
  readonly reboots: number;
  /** Requests that came with a login, right or wrong. */
  readonly logins: number;
}

/** A camera in a process of its own. */
export class CameraThere {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;
  readonly #heard: AsyncIterator<string>;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout });
    this.#heard = this.#lines[Symbol.asyncIterator]();
  }

  /** What it says next. */
  async next(): Promise<unknown> {
    const { value, done } = await this.#heard.next();
    if (done === true) throw new Error('the camera has ended');
    return JSON.parse(value);
  }

  async report(): Promise<CameraReport> {
    this.#child.stdin.write('{"report":true}\n');
    return (await this.next()) as CameraReport;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exited;
    this.#lines.close();
  }
}

async function ip(...args: string[]): Promise<void> {
  await mustRun('ip', args);
}

/**
 * Into the network alone. `ip netns exec` makes a mount namespace, too, which keeps every disk mounted that was mounted then: a test
 * beside this one that takes its disk away would not get rid of it.
 */
function inNetwork(name: string): [string, ...string[]] {
  return ['nsenter', `--net=/run/netns/${name}`];
}
