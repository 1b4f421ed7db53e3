/** Programs of the machine that tests use as other hands: whether they are there, and how to run them. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end, without a shell. A failure to start is an error; an exit code is a result. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number; env?: NodeJS.ProcessEnv } = {},
): Promise<Outcome> {
  const settings = { timeout: options.timeoutMs ?? 60_000, maxBuffer: 256 << 20, env: options.env ?? process.env };
  return new Promise((resolve, reject) => {
    execFile(program, args, settings, (error, stdout, stderr) => {
      if (error && typeof error.code === 'string') reject(error);
      else resolve({ code: error ? ((error.code as unknown as number | undefined) ?? -1) : 0, stdout, stderr });
    });
  });
}

/** As runProgram, with something to read on its standard input. */
export async function runWith(input: string, program: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code === 'string') reject(error);
      else resolve({ code: error ? ((error.code as unknown as number | undefined) ?? -1) : 0, stdout, stderr });
    });
    // One that ends without having read all of it is a result, too.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** As runProgram, but an exit code other than zero is an error. Returns the standard output without blanks at its ends. */
export async function mustRun(program: string, args: readonly string[], timeoutMs?: number): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program, args, timeoutMs === undefined ? {} : { timeoutMs });
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr.trim()}`);
  return stdout.trim();
}

/** Where a program is on the path (sbin folders included), or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']) {
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

/** For tap's `skip` option: false if all programs are there, else the words that say what is missing. */
export async function skipWithout(...names: string[]): Promise<string | false> {
  for (const name of names) if (!(await findProgram(name))) return `${name} is not installed`;
  return false;
}
