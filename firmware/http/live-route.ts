import type { FastifyInstance, FastifyRequest } from 'fastify';
import { BoxError } from '../base/index.ts';
import { checkOrigin } from './identity.ts';
import type { LiveSocket } from './live-client.ts';
import type { LiveHub } from './live-hub.ts';
import { CLOSED } from './live-messages.ts';
import type { WebPorts } from './ports.ts';

/** What the WebSocket library gives a handler, as far as it is used. */
interface Socket extends LiveSocket {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): void;
  on(event: 'close' | 'ping' | 'pong', listener: () => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
}

/** `/api/live`: one WebSocket for everything that changes by itself; docs/asyncapi.json says what travels on it. */
export function addLive(app: FastifyInstance, { accounts }: WebPorts, hub: LiveHub): void {
  const preValidation = async ({ identity, headers }: FastifyRequest): Promise<void> => {
    if (!accounts.claimed()) throw new BoxError('http.unclaimed');
    if (!identity.caller.signedIn) throw new BoxError('control.not-signed-in');
    // A browser cannot send the token with an upgrade; that the origin is the box itself has to do.
    checkOrigin(identity, headers, false);
  };
  app.get('/api/live', { websocket: true, preValidation }, (given: unknown, { identity }) => {
    const socket = given as Socket;
    socket.on('error', () => socket.terminate());
    const client = hub.add(identity.caller, socket);
    if (!client) return;
    socket.on('close', () => hub.remove(client));
    socket.on('pong', () => client.answered());
    // The library answers pings by itself.
    socket.on('ping', () => void client.hears(performance.now()));
    socket.on('message', (data, isBinary) => {
      if (!client.hears(performance.now())) return;
      if (isBinary) client.close(CLOSED.notUnderstood);
      else client.receive(data.toString('utf8'));
    });
  });
}
