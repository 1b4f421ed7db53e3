/** A mail server of one file: enough SMTP (RFC 5321, 3207, 4954) to take mail, refuse it, or behave badly. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Teardown } from './temp-folder.ts';

export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** Whether it came over an encrypted connection. */
  readonly encrypted: boolean;
  /** User name and password it came with. */
  readonly login: string;
}

export interface MailServerOptions {
  /** Offers STARTTLS with these. */
  readonly certificate?: { readonly key: Buffer; readonly cert: Buffer };
  /** TLS from the first byte. */
  readonly implicitTls?: boolean;
  /** `user:password` that it wants. */
  readonly login?: string;
  /** The reply to a command; undefined: the usual one. 'silence' says nothing, 'hang up' ends the connection. */
  readonly reply?: ((command: string) => string | undefined) | undefined;
}

export class MailServer {
  readonly mails: Mail[] = [];
  /** Commands as they came, without what a login holds. */
  readonly commands: string[] = [];
  connections = 0;
  #options: MailServerOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];

  private constructor(options: MailServerOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(t: Teardown, options: MailServerOptions = {}): Promise<MailServer> {
    const server = new MailServer(options);
    t.teardown(() => server.stop());
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  become(options: MailServerOptions): void {
    this.#options = options;
  }

  /** Resolves when so many mails have arrived. */
  async arrived(count: number): Promise<void> {
    while (this.mails.length < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    const session: Session = { from: '', to: [], login: '', encrypted: false };
    if (this.#options.implicitTls) this.#converse(this.#secure(socket), { ...session, encrypted: true }, true);
    else this.#converse(socket, session, true);
  }

  #secure(socket: Socket): TLSSocket {
    const secured = new TLSSocket(socket, {
      isServer: true,
      secureContext: createSecureContext(this.#options.certificate),
    });
    secured.on('error', () => socket.destroy());
    return secured;
  }

  #converse(socket: Socket, session: Session, greet: boolean): void {
    let text = '';
    let inData = false;
    const say = (reply: string): void => {
      if (reply === 'hang up') socket.destroy();
      else if (reply !== 'silence') socket.write(`${reply}\r\n`);
    };
    const onData = (chunk: string): void => {
      text += chunk;
      for (;;) {
        const end = inData ? '\r\n.\r\n' : '\r\n';
        const at = text.indexOf(end);
        if (at < 0) return;
        const line = text.slice(0, at);
        text = text.slice(at + end.length);
        if (inData) {
          inData = false;
          say(this.#take(session, line));
          continue;
        }
        const reply = this.#answer(session, line);
        say(reply);
        if (reply.startsWith('354')) inData = true;
        if (/^STARTTLS/i.test(line) && reply.startsWith('220')) {
          socket.off('data', onData);
          this.#converse(this.#secure(socket), { ...session, encrypted: true }, false);
          return;
        }
      }
    };
    socket.setEncoding?.('latin1');
    socket.on('data', onData);
    if (greet) say(this.#options.reply?.('') ?? '220 mail.test ESMTP');
  }

  #answer(session: Session, line: string): string {
    const [verb = ''] = line.toUpperCase().split(' ');
    this.commands.push(verb);
    const odd = this.#options.reply?.(line);
    if (odd !== undefined) return odd;
    if (verb === 'EHLO') return this.#extensions(session);
    if (verb === 'AUTH') return this.#login(session, line);
    if (verb === 'STARTTLS') return this.#options.certificate ? '220 go ahead' : '502 not here';
    if (verb === 'MAIL') session.from = between(line);
    if (verb === 'RCPT') session.to.push(between(line));
    if (verb === 'DATA') return '354 go on';
    return verb === 'QUIT' ? '221 bye' : '250 ok';
  }

  #extensions({ encrypted }: Session): string {
    const names = ['250-mail.test'];
    if (this.#options.certificate && !encrypted) names.push('250-STARTTLS');
    if (this.#options.login) names.push('250-AUTH PLAIN');
    return [...names, '250 8BITMIME'].join('\r\n');
  }

  #login(session: Session, line: string): string {
    const [, user = '', password = ''] = Buffer.from(line.split(' ')[2] ?? '', 'base64')
      .toString()
      .split('\0');
    session.login = `${user}:${password}`;
    // As some servers do: the refusal repeats what it was given.
    return session.login === this.#options.login ? '235 welcome' : `535 5.7.8 no such login ${session.login}`;
  }

  #take(session: Session, raw: string): string {
    const odd = this.#options.reply?.('.');
    if (odd !== undefined && !odd.startsWith('250')) return odd;
    this.mails.push({ ...session, to: [...session.to], raw });
    session.to.length = 0;
    for (const resolve of this.#waiting.splice(0)) resolve();
    return odd ?? '250 taken';
  }
}

interface Session {
  from: string;
  to: string[];
  login: string;
  readonly encrypted: boolean;
}

function between(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
