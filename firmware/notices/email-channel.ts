import { connect, isIP, type Socket } from 'node:net';
import type { SMTPSentMessageInfo, SMTPTransportOptions, Transporter } from 'nodemailer';
import { BoxError, lookupOf } from '../base/index.ts';
import type { NoticeSettings } from '../config/index.ts';
import type { AddressGuard } from './address-guard.ts';
import { connectionFault, orAborted, type Channel, type Message } from './channel.ts';
import { inert } from './notice.ts';

const CONNECT_MS = 15_000;
const GREETING_MS = 15_000;
const SILENCE_MS = 30_000;
/** From looking up the name to the server's word that it has the mail. */
const DEADLINE_MS = 60_000;
const MAX_REPLY_BYTES = 64 * 1024;

/** Sends notices as plain-text mail over SMTP (RFC 5321), STARTTLS (RFC 3207) or TLS from the start (RFC 8314). */
export class EmailChannel implements Channel {
  readonly id = 'email';
  readonly minSeverity: Channel['minSeverity'];
  readonly target: string;
  readonly quietHours: Channel['quietHours'];
  readonly key: string;
  readonly #settings: NoticeSettings['email'];
  readonly #sender: string;
  readonly #guard: AddressGuard;

  /** `sender`: what people call the box. */
  constructor(settings: NoticeSettings['email'], sender: string, guard: AddressGuard) {
    this.minSeverity = settings.minSeverity;
    this.quietHours = settings.quietHours;
    this.target = `${settings.to.join(', ')} (${settings.host}:${settings.port})`;
    this.key = JSON.stringify([settings, sender, guard.key]);
    this.#settings = settings;
    this.#sender = sender;
    this.#guard = guard;
  }

  async send(message: Message, stop: AbortSignal): Promise<void> {
    const { host, port } = this.#settings;
    const signal = AbortSignal.any([stop, AbortSignal.timeout(DEADLINE_MS)]);
    let socket: Socket | undefined;
    try {
      // Most boxes never send mail; the library is loaded by those that do.
      const { createTransport } = await import('nodemailer');
      socket = await this.#connect(signal);
      await this.#deliver(createTransport(this.#options(socket)), message, signal);
    } catch (error) {
      throw mailFault(error, { host, port });
    } finally {
      // Also in the middle of a conversation: the library lets go of a connection only some time later.
      socket?.destroy();
    }
  }

  async #connect(signal: AbortSignal): Promise<Socket> {
    const { host, port } = this.#settings;
    const addresses = await orAborted(this.#guard.resolve(host, port), signal);
    const early = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
    const socket = connect({ host, port, lookup: lookupOf(addresses) });
    try {
      const connected = new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve);
        // Stays, for the moment until the library listens.
        socket.on('error', reject);
      });
      await orAborted(connected, early);
      return socket;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  #options(socket: Socket): SMTPTransportOptions {
    const { host, port, security, username, password, ca } = this.#settings;
    return {
      host,
      port,
      connection: socket,
      secure: security === 'tls',
      requireTLS: security === 'starttls',
      ignoreTLS: security === 'none',
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(username === '' ? {} : { auth: { user: username, pass: password } }),
      tls: { rejectUnauthorized: true, minVersion: 'TLSv1.2', ...(ca === '' ? {} : { ca }) },
      connectionTimeout: DEADLINE_MS,
      greetingTimeout: GREETING_MS,
      socketTimeout: SILENCE_MS,
      socketCloseTimeout: 0,
      maxResponseSize: MAX_REPLY_BYTES,
      logger: false,
      disableFileAccess: true,
      disableUrlAccess: true,
    };
  }

  async #deliver(
    transport: Transporter<SMTPSentMessageInfo, SMTPTransportOptions>,
    message: Message,
    signal: AbortSignal,
  ): Promise<void> {
    const { host, port, from, to } = this.#settings;
    const info = await transport.sendMail({
      from: { name: inert(this.#sender), address: from },
      to: [...to],
      subject: inert(message.title),
      text: message.text,
      date: new Date(message.atUs / 1000),
      // The same over every attempt, so that a mailbox can tell a repeat (RFC 5322 section 3.6.4).
      messageId: `<${message.id}@${from.slice(from.indexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal,
    });
    const refused = info.rejected.length;
    if (refused > 0)
      throw new BoxError('notices.refused', { host, port, recipientsRefused: refused, recipients: to.length });
  }
}

/** What nodemailer says of a failure, without the words of the server: those may repeat the login. */
function mailFault(error: unknown, where: { host: string; port: number }): BoxError {
  if (error instanceof BoxError || !(error instanceof Error)) return connectionFault(error, where);
  const { code, responseCode, response, command } = error as Error & Partial<Record<string, unknown>>;
  const status = typeof response === 'string' ? /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(response)?.[0] : undefined;
  const step = typeof command === 'string' ? /^[A-Z]{3,12}/.exec(command)?.[0] : undefined;
  const context = {
    ...where,
    ...(typeof responseCode === 'number' ? { reply: responseCode } : {}),
    ...(status === undefined ? {} : { status }),
    ...(step === undefined ? {} : { step }),
  };
  if (code === 'ETLS' || code === 'EREQUIRETLS') return new BoxError('notices.tls', context);
  const later = typeof responseCode === 'number' && responseCode >= 400 && responseCode < 500;
  if (later) return new BoxError('notices.server-busy', context);
  if (code === 'EAUTH' || code === 'ENOAUTH') return new BoxError('notices.login-refused', context);
  if (code === 'EENVELOPE' || code === 'EMESSAGE') return new BoxError('notices.refused', context);
  return connectionFault(error, where);
}
