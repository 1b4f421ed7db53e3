import { spawn } from 'node:child_process';
import { firstPromise, type Part } from '../base/index.ts';

const NOTIFY = 'systemd-notify';

/**
 * Tells systemd that the box is up, alive and stopping (sd_notify(3)). Node has no datagram Unix sockets, so systemd's own
 * small program speaks; the unit says NotifyAccess=all for it. Without systemd this part does nothing.
 */
export class SystemdNotifier implements Part {
  readonly name = 'systemd';
  readonly #enabled: boolean;
  readonly #watchdogMs: number;
  readonly #healthy: () => boolean;
  readonly #log: (event: string, detail: Record<string, unknown>) => void;
  #timer: NodeJS.Timeout | undefined;

  /** The watchdog is fed only while `healthy` says so: a box that stopped recording is restarted by systemd. */
  constructor(
    environment: Readonly<Record<string, string | undefined>>,
    healthy: () => boolean,
    log: (event: string, detail: Record<string, unknown>) => void,
  ) {
    this.#enabled = Boolean(environment['NOTIFY_SOCKET']);
    this.#watchdogMs = Number(environment['WATCHDOG_USEC'] ?? 0) / 1000;
    this.#healthy = healthy;
    this.#log = log;
  }

  readonly start = firstPromise(async () => {
    if (!this.#enabled) return;
    this.#tell('--ready', '--status=recording');
    if (this.#watchdogMs <= 0) return;
    this.#timer = setInterval(() => {
      if (this.#healthy()) this.#tell('WATCHDOG=1');
    }, this.#watchdogMs / 3);
    this.#timer.unref();
  });

  readonly stop = firstPromise(async () => {
    clearInterval(this.#timer);
    if (this.#enabled) this.#tell('STOPPING=1');
  });

  #tell(...words: string[]): void {
    const child = spawn(NOTIFY, words, { stdio: 'ignore' });
    child.on('error', (error) => this.#log('systemd.notify-failed', { reason: error.message }));
    child.unref();
  }
}
