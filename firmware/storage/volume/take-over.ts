import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError, syncFolder } from '../../base/index.ts';
import { IDENTITY_FILE, judgeIdentity, writeIdentity, type VolumeIdentity } from './identity-file.ts';
import { diskError, errnoOf } from './volume-io.ts';

const MAX_BYTES = 64 * 1024;

/** The text of a folder's identity file; undefined if it has none, empty if there is one that cannot be a file of ours. */
export async function readIdentityText(folder: string): Promise<string | undefined> {
  try {
    await using file = await open(join(folder, IDENTITY_FILE), constants.O_RDONLY | constants.O_NOFOLLOW);
    const facts = await file.stat();
    return facts.isFile() && facts.size <= MAX_BYTES ? await file.readFile('utf8') : '';
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    if (errno === 'ELOOP') return '';
    throw diskError(error, { folder });
  }
}

/** Ids of the cameras that a volume holds footage of, as its folders say. */
export async function camerasOn(folder: string): Promise<string[]> {
  try {
    const found = await readdir(join(folder, 'video'), { withFileTypes: true });
    return found.filter((each) => each.isDirectory()).map(({ name }) => name);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw diskError(error, { folder });
  }
}

/**
 * Makes the volume in a folder one of this box, durably; it keeps its uuid and its footage. Rejects with storage.not-ours if
 * there is no sound identity.
 */
export async function takeOverVolume(folder: string, box: string): Promise<VolumeIdentity> {
  const judged = judgeIdentity((await readIdentityText(folder)) ?? '');
  if (judged.kind !== 'sound') throw new BoxError('storage.not-ours', { folder, reason: judged.kind });
  if (judged.identity.box === box) return judged.identity;
  const identity = { ...judged.identity, box };
  try {
    await writeIdentity(folder, identity);
    await syncFolder(folder);
  } catch (error) {
    throw diskError(error, { folder });
  }
  return identity;
}
