import { createServer } from 'node:net';
import { BoxError } from '../../../firmware/base/index.ts';

const TRIES = 20;

/** The wanted port of the loopback, or the next free one above it; 0 if all of those are taken: any free one. */
export async function freePort(wanted: number): Promise<number> {
  if (wanted === 0) return 0;
  for (let port = wanted; port < Math.min(65_536, wanted + TRIES); port++) {
    if (await isFree(port)) return port;
  }
  return 0;
}

/** Rejects with http.port-in-use if another program has the port; 0 is always free. */
export async function needPort(port: number): Promise<number> {
  if (port !== 0 && !(await isFree(port))) throw new BoxError('http.port-in-use', { host: '127.0.0.1', port });
  return port;
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  return promise;
}
