import { connect } from 'node:net';
import { BoxError } from '../base/index.ts';
import type { Reply } from './socket-door.ts';
import { shortSocketPath } from './socket-path.ts';

/**
 * Asks a running box for one operation. Rejects with control.not-running if nobody listens in the data folder, else with
 * what the box answered.
 */
export async function callBox(dataFolder: string, operation: string, input: unknown): Promise<unknown> {
  let place;
  try {
    place = await shortSocketPath(dataFolder);
  } catch (cause) {
    throw new BoxError('control.not-running', { folder: dataFolder }, { cause });
  }
  try {
    const reply = await exchange(place.path, `${JSON.stringify({ id: 1, operation, input })}\n`);
    if ('error' in reply) throw BoxError.fromJSON(reply.error);
    return reply.result;
  } finally {
    await place.folder.close();
  }
}

function exchange(path: string, request: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const gone = (cause?: Error): void => reject(new BoxError('control.not-running', {}, { cause }));
    socket.once('error', gone);
    socket.once('close', () => gone());
    socket.once('connect', () => socket.write(request));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      received += text;
      if (!received.endsWith('\n')) return;
      resolve(JSON.parse(received) as Reply);
      socket.destroy();
    });
  });
}
