import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `t` of tap offers; anything that runs a function at its end will do. */
export interface Teardown {
  teardown(run: () => unknown): void;
}

/** A new folder, removed with all that is in it when the test ends. */
export async function tempFolder(t: Teardown, name = 'box-test'): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}
