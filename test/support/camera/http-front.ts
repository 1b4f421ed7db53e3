/** The web server of a camera, through which its RTSP can be reached (GET and POST that belong together by a cookie). */
import { createHash } from 'node:crypto';
import net, { type AddressInfo } from 'node:net';
import type { Teardown } from '../temp-folder.ts';

export interface HttpFrontOptions {
  /** Where the camera speaks RTSP. */
  readonly rtspPort: number;
  readonly login?: { readonly user: string; readonly password: string };
  /** Answers every GET with this. */
  readonly status?: number;
  /** The answer's head comes byte by byte. */
  readonly slowHead?: boolean;
  /** The connection of a POST is closed after so many bytes of its body. */
  readonly postBytes?: number;
  /** The connection stays open after a 401. */
  readonly keepsAfter401?: boolean;
}

const REALM = 'web';
const NONCE = '3f1c';

export class HttpFront {
  /** Heads of all requests, in order. */
  readonly requests: string[] = [];
  readonly port: number;
  readonly #options: HttpFrontOptions;
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();
  readonly #cameras = new Map<string, net.Socket>();

  private constructor(server: net.Server, options: HttpFrontOptions) {
    this.#server = server;
    this.#options = options;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => this.#serve(socket));
  }

  /** Listens on loopback until the test ends. */
  static async start(t: Teardown, options: HttpFrontOptions): Promise<HttpFront> {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const front = new HttpFront(server, options);
    t.teardown(() => front.#stop());
    return front;
  }

  async #stop(): Promise<void> {
    for (const socket of [...this.#sockets, ...this.#cameras.values()]) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    let head = Buffer.alloc(0);
    const onData = (bytes: Buffer): void => {
      head = Buffer.concat([head, bytes]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      socket.off('data', onData);
      const text = head.toString('latin1', 0, end);
      const rest = head.subarray(end + 4);
      head = Buffer.alloc(0);
      if (this.#request(socket, text, rest) === 'again') socket.on('data', onData);
    };
    socket.on('data', onData).on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #request(socket: net.Socket, head: string, rest: Buffer): 'again' | undefined {
    const { status, login, keepsAfter401 } = this.#options;
    this.requests.push(head);
    const [, method = '', path = ''] = /^(\w+) (\S+)/.exec(head) ?? [];
    const cookie = /x-sessioncookie: (\S+)/i.exec(head)?.[1] ?? '';
    if (status !== undefined || cookie === '') {
      socket.end(`HTTP/1.1 ${status ?? 400} No\r\nConnection: close\r\n\r\n`);
    } else if (login && !isAuthorised(head, method, path, login)) {
      const challenge = `WWW-Authenticate: Digest realm="${REALM}", nonce="${NONCE}"`;
      const answer = `HTTP/1.1 401 Unauthorized\r\n${challenge}\r\nContent-Length: 0\r\n\r\n`;
      if (!keepsAfter401) socket.end(answer);
      else socket.write(answer);
      return keepsAfter401 ? 'again' : undefined;
    } else if (method === 'GET') {
      this.#open(socket, cookie);
    } else {
      this.#take(socket, cookie, rest);
    }
    return undefined;
  }

  #open(socket: net.Socket, cookie: string): void {
    const camera = net.connect(this.#options.rtspPort, '127.0.0.1');
    this.#cameras.set(cookie, camera);
    const head = 'HTTP/1.0 200 OK\r\nContent-Type: application/x-rtsp-tunnelled\r\n\r\n';
    const pieces = this.#options.slowHead ? head.split('') : [head];
    for (const piece of pieces) socket.write(piece);
    camera.on('error', () => socket.destroy()).pipe(socket);
    socket.once('close', () => camera.destroy());
  }

  #take(socket: net.Socket, cookie: string, rest: Buffer): void {
    const camera = this.#cameras.get(cookie);
    let text = '';
    let taken = 0;
    const onBody = (bytes: Buffer): void => {
      text += bytes.toString('latin1');
      const whole = text.length - (text.length % 4);
      // Each of our messages is encoded by itself, so there may be padding anywhere.
      for (const group of text.slice(0, whole).match(/.{4}/gs) ?? []) camera?.write(Buffer.from(group, 'base64'));
      text = text.slice(whole);
      taken += bytes.length;
      if (taken >= (this.#options.postBytes ?? Infinity) && text === '') socket.end();
    };
    socket.on('data', onBody);
    if (rest.length > 0) onBody(rest);
  }
}

function isAuthorised(head: string, method: string, path: string, login: { user: string; password: string }): boolean {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const secret = md5(`${login.user}:${REALM}:${login.password}`);
  const response = md5(`${secret}:${NONCE}:${md5(`${method}:${path}`)}`);
  return head.includes(`response="${response}"`);
}
