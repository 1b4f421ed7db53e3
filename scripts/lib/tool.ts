import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

/** The folder of the repository. */
export const ROOT = resolve(import.meta.dirname, '../..');

/** Runs a program to its end with the output going to the terminal; gives the exit code, 1 if a signal ended it. */
export function run(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<number> {
  return new Promise((done, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
    child.on('error', reject);
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** Runs a JavaScript tool out of node_modules in this Node. */
export function runTool(path: string, args: readonly string[]): Promise<number> {
  return run(process.execPath, [join(ROOT, 'node_modules', path), ...args]);
}
