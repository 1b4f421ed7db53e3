import { BoxMessage } from '../../firmware/http/live-messages.ts';
import type { WebLab } from './web-lab.ts';

/** A client on the door of this machine that keeps what it hears. */
export class Follower {
  /** What nobody has waited for yet. */
  readonly heard: BoxMessage[] = [];
  /** Everything, as it came. */
  readonly texts: string[] = [];
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #wake = Promise.withResolvers<void>();

  constructor(lab: WebLab, headers: Record<string, string>) {
    const url = `${lab.door.url!.replace('http', 'ws')}/api/live`;
    const { 'x-csrf-token': _, ...rest } = headers;
    const own = 'cookie' in rest ? { ...rest, origin: lab.door.url! } : rest;
    this.#socket = new WebSocket(url, { headers: own });
    this.#socket.addEventListener('message', ({ data }) => {
      this.texts.push(String(data));
      this.heard.push(BoxMessage.parse(JSON.parse(String(data))));
      this.#wake.resolve();
      this.#wake = Promise.withResolvers<void>();
    });
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    this.#socket.addEventListener('close', ({ code }) => resolve(code));
  }

  send(message: unknown): void {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** The first message after those already taken that is as wanted. */
  async until<T extends BoxMessage>(wanted: (message: BoxMessage) => message is T): Promise<T> {
    for (;;) {
      const index = this.heard.findIndex(wanted);
      if (index >= 0) return this.heard.splice(0, index + 1).at(-1) as T;
      await this.#wake.promise;
    }
  }

  close(): void {
    this.#socket.close();
  }
}

/** Whether a message is of this type. */
export const isType =
  <K extends BoxMessage['type']>(type: K) =>
  (message: BoxMessage): message is Extract<BoxMessage, { type: K }> =>
    message.type === type;
