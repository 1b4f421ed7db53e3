import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { ROOT } from './tool.ts';

const USUAL = ['../shared/cameras/corpus', '../shared/smart'];

/** Where recorded data of real cameras and disks lies, outside the repository; folders that are not there are left out. */
export function conformanceFolders(): string[] {
  const named = process.env.IPVS_CONFORMANCE_DIR?.split(delimiter);
  return (named ?? USUAL).map((folder) => resolve(ROOT, folder)).filter((folder) => existsSync(folder));
}
