import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';

/** What a client may take of the box. Recording shares the processor with the doors, so every one of them has an end. */
export const LIMITS = {
  bodyBytes: 1 << 20,
  headerBytes: 16 << 10,
  headers: 100,
  /** From the first byte of a request to its last header, and to its last byte. */
  headersMs: 10_000,
  requestMs: 30_000,
  /** Nothing at all on the connection. A WebSocket is kept awake by pings. */
  idleMs: 60_000,
  keepAliveMs: 10_000,
  handshakeMs: 10_000,
  sockets: 1024,
  socketsPerAddress: 512,
  /** Requests in `rateWindowMs` of one session or token, and of one address without either. */
  rateWindowMs: 10_000,
  requestsSignedIn: 2000,
  requestsUnknown: 300,
  liveClients: 512,
  liveClientsPerCaller: 64,
  /** What a live client has not taken yet. Beyond it, it gets no deltas but a new snapshot once it has caught up. */
  liveBacklogBytes: 256 << 10,
  liveBehindMs: 30_000,
  liveMessageBytes: 4096,
  /** Messages and pings of a live client in `rateWindowMs`: each of them is answered, whether the answers are taken or not. */
  liveMessages: 2000,
} as const;

/** Puts the limits of connections on a server, and refuses an address that opens more than its share. */
export function limitServer(server: HttpServer): void {
  server.headersTimeout = LIMITS.headersMs;
  server.requestTimeout = LIMITS.requestMs;
  server.keepAliveTimeout = LIMITS.keepAliveMs;
  server.setTimeout(LIMITS.idleMs);
  server.maxHeadersCount = LIMITS.headers;
  server.maxConnections = LIMITS.sockets;
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
    if (count > LIMITS.socketsPerAddress) socket.destroy();
  });
}
