import { firstPromise, type Clock, type Part } from '../base/index.ts';
import { History } from './history.ts';
import { readIdentity, type MachineIdentity } from './machine-identity.ts';
import { machineState, type MachineState } from './machine-rates.ts';
import { KERNEL, readMachine, type KernelFolders, type MachineCounters } from './machine-reading.ts';
import { StreamRates, type StreamRate } from './stream-rates.ts';
import { Terminals, type StreamSight, type TerminalChange } from './terminals.ts';

export interface SystemStateOptions {
  /** Of the history alone; made if it is not there. */
  readonly folder: string;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  /** What recording says now. May reject. */
  readonly sights: () => Promise<readonly StreamSight[]>;
  readonly changed: (change: TerminalChange) => void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
  /** For tests; else the machine's own. */
  readonly kernel?: KernelFolders;
}

/** The box's own process. */
export interface ProcessState {
  readonly rssBytes: number;
  /** Of one core. */
  readonly cpuPercent: number;
}

export interface StateNow {
  readonly atUs: number;
  readonly machine: MachineState | undefined;
  readonly identity: MachineIdentity | undefined;
  readonly process: ProcessState;
  readonly streams: readonly StreamRate[];
}

const LOOK_EVERY_MS = 5000;
/** Every second look is one of the machine, and goes into the history. */
const MACHINE_EVERY = 2;
const FLUSH_EVERY_MS = 5 * 60_000;
/** Recordings start first. */
const IDENTITY_AFTER_MS = 15_000;
/** Before this a clock counts as never set, and a figure of 1970 would be no use to anybody. */
const CLOCK_SET_US = Date.UTC(2026, 0, 1) * 1000;
const STOP_MS = 2000;

/** Knows how the machine, the box and the cameras are, now and before. */
export class SystemState implements Part {
  readonly name = 'state';
  readonly terminals = new Terminals();
  readonly history: History;
  readonly #options: SystemStateOptions;
  readonly #rates = new StreamRates();
  readonly #stopping = new AbortController();
  #now: StateNow;
  #counters: MachineCounters | undefined;
  #usage = { monoUs: 0, cpuUs: 0 };
  #looks = 0;
  #looking: Promise<void> | undefined;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: SystemStateOptions) {
    this.#options = options;
    this.history = new History(options.folder);
    this.#now = {
      atUs: options.clock.wallUs(),
      machine: undefined,
      identity: undefined,
      process: { rssBytes: 0, cpuPercent: 0 },
      streams: [],
    };
  }

  get now(): StateNow {
    return this.#now;
  }

  /** A history that cannot be opened is missed, and nothing else. */
  readonly start = firstPromise(async () => {
    await this.history.open().catch((error: unknown) => this.#missed(error));
    // Not waited for: a recorder that is slow to report would keep the doors shut.
    void this.look();
    const identity = setTimeout(() => void this.#identify(), IDENTITY_AFTER_MS);
    const look = setInterval(() => void this.look(), LOOK_EVERY_MS);
    const flush = setInterval(() => {
      this.history.flush().catch((error: unknown) => this.#missed(error));
    }, FLUSH_EVERY_MS);
    this.#timers = [identity, look, flush];
  });

  readonly stop = firstPromise(async () => {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stopping.abort();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_MS);
    });
    const closed = (async () => {
      await this.#looking;
      await this.history.close();
    })().catch((error: unknown) => this.#missed(error));
    await Promise.race([closed, late]);
    clearTimeout(timer);
  });

  /** Looks once; what takes longer than until the next look is not begun twice. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { clock, sights, changed, log } = this.#options;
    let seen: readonly StreamSight[] | undefined;
    try {
      seen = await sights();
    } catch (error) {
      log('state.no-report', { reason: String(error) });
    }
    const wallUs = clock.wallUs();
    if (seen) for (const change of this.terminals.look(seen, wallUs)) changed(change);
    if (this.#looks++ % MACHINE_EVERY !== 0) return;
    try {
      await this.#measure(seen, wallUs);
    } catch (error) {
      this.#missed(error);
    }
  }

  async #measure(seen: readonly StreamSight[] | undefined, wallUs: number): Promise<void> {
    const { clock, kernel = KERNEL } = this.#options;
    const monoUs = clock.monoUs();
    const counters = await readMachine(kernel, monoUs);
    const machine = machineState(counters, this.#counters);
    const first = this.#counters === undefined;
    this.#counters = counters;
    this.#now = {
      ...this.#now,
      atUs: wallUs,
      machine,
      process: this.#process(monoUs),
      streams: seen ? this.#rates.look(seen, monoUs) : this.#now.streams,
    };
    // Rates need two readings.
    if (!first && wallUs >= CLOCK_SET_US) await this.history.add(wallUs, figuresOf(this.#now, this.terminals.counts));
  }

  #process(monoUs: number): ProcessState {
    const { user, system } = process.cpuUsage();
    const before = this.#usage;
    this.#usage = { monoUs, cpuUs: user + system };
    const share = before.monoUs === 0 ? 0 : (user + system - before.cpuUs) / (monoUs - before.monoUs);
    return { rssBytes: process.memoryUsage.rss(), cpuPercent: share * 100 };
  }

  async #identify(): Promise<void> {
    const identity = await readIdentity(this.#stopping.signal);
    if (identity) this.#now = { ...this.#now, identity };
    else if (!this.#stopping.signal.aborted) this.#options.log('state.unidentified', {});
  }

  #missed(error: unknown): void {
    this.#options.log('state.missed', { reason: String(error) });
  }
}

/** The figures of one moment under the names of their series. */
function figuresOf(now: StateNow, counts: Terminals['counts']): Map<string, number> {
  const figures = new Map<string, number>();
  const { machine } = now;
  if (machine) {
    figures.set('cpu.percent', machine.cpuPercent);
    figures.set('load', machine.load[0] ?? 0);
    figures.set('memory.percent', (1 - machine.availableBytes / Math.max(1, machine.memoryBytes)) * 100);
    if (machine.temperatureC !== undefined) figures.set('temperature', machine.temperatureC);
    for (const { name, receivedBytesPerS, sentBytesPerS } of machine.networks) {
      figures.set(`network.${name}.received`, receivedBytesPerS);
      figures.set(`network.${name}.sent`, sentBytesPerS);
    }
    for (const { device, readBytesPerS, writtenBytesPerS, busyPercent } of machine.disks) {
      figures.set(`disk.${device}.read`, readBytesPerS);
      figures.set(`disk.${device}.written`, writtenBytesPerS);
      figures.set(`disk.${device}.busy`, busyPercent);
    }
  }
  figures.set('process.cpu', now.process.cpuPercent);
  figures.set('process.rss', now.process.rssBytes);
  for (const name of ['online', 'offline', 'recording', 'failing'] as const)
    figures.set(`terminals.${name}`, counts[name]);
  for (const { camera, stream, bitsPerSecond, framesPerSecond, lostPerSecond, reconnects } of now.streams) {
    const of = `camera.${camera}.${stream}`;
    figures.set(`${of}.bits`, bitsPerSecond);
    figures.set(`${of}.frames`, framesPerSecond);
    figures.set(`${of}.lost`, lostPerSecond);
    figures.set(`${of}.reconnects`, reconnects);
  }
  return figures;
}
