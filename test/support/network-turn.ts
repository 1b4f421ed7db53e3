import { createServer } from 'node:net';
import { once } from 'node:events';
import type { Teardown } from './temp-folder.ts';
import { until } from './until.ts';

/** Bound in the network, not in the file system: it is gone with its process, and each network namespace has one of its own. */
const TURN = '\0ipvs-tests-discovery';

/**
 * Waits until no other test has cameras on this network that answer to discovery, and holds that turn until the end: boxes find
 * all of them, and would take another test's camera for one of theirs.
 */
export async function networkTurn(t: Teardown): Promise<void> {
  const server = createServer();
  t.teardown(() => server.close());
  await until(async () => {
    server.listen(TURN);
    try {
      await once(server, 'listening');
      return true;
    } catch {
      return false;
    }
  });
}
