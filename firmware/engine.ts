/** How Node itself is set up. Comes before all other code of the firmware, and so imports none of it. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const FIRMWARE = import.meta.dirname;
const PRELOAD = pathToFileURL(join(FIRMWARE, 'plain-sources.js')).href;
const WRITER = join(FIRMWARE, 'write-plain-sources.ts');
const WRITE_MS = 30_000;

/**
 * Sizes the room for new objects of the threads that begin afterwards. Frames live for a second, until they are on the disk: with
 * less room they outlive two collections and become old, which costs a third more processor time, and memory in the end.
 */
export function setHeapFlags(): void {
  setFlagsFromString('--min-semi-space-size=4');
  // Room that has grown while starting would lie idle ever after.
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Where modules lie without their types, by preference. */
export interface PlainPlaces {
  /** Brought along by an installation that nobody may change. */
  readonly installed: string;
  /** Written by a box for itself. */
  readonly own: string;
}

/**
 * Starts this very process anew, as it should have been started (returns where that is not possible, or was done already):
 *
 * - with one common heap of the C library for all threads. A heap for each, the library's own choice, keeps what the one has
 *   freed from the others: some 15 MB with 32 cameras, and no processor time is saved by it;
 * - with every thread taking the modules from where they lie without types. Otherwise each has the types taken out by a compiler,
 *   which holds 18 MB for as long as the process lives; and Node's own cache of compiled code holds all that it ever read, 14 MB.
 */
export function startAnew(places: PlainPlaces): void {
  if (process.execArgv.includes(PRELOAD) || !process.execve) return;
  // What another box has left in the environment is of its own firmware.
  const { NODE_COMPILE_CACHE: _cache, IPVS_PLAIN_SOURCES: _sources, ...env } = process.env;
  const plain = findPlainSources(places) ?? writePlainSources(places);
  if (plain !== undefined) env['IPVS_PLAIN_SOURCES'] = plain;
  env['MALLOC_ARENA_MAX'] ??= '1';
  const args = ['--import', PRELOAD, ...process.execArgv, ...process.argv.slice(1)];
  process.execve(process.execPath, [process.execPath, ...args], env);
}

/** For commands, which begin sooner so where a box has run before; they write nothing themselves. */
export async function usePlainSources(places: PlainPlaces): Promise<void> {
  const plain = findPlainSources(places);
  if (plain === undefined) return;
  process.env['IPVS_PLAIN_SOURCES'] = plain;
  await import(PRELOAD);
}

/** The folder's name changes with every change of the sources and of Node. */
export function nameOfSources(): string {
  let [count, bytes, newest] = [0, 0, 0];
  for (const path of globSync('**/*.ts', { cwd: FIRMWARE })) {
    const { size, mtimeMs } = statSync(join(FIRMWARE, path));
    count++;
    bytes += size;
    newest = Math.max(newest, Math.floor(mtimeMs / 1000));
  }
  return `${nameOfFirmware()}-${short(`${process.version} ${count} ${bytes} ${newest}`)}`;
}

export function nameOfFirmware(): string {
  return short(FIRMWARE);
}

function findPlainSources({ installed, own }: PlainPlaces): string | undefined {
  const name = nameOfSources();
  return [join(installed, name), join(own, name)].find((folder) => existsSync(folder));
}

/** Undefined where the place cannot be written to, which is no reason not to record: without it the box needs more memory. */
function writePlainSources(places: PlainPlaces): string | undefined {
  spawnSync(process.execPath, [WRITER, places.own], { stdio: 'ignore', timeout: WRITE_MS });
  return findPlainSources(places);
}

function short(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
