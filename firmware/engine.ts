/** How Node itself is set up. Comes before all other code of the firmware, and so imports none of it. */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';

const FIRMWARE = import.meta.dirname;
const STAMP = 'filled-for';
const FILL_MS = 30_000;

/**
 * Sizes the room for new objects of the threads that begin afterwards. Frames live for a second, until they are on the disk: with
 * less room they outlive two collections and become old, which costs a third more processor time, and memory in the end.
 * Comes right behind the cache in every process alike: its place and the code in it are known by the flags of their time.
 */
export function setHeapFlags(): void {
  setFlagsFromString('--min-semi-space-size=4');
  // Room that has grown while starting would lie idle ever after.
  setFlagsFromString('--semi-space-growth-factor=1');
}

/**
 * Starts this very process anew, as it should have been started (returns where that is not possible, or was done already):
 *
 * - with one common heap of the C library for all threads. A heap for each, the library's own choice, keeps what the one has
 *   freed from the others: some 15 MB with 32 cameras, and no processor time is saved by it;
 * - with the cache of compiled code in place before the first line is loaded. Otherwise the entry itself has its types taken out
 *   by a compiler, which holds 18 MB for as long as the process lives.
 */
export function startAnew(cache: string): void {
  if (process.env['MALLOC_ARENA_MAX'] !== undefined || !process.execve) return;
  const folder = prepared(cache, true);
  const env = { ...process.env, MALLOC_ARENA_MAX: '1', NODE_COMPILE_CACHE: folder };
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], env);
}

/**
 * Keeps compiled code in a folder: later starts take half the time, and no worker loads the compiler that takes the types out of
 * the sources, which holds tens of megabytes for as long as the process lives. `fill` has a process of its own compile everything
 * first if that was not done for these very sources, so that a first start is like any other.
 */
export function useCodeCache(folder: string, { fill }: { readonly fill: boolean }): void {
  // The variable is for the worker threads, which read it when they begin.
  process.env['NODE_COMPILE_CACHE'] = prepared(folder, fill);
  enableCompileCache(process.env['NODE_COMPILE_CACHE']);
}

/** The folder of the cache, which whoever started the process may have chosen. */
function prepared(folder: string, fill: boolean): string {
  const cache = process.env['NODE_COMPILE_CACHE'] ?? folder;
  if (fill && !isFilled(cache)) fillCache(cache);
  return cache;
}

function isFilled(cache: string): boolean {
  try {
    return readFileSync(join(cache, STAMP), 'utf8') === stampOfSources();
  } catch (error) {
    return unlessCacheFails(error);
  }
}

/** The entry, which does nothing but explain itself when it is not told what to do, comes into the cache by being started. */
function fillCache(cache: string): void {
  const env = { ...process.env, NODE_COMPILE_CACHE: cache };
  const run = (program: string): number | null =>
    spawnSync(process.execPath, [join(FIRMWARE, program)], { stdio: 'ignore', timeout: FILL_MS, env }).status;
  if (run('fill-code-cache.ts') !== 0) return;
  run('main.ts');
  try {
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, STAMP), stampOfSources());
  } catch (error) {
    unlessCacheFails(error);
  }
}

/** A folder that is missing, full, or somebody else's is no reason not to record: without it the box needs more memory. */
function unlessCacheFails(error: unknown): false {
  if (error instanceof Error && 'syscall' in error) return false;
  throw error;
}

/** Changes with every change of the sources and of Node. */
function stampOfSources(): string {
  const times = globSync('**/*.ts', { cwd: FIRMWARE }).map((path) => statSync(join(FIRMWARE, path)).mtimeMs);
  return `${process.version} ${FIRMWARE} ${times.length} ${Math.max(...times)}`;
}
