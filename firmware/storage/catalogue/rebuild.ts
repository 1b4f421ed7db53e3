import { asBoxError } from '../../base/index.ts';
import { CatalogueFollower } from './catalogue-follower.ts';
import { removeDatabase } from './catalogue-schema.ts';
import type { AttachReport } from './catalogue-types.ts';
import { Catalogue } from './catalogue.ts';

/**
 * Throws a catalogue away and makes it anew from the journals of these volumes. For a stopped box: nobody may have the database
 * open. Rejects with catalogue.failed when a journal cannot be read or the database cannot be written.
 */
export async function rebuildCatalogue(
  path: string,
  volumes: readonly { volume: string; folder: string }[],
  signal: AbortSignal,
): Promise<AttachReport[]> {
  removeDatabase(path);
  const catalogue = new Catalogue(path);
  try {
    const reports: AttachReport[] = [];
    for (const { volume, folder } of volumes) {
      reports.push(await new CatalogueFollower(volume, folder, catalogue, signal).attach());
    }
    return reports;
  } catch (error) {
    throw asBoxError(error, 'catalogue.failed');
  } finally {
    catalogue.close();
  }
}
