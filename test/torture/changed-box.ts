/** A box that is asked to change, over its socket and as a browser does, and says what of it was answered. */
import type { BoxProcess } from './box-process.ts';

interface Session {
  readonly cookie: string;
  readonly csrf: string;
}

export class ChangedBox {
  readonly process: BoxProcess;
  readonly #url: string;
  #session: Session | undefined;

  constructor(process: BoxProcess) {
    this.process = process;
    this.#url = process.url;
  }

  /** One operation over the socket. */
  call(operation: string, input: Record<string, unknown> = {}): Promise<unknown> {
    return this.process.ask(operation, input);
  }

  async signIn(name: string, password: string, code?: string): Promise<void> {
    const response = await this.#send('/api/session', { name, password, ...(code !== undefined && { code }) });
    if (!response.ok) throw new Error(`${name} was not let in: ${await response.text()}`);
    const { csrf } = (await response.json()) as { csrf: string };
    this.#session = { cookie: response.headers.getSetCookie()[0]?.split(';', 1)[0] ?? '', csrf };
  }

  /** One operation in the session. */
  async post(operation: string, input: unknown): Promise<unknown> {
    const { cookie = '', csrf = '' } = this.#session ?? {};
    const headers = { cookie, origin: this.#url, 'x-csrf-token': csrf };
    const response = await this.#send(`/api/${operation.replaceAll('.', '/')}`, input, headers);
    if (!response.ok) throw new Error(((await response.json()) as { code: string }).code);
    return response.json();
  }

  /** Whether this is the password: also if a code is asked for besides. */
  async opens(name: string, password: string): Promise<boolean> {
    const response = await this.#send('/api/session', { name, password });
    const { code } = (await response.json()) as { code?: string };
    return response.ok || code === 'accounts.code-needed';
  }

  #send(path: string, json: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(json),
    });
  }
}
