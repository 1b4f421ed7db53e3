/** A web server that keeps what is posted to it, and answers as told. */
import { once } from 'node:events';
import {
  createServer as createHttp,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Teardown } from './temp-folder.ts';

export interface Post {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export type Answer = (response: ServerResponse, post: Post) => void;

export class WebReceiver {
  readonly posts: Post[] = [];
  connections = 0;
  readonly #server: Server;
  readonly #scheme: string;
  #answer: Answer;
  readonly #waiting: (() => void)[] = [];

  private constructor(answer: Answer, certificate: { key: Buffer; cert: Buffer } | undefined) {
    this.#answer = answer;
    const serve = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = certificate ? createHttps(certificate, serve) : createHttp(serve);
    this.#server.on('connection', () => this.connections++);
    this.#scheme = certificate ? 'https' : 'http';
  }

  static async start(
    t: Teardown,
    options: { answer?: Answer; certificate?: { key: Buffer; cert: Buffer } } = {},
  ): Promise<WebReceiver> {
    const receiver = new WebReceiver(options.answer ?? ok, options.certificate);
    t.teardown(() => receiver.stop());
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}/hook`;
  }

  become(answer: Answer): void {
    this.#answer = answer;
  }

  /** Resolves when so many posts have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.posts.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => response.destroy());
    const post = { path: request.url ?? '', headers: request.headers, body: await text(request) };
    this.posts.push(post);
    this.#answer(response, post);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

export const ok: Answer = (response) => void response.writeHead(204).end();

export function status(code: number, headers: Record<string, string> = {}): Answer {
  return (response) => void response.writeHead(code, headers).end();
}
