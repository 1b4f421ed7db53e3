import { join } from 'node:path';
import { AuditLog, AuditReading, type BoxEvent } from '../audit/index.ts';
import { firstPromise, systemClock, type Part } from '../base/index.ts';
import type { Settings, SettingsStore } from '../config/index.ts';
import type { AuditPort, LogPort } from '../control/index.ts';
import type { Problem, Problems } from '../telemetry/index.ts';
import { changedPaths } from './changed-paths.ts';
import { ClockWatch } from './clock-watch.ts';
import { logPort } from './log-port.ts';

export interface AuditPartOptions {
  readonly store: SettingsStore;
  readonly problems: Problems;
  readonly version: string;
  readonly boot: string;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

const FOLDER = 'audit';
const CLOCK_EVERY_MS = 10_000;
/** A disk that hangs must not keep whoever looks for older lines. */
const WRITTEN_MS = 2000;

/** Writes down what is asked of the box, and what happens to it: problems, changed settings, start and stop, steps of the clock. */
export class AuditPart implements Part, AuditPort {
  readonly name = 'audit';
  readonly port: LogPort;
  readonly #options: AuditPartOptions;
  readonly #log: AuditLog;
  readonly #reading: AuditReading;
  readonly #severities = new Map<string, Problem['severity']>();
  #unlisten: (() => void)[] = [];
  #clockTimer: NodeJS.Timeout | undefined;

  constructor(options: AuditPartOptions) {
    this.#options = options;
    const { store, problems, log } = options;
    const folder = join(store.folder, FOLDER);
    this.#reading = new AuditReading(folder);
    this.#log = new AuditLog({
      folder,
      clock: systemClock,
      policy: () => store.settings.audit,
      failing: (error) => {
        if (error) problems.raise('audit.not-written', 'box', 'error', error.context);
        else problems.clear('audit.not-written', 'box');
      },
      damaged: (what) => problems.raise('audit.damaged', 'box', 'error', what),
      log,
    });
    this.port = logPort(this.#reading, () => this.#written());
  }

  readonly start = firstPromise(async () => {
    const { store, problems, version, boot } = this.#options;
    this.#unlisten = [
      problems.listen((event, problem) => this.#problem(event, problem)),
      store.listen((settings, previous) => this.#changed(settings, previous)),
    ];
    for (const problem of problems.list()) this.#problem('raised', problem);
    await this.#log.start();
    this.event('box.started', 'info', 'box', { version, boot });
    const clock = new ClockWatch(systemClock);
    this.#clockTimer = setInterval(() => {
      const stepUs = clock.look();
      if (stepUs !== undefined) this.event('box.clock-step', 'warning', 'box', { seconds: stepUs / 1e6 });
    }, CLOCK_EVERY_MS);
  });

  readonly stop = firstPromise(async () => {
    clearInterval(this.#clockTimer);
    for (const unlisten of this.#unlisten) unlisten();
    this.event('box.stopped', 'info', 'box');
    await this.#reading.stop();
    await this.#log.stop();
  });

  note(line: Parameters<AuditPort['note']>[0]): void {
    this.#log.note(line);
  }

  event(event: string, severity: BoxEvent['severity'], subject: string, detail?: Record<string, unknown>): void {
    this.#log.event({ atUs: systemClock.wallUs(), event, severity, subject, ...(detail && { detail }) });
  }

  /** A problem whose details alone have changed is the same: its counters would fill the log. */
  #problem(event: 'raised' | 'changed' | 'cleared', { code, severity, subject, context }: Problem): void {
    const key = `${code} ${subject}`;
    if (event === 'changed' && this.#severities.get(key) === severity) return;
    if (event === 'cleared') this.#severities.delete(key);
    else this.#severities.set(key, severity);
    this.event(`problem.${event}`, event === 'cleared' ? 'info' : severity, subject, { code, ...context });
  }

  #changed(settings: Settings, previous: Settings): void {
    this.event('settings.changed', 'notice', 'box', { paths: changedPaths(previous, settings) });
  }

  async #written(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, WRITTEN_MS);
    });
    await Promise.race([this.#log.flush(), late]);
    clearTimeout(timer);
  }
}

/** The log while the box is stopped: what commands do to the data folder is written down as well. */
export function stoppedAudit(store: SettingsStore): AuditPort & { readonly port: LogPort; stop(): Promise<void> } {
  const folder = join(store.folder, FOLDER);
  const reading = new AuditReading(folder);
  const log = new AuditLog({
    folder,
    clock: systemClock,
    policy: () => store.settings.audit,
    // Whoever typed the command sees what came of it; the box says at its start what is wrong with its log.
    failing: () => undefined,
    damaged: () => undefined,
    log: () => undefined,
  });
  return {
    note: (line) => log.note(line),
    port: logPort(reading, async () => undefined),
    stop: async () => {
      await reading.stop();
      await log.stop();
    },
  };
}
