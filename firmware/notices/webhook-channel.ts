import { createHmac } from 'node:crypto';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BoxError, http, lookupOf, type HostAddress } from '../base/index.ts';
import type { NoticeSettings } from '../config/index.ts';
import type { AddressGuard } from './address-guard.ts';
import { connectionFault, orAborted, type Channel, type Message } from './channel.ts';

/** From looking up the name to the end of the answer. */
const DEADLINE_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_RETRY_AFTER_S = 24 * 3600;
/** Answers that may be different next time, though the number blames the caller (RFC 9110 15.5.9, RFC 8470, RFC 6585). */
const TRY_AGAIN = new Set([408, 425, 429]);

/** Posts notices as JSON, signed after the Standard Webhooks specification (headers webhook-id, -timestamp, -signature). */
export class WebhookChannel implements Channel {
  readonly id: string;
  readonly minSeverity: Channel['minSeverity'];
  readonly target: string;
  readonly quietHours = [];
  readonly key: string;
  readonly #url: URL;
  readonly #secret: Buffer;
  readonly #ca: string;
  readonly #guard: AddressGuard;

  constructor(settings: NoticeSettings['webhooks'][number], guard: AddressGuard) {
    this.id = `webhook/${settings.id}`;
    this.minSeverity = settings.minSeverity;
    this.#url = new URL(settings.url);
    this.target = this.#url.origin;
    this.key = JSON.stringify([settings, guard.key]);
    this.#secret = keyOf(settings.secret);
    this.#ca = settings.ca;
    this.#guard = guard;
  }

  async send(message: Message, stop: AbortSignal): Promise<void> {
    const { hostname, protocol, port } = this.#url;
    const where = { host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) };
    const signal = AbortSignal.any([stop, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      const addresses = await orAborted(this.#guard.resolve(where.host, where.port), signal);
      judge(await this.#post(message, addresses, signal), where);
    } catch (error) {
      throw connectionFault(error, where);
    }
  }

  #post(message: Message, addresses: readonly HostAddress[], signal: AbortSignal): Promise<IncomingMessage> {
    const body = Buffer.from(
      JSON.stringify({ id: message.id, ...message.facts, title: message.title, text: message.text }),
    );
    const timestamp = Math.floor(Date.now() / 1000);
    const signature = createHmac('sha256', this.#secret).update(`${message.id}.${timestamp}.`).update(body);
    const options: RequestOptions = {
      method: 'POST',
      signal,
      // A connection of its own: one kept open would go to an address that was checked long ago.
      agent: false,
      lookup: lookupOf(addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        'user-agent': 'ipvs-box',
        'webhook-id': message.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature.digest('base64')}`,
      },
    };
    const trust = { minVersion: 'TLSv1.2' as const, ...(this.#ca === '' ? {} : { ca: this.#ca }) };
    return new Promise((resolve, reject) => {
      const request =
        this.#url.protocol === 'https:'
          ? requestHttps(this.#url, { ...options, ...trust })
          : http.request(this.#url, options);
      request.once('error', reject);
      request.once('response', (response) => {
        resolve(response);
        discard(response);
      });
      request.end(body);
    });
  }
}

/** The answer's words do not matter and may be endless. */
function discard(response: IncomingMessage): void {
  let bytes = 0;
  response.on('error', () => response.destroy());
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) response.destroy();
  });
}

function judge(response: IncomingMessage, where: { host: string; port: number }): void {
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return;
  const context = { ...where, status };
  if (status >= 300 && status < 400) throw new BoxError('notices.redirected', context);
  if (status >= 400 && status < 500 && !TRY_AGAIN.has(status)) throw new BoxError('notices.refused', context);
  const retryAfterS = retryAfter(response.headers['retry-after']);
  throw new BoxError('notices.server-busy', { ...context, ...(retryAfterS === undefined ? {} : { retryAfterS }) });
}

/** Seconds, from either form of RFC 9110 section 10.2.3. */
function retryAfter(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : Math.ceil((Date.parse(text) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.min(MAX_RETRY_AFTER_S, Math.max(0, seconds)) : undefined;
}

/** The key as bytes: `whsec_` marks base64. */
function keyOf(secret: string): Buffer {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  return encoded === undefined ? Buffer.from(secret) : Buffer.from(encoded, 'base64');
}
