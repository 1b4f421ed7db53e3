import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, normalize, resolve } from 'node:path';
import { BoxError } from '../base/index.ts';
import { isWithin, type VolumePlace } from './inventory.ts';

/** Folders of the system, where recordings have no business. */
const NOT_BELOW = ['/bin', '/boot', '/dev', '/etc', '/lib', '/lib64', '/proc', '/run', '/sbin', '/sys', '/usr'];

/**
 * The folder as one that a person may give to the box: absolute, a real folder behind no link, apart from the system, from the
 * other volumes and from the box's own files. Rejects with disks.bad-folder, or disks.already-used.
 */
export async function checkFolder(
  given: string,
  around: { readonly volumes: readonly VolumePlace[]; readonly dataFolder: string },
): Promise<string> {
  const bad = (reason: string): BoxError => new BoxError('disks.bad-folder', { folder: given, reason });
  if (!isAbsolute(given) || given.includes('\0') || given.split('/').includes('..'))
    throw bad('it must be a full path');
  const folder = normalize(given).replace(/(?<=.)\/$/, '');
  if (isOfSystem(folder)) throw bad('it belongs to the system');
  const facts = await lstat(folder).catch(() => undefined);
  if (!facts) throw bad('there is no such folder');
  if (!facts.isDirectory()) throw bad('it is not a folder');
  if ((await realpath(folder)) !== folder) throw bad('the way to it goes through a link');
  if (isWithin(around.dataFolder, folder)) throw bad('the settings of the box lie in it');
  for (const volume of around.volumes) {
    if (volume.folder === folder) throw new BoxError('disks.already-used', { volume: volume.id, folder });
    if (isWithin(folder, volume.folder)) throw bad(`it lies in the volume ${volume.id}`);
    if (isWithin(volume.folder, folder)) throw bad(`the volume ${volume.id} lies in it`);
  }
  return folder;
}

/**
 * The folder of a volume that comes with settings of elsewhere, absolute or relative to the data folder. It need not be there: its
 * disk may still come. But the way to it leads through no link, and not into the system. Rejects with disks.bad-folder.
 */
export async function checkBroughtFolder(given: string, dataFolder: string): Promise<void> {
  const bad = (reason: string): BoxError => new BoxError('disks.bad-folder', { folder: given, reason });
  const base = isAbsolute(given) ? '' : await realpath(dataFolder);
  const folder = resolve(base, given);
  if (base === '' && isOfSystem(folder)) throw bad('it belongs to the system');
  if (isWithin(await realpath(dataFolder), folder)) throw bad('the settings of the box lie in it');
  for (let there = folder; ; there = dirname(there)) {
    const real = await realpath(there).catch(() => undefined);
    if (real === undefined && there !== '/') continue;
    if (real !== there) throw bad('the way to it goes through a link');
    return;
  }
}

function isOfSystem(folder: string): boolean {
  return folder === '/' || NOT_BELOW.some((system) => isWithin(folder, system));
}
