import { chmod, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { asBoxError, firstPromise, type Part } from '../base/index.ts';
import { LOCAL, type Control } from '../control/index.ts';
import { shortSocketPath } from './socket-path.ts';
import { parseRequest, RequestLines } from './socket-request.ts';

export type Reply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: string; readonly context?: Record<string, unknown> } };

/** The door for people and scripts on the box itself: one JSON request per line, one JSON reply per line, mode 0600. */
export class SocketDoor implements Part {
  readonly name = 'socket-door';
  readonly #control: Control;
  readonly #dataFolder: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(control: Control, dataFolder: string) {
    this.#control = control;
    this.#dataFolder = dataFolder;
  }

  readonly start = firstPromise(async () => {
    const { path, folder } = await shortSocketPath(this.#dataFolder);
    // The folder's lock is held, so a socket that is still there belongs to a process that is gone.
    await rm(path, { force: true });
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
    server.listen(path);
    await once(server, 'listening');
    await chmod(path, 0o600);
    server.once('close', () => void folder.close());
    this.#server = server;
  });

  readonly stop = firstPromise(async () => {
    const server = this.#server;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  });

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    void this.#converse(socket);
  }

  /** One request at a time; from a client that does not take its replies nothing more is read. */
  async #converse(socket: Socket): Promise<void> {
    const requests = new RequestLines();
    try {
      socket.setEncoding('utf8');
      const texts = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<string>;
      for await (const text of texts) {
        for (const line of requests.push(text)) await send(socket, await this.#answer(line));
      }
      socket.end();
    } catch (error) {
      // A client that goes away in the middle is its own affair; one that cannot speak hears of it.
      await send(socket, { id: 0, error: asBoxError(error, 'box.bug').toJSON() });
      socket.destroy();
    }
  }

  async #answer(line: string): Promise<Reply> {
    let id = 0;
    try {
      const request = parseRequest(line);
      id = request.id;
      return { id, result: await this.#control.call(request.operation, request.input, LOCAL) };
    } catch (error) {
      return { id, error: asBoxError(error, 'box.bug').toJSON() };
    }
  }
}

async function send(socket: Socket, reply: Reply): Promise<void> {
  if (!socket.writable || socket.write(`${JSON.stringify(reply)}\n`)) return;
  await new Promise((resolve) => {
    socket.once('drain', resolve);
    socket.once('close', resolve);
  });
}
