/**
 * `node firmware/write-plain-sources.ts PLACE`: writes all modules of the firmware without their types into a folder at that place.
 * It appears whole or not at all, also when the power fails, and several may write at once. What lies there of the same firmware
 * from former times goes away. Started by engine.ts, and where the firmware is installed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { nameOfFirmware, nameOfSources } from './engine.ts';

const FIRMWARE = import.meta.dirname;
const [place] = process.argv.slice(2);
if (place === undefined) throw new Error('the place to write to is not named');

const name = nameOfSources();
const draft = join(place, `draft-${process.pid}`);
try {
  for (const path of globSync('**/*.ts', { cwd: FIRMWARE, exclude: ['ui/**'] })) {
    const file = join(draft, `${path}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stripTypeScriptTypes(readFileSync(join(FIRMWARE, path), 'utf8')));
  }
  if (spawnSync('sync', ['-f', draft]).status !== 0) throw new Error(`${draft} cannot be brought to the disk`);
  for (const other of readdirSync(place)) {
    if (other.startsWith(nameOfFirmware()) && other !== name) rmSync(join(place, other), { recursive: true });
  }
  publish();
} finally {
  rmSync(draft, { recursive: true, force: true });
}

function publish(): void {
  try {
    renameSync(draft, join(place!, name));
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(join(place!, name))) throw error;
  }
}
