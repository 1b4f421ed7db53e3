import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { BoxError } from '../../../firmware/base/index.ts';
import { BoxProcess } from './box-process.ts';
import { DEMO_CAMERAS, DemoFarm } from './cameras.ts';
import { summary } from './ending.ts';
import { FigureReader, type Figures } from './figures.ts';
import { freePort, needPort } from './port.ts';
import { Screen } from './screen.ts';
import { prepareSettings } from './settings.ts';
import { block, line, shown, type Surroundings } from './view.ts';

export interface DemoOptions {
  readonly dataFolder: string;
  readonly port: number | undefined;
  readonly hasDemo: boolean;
}

const BLOCK_EVERY_MS = 2000;
const LINE_EVERY_MS = 10_000;
/** Whoever reads lines hears at once when the simulated cameras are recorded, and does not wait for the next line. */
const BEGIN_EVERY_MS = 1000;
const BEGIN_MS = 60_000;
const KILLED = 130;

/** The box, its simulated cameras and the figures on the terminal, from start to Ctrl-C. */
export class Demo {
  readonly #options: DemoOptions;
  readonly #screen = new Screen();
  readonly #ending = new AbortController();
  #farm: DemoFarm | undefined;
  #box: BoxProcess | undefined;
  #killed = false;
  #isComplete = false;
  #toldAtMs = -Infinity;
  #toldClaimCode: string | undefined;

  constructor(options: DemoOptions) {
    this.#options = options;
  }

  /** Ends with every file finished. */
  end(): void {
    this.#ending.abort();
  }

  /** Ends now; what was open is mended at the next start. */
  endAtOnce(): void {
    this.#killed = true;
    this.#box?.kill();
    this.#farm?.kill();
  }

  /** Answers with the exit code. Rejects with what kept the box from starting. */
  async run(): Promise<number> {
    const { dataFolder, hasDemo } = this.#options;
    let urls;
    if (hasDemo) ({ farm: this.#farm, urls } = await DemoFarm.start());
    try {
      const wanted = await prepareSettings(dataFolder, urls);
      return await this.#runBox(wanted);
    } finally {
      await this.#farm?.stop();
    }
  }

  async #runBox(settingsPort: number): Promise<number> {
    const { dataFolder, hasDemo } = this.#options;
    const started = new Date();
    const logFile = join(dataFolder, 'box.log');
    // A port that was asked for by name is not replaced by another one.
    const { port: given } = this.#options;
    const port = given === undefined ? await freePort(settingsPort) : await needPort(given);
    const box = await BoxProcess.spawn({ dataFolder, port, logFile });
    this.#box = box;
    if (!hasDemo && !this.#screen.isTerminal) this.#screen.say('The simulated cameras are left out.');
    const { signal } = this.#ending;
    signal.addEventListener('abort', () => void box.stop());
    const url = await box.ready();
    if (signal.aborted) return this.#finish(box, started);
    if (url === undefined) throw box.fault ?? (await lastWords(logFile));
    const portTaken = given === undefined && port !== settingsPort ? settingsPort : undefined;
    const { secureUrl } = box;
    const around: Surroundings = {
      url,
      secureUrl,
      portTaken,
      dataFolder,
      logFile,
      hasDemo,
      startedAtMs: started.getTime(),
    };
    this.#welcome(around);
    const code = await this.#show(box, new FigureReader((...asked) => box.call(...asked), started), around);
    if (code !== undefined && !this.#killed) throw box.fault ?? (await lastWords(logFile));
    return this.#finish(box, started);
  }

  #welcome({ url, secureUrl, portTaken, dataFolder, logFile }: Surroundings): void {
    if (this.#screen.isTerminal) return;
    this.#screen.say(`The box records into ${shown(dataFolder)}; its log is ${shown(logFile)}.`);
    const taken = portTaken === undefined ? '' : ` (another program has port ${portTaken})`;
    this.#screen.say(`Status page: ${url}${taken}`);
    if (secureUrl !== undefined) this.#screen.say(`For everybody: ${secureUrl}`);
  }

  /** Shows figures until the end is asked for (undefined) or the box ends by itself (its exit code). */
  async #show(box: BoxProcess, reader: FigureReader, around: Surroundings): Promise<number | undefined> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const figures = await this.#read(reader);
      if (figures && this.#screen.isTerminal) this.#screen.draw(block(figures, around, this.#screen.size));
      else if (figures) this.#tell(figures);
      const isBegin = !this.#isComplete && Date.now() - around.startedAtMs < BEGIN_MS;
      const pauseMs = this.#screen.isTerminal ? BLOCK_EVERY_MS : isBegin ? BEGIN_EVERY_MS : LINE_EVERY_MS;
      const code = await Promise.race([box.ended, after(pauseMs, undefined, { signal }).catch(() => undefined)]);
      if (code !== undefined) return code;
    }
    return undefined;
  }

  #tellClaimCode({ claimCode }: Figures): void {
    if (claimCode !== undefined && claimCode !== this.#toldClaimCode) {
      this.#screen.say(`Nobody has set the box up yet. Its claim code is ${claimCode}`);
    }
    this.#toldClaimCode = claimCode;
  }

  /** A line for a log: now and then, and as soon as the simulated cameras are recorded for the first time. */
  #tell(figures: Figures): void {
    this.#tellClaimCode(figures);
    const recorded = figures.status.cameras.filter(({ recording }) => recording === 'recording').map(({ id }) => id);
    if (!this.#isComplete && this.#options.hasDemo && DEMO_CAMERAS.every(({ id }) => recorded.includes(id))) {
      this.#isComplete = true;
      this.#screen.say('The four simulated cameras are being recorded.');
      this.#toldAtMs = -Infinity;
    }
    if (performance.now() - this.#toldAtMs < LINE_EVERY_MS - BEGIN_EVERY_MS) return;
    this.#toldAtMs = performance.now();
    this.#screen.say(line(figures));
  }

  /** Undefined while a part of the box is being started again. */
  async #read(reader: FigureReader): Promise<Figures | undefined> {
    try {
      return await reader.read();
    } catch (error) {
      if (error instanceof BoxError && (error.kind === 'later' || error.kind === 'missing')) return undefined;
      throw error;
    }
  }

  async #finish(box: BoxProcess, started: Date): Promise<number> {
    const { dataFolder } = this.#options;
    this.#screen.say('Ending: finishing the files (Ctrl-C again ends at once) ...');
    const began = performance.now();
    const code = await box.stop();
    await this.#farm?.stop();
    if (this.#killed) {
      this.#screen.say(
        'Ended at once. The files that were open play up to the last second; the next start finishes them.',
      );
      return KILLED;
    }
    if (code !== 0) {
      this.#screen.say(`A disk did not answer in time (${code}); the next start finishes what was open.`);
      return 1;
    }
    // Their addresses are gone with this run.
    await prepareSettings(dataFolder);
    const words = await summary(dataFolder, started);
    this.#screen.say([`Ended in ${((performance.now() - began) / 1000).toFixed(1)} s.`, ...words].join('\n'));
    return 0;
  }
}

/** What a box that ended by itself wrote last. */
async function lastWords(logFile: string): Promise<Error> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return new Error(['The box ended by itself. The end of its log:', ...lines.slice(-10)].join('\n'));
}
