import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoxError } from '../base/index.ts';
import { PrivilegedClient, type Privileged } from './client.ts';
import type { Args, Result, Verb } from './protocol.ts';

/**
 * For a box that runs as root, without the service: the same process as a child, begun when it is first needed and ended with
 * the box. A program that hangs or a fault in there does not touch recording, and there is one way of doing things, not two.
 */
export class OwnPrivilegedProcess implements Privileged {
  readonly #root: string;
  #running: Promise<{ client: PrivilegedClient; child: ChildProcess }> | undefined;

  /** `root`: the folder below which disks are mounted. */
  constructor(root: string) {
    this.#root = root;
  }

  async ask<V extends Verb>(verb: V, args: Args<V>): Promise<Result<V>> {
    const running = (this.#running ??= this.#begin());
    // A start that failed is tried again by the next one who asks.
    running.catch(() => {
      if (this.#running === running) this.#running = undefined;
    });
    return (await running).client.ask(verb, args);
  }

  async stop(): Promise<void> {
    const running = await this.#running?.catch(() => undefined);
    this.#running = undefined;
    // It ends at the end of its input; a program of it that hangs in the kernel must not keep the box.
    running?.child.stdin?.end();
    running?.child.unref();
  }

  async #begin(): Promise<{ client: PrivilegedClient; child: ChildProcess }> {
    const folder = await mkdtemp(join(tmpdir(), 'ipvs-privileged-'));
    await chmod(folder, 0o700);
    const path = join(folder, 'socket');
    const owner = `${process.getuid?.()}:${process.getgid?.()}`;
    const main = new URL('./main.ts', import.meta.url).pathname;
    const args = [main, '--socket', path, '--root', this.#root, '--owner', owner, '--while-stdin'];
    // Its own process group: Ctrl-C at a terminal is for the box.
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'], env: {}, detached: true });
    child.once('exit', () => {
      this.#running = undefined;
    });
    const exited = once(child, 'exit').then(() => 'exited');
    const ready = once(child.stdout, 'data').then(() => 'ready');
    if ((await Promise.race([ready, exited])) === 'exited') {
      await rm(folder, { recursive: true, force: true });
      throw new BoxError('privileged.unavailable', { reason: `the process ended with ${child.exitCode}` });
    }
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    (child.stdout as unknown as { unref?: () => void }).unref?.();
    return { client: new PrivilegedClient(path), child };
  }
}
