import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { asBoxError, BoxError, systemClock } from '../base/index.ts';
import { COMMANDS, findCommand, readOptions } from './commands.ts';
import { exportRange } from './export.ts';
import type { CliHost } from './host.ts';
import { promptPassword } from './password-prompt.ts';
import { callBox } from './socket-client.ts';

/** What the command line needs of the layers above it. */
export interface CommandLineBox {
  /** Runs the box until a signal ends it. */
  run(options: { dataFolder: string; port: number | undefined }): Promise<number>;
  /** Acts on the folder of a stopped box, beginning with this operation. */
  openStopped(
    dataFolder: string,
    operation: string,
  ): Promise<{ call(operation: string, input: unknown): Promise<unknown>; close(): Promise<void> }>;
}

const RUN = {
  usage: 'run [--port 8080]',
  help: 'runs the box; Ctrl-C ends it with every file finished',
  options: { port: { type: 'string' } },
  words: 0,
} as const;

/** A box opens its door within seconds of its start. */
const TRIES = 20;
const RETRY_MS = 250;

/** Does what the words ask for and answers with the exit code: 0 done, 1 failed or found broken, 2 not understood. */
export async function runCommandLine(given: readonly string[], box: CommandLineBox): Promise<number> {
  const argv = commandFirst(given);
  try {
    if (argv.length === 0 || argv[0] === 'help' || argv.includes('--help')) {
      process.stdout.write(helpText());
      return argv.length === 0 ? 2 : 0;
    }
    if (argv[0] === 'run') return await run(argv.slice(1), box);
    return await ask(argv, box);
  } catch (error) {
    const { code, what, advice, context } = asBoxError(error, 'box.bug').toJSON();
    if (argv.includes('--json'))
      process.stdout.write(`${JSON.stringify({ error: { code, what, advice, context } })}\n`);
    else process.stderr.write(`${what} ${advice}\n${detailOf(code, context)}`);
    return code === 'control.bad-input' ? 2 : 1;
  }
}

/** `ipvs --data DIR status` is `ipvs status --data DIR`. */
function commandFirst(argv: readonly string[]): readonly string[] {
  let count = 0;
  while (count < argv.length && (argv[count] === '--json' || argv[count]!.startsWith('--data'))) {
    count += argv[count] === '--data' ? 2 : 1;
  }
  return [...argv.slice(count), ...argv.slice(0, count)];
}

async function run(rest: string[], box: CommandLineBox): Promise<number> {
  const { options } = readOptions(RUN, rest);
  const port = options['port'] === undefined ? undefined : Number(options['port']);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new BoxError('control.bad-input', { faults: ['--port: must be 0 to 65535'], usage: `ipvs ${RUN.usage}` });
  }
  return box.run({ dataFolder: dataFolderOf(options), port });
}

async function ask(argv: readonly string[], box: CommandLineBox): Promise<number> {
  const found = findCommand(argv);
  if (!found) throw new BoxError('control.bad-input', { faults: ['no such command'], usage: 'ipvs help' });
  const { command, rest } = found;
  const { words, options } = readOptions(command, rest);
  const host = new Host(dataFolderOf(options), box);
  try {
    const { json, text, exitCode } = await command.run({ words, options, host });
    process.stdout.write(options['json'] === true ? `${JSON.stringify(json)}\n` : `${text}\n`);
    return exitCode ?? 0;
  } finally {
    await host.close();
  }
}

/** Asks the box if it runs, else the folder. */
class Host implements CliHost {
  readonly #dataFolder: string;
  readonly #box: CommandLineBox;
  #stopped: Awaited<ReturnType<CommandLineBox['openStopped']>> | undefined;

  constructor(dataFolder: string, box: CommandLineBox) {
    this.#dataFolder = dataFolder;
    this.#box = box;
  }

  async call(operation: string, input: unknown): Promise<unknown> {
    if (!this.#stopped) {
      try {
        return await callBox(this.#dataFolder, operation, input);
      } catch (error) {
        if (!(error instanceof BoxError) || error.code !== 'control.not-running') throw error;
      }
      const opened = await this.#open(operation);
      if (!opened) return this.#callStarted(operation, input);
      this.#stopped = opened;
    }
    return this.#stopped.call(operation, input);
  }

  /** Undefined if another process has the folder: a box that is just starting, or another command. */
  async #open(operation: string): Promise<Awaited<ReturnType<CommandLineBox['openStopped']>> | undefined> {
    try {
      return await this.#box.openStopped(this.#dataFolder, operation);
    } catch (error) {
      if (error instanceof BoxError && error.code === 'control.already-running') return undefined;
      throw error;
    }
  }

  /** Asks until the box has opened its door. */
  async #callStarted(operation: string, input: unknown): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      await systemClock.sleep(RETRY_MS);
      try {
        return await callBox(this.#dataFolder, operation, input);
      } catch (error) {
        const absent = error instanceof BoxError && error.code === 'control.not-running';
        if (!absent) throw error;
        if (tries === TRIES)
          throw new BoxError('control.already-running', { folder: this.#dataFolder }, { cause: error });
      }
    }
  }

  readonly exportRange = exportRange;

  readPassword(prompt: string): Promise<string> {
    return process.stdin.isTTY ? promptPassword(process.stdin, process.stderr, prompt) : readAll(process.stdin);
  }

  warn(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    await this.#stopped?.close();
  }
}

function dataFolderOf(options: Record<string, string | boolean | undefined>): string {
  const given = options['data'];
  return resolve(typeof given === 'string' ? given : 'data');
}

function detailOf(code: string, context: Record<string, unknown>): string {
  const lines = Object.entries(context).map(([key, value]) => {
    const text = Array.isArray(value) ? value.join('; ') : typeof value === 'string' ? value : JSON.stringify(value);
    return `  ${key}: ${text}\n`;
  });
  return `  code: ${code}\n${lines.join('')}`;
}

function helpText(): string {
  const rows = [RUN, ...COMMANDS].map(({ usage, help }) => `  ipvs ${usage}\n      ${help}\n`);
  return `Every command takes --data DIR (default ./data), and --json where it answers with data.\n\n${rows.join('')}`;
}
