import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { request as httpsRequest } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Accounts } from '../../firmware/accounts/index.ts';
import { BoxError, systemClock } from '../../firmware/base/index.ts';
import { SettingsStore } from '../../firmware/config/index.ts';
import {
  Control,
  DownloadDesk,
  ExportQuota,
  MediaDesk,
  type AuditLine,
  type BoxPorts,
} from '../../firmware/control/index.ts';
import type { WebDoor } from '../../firmware/http/index.ts';
import { configPort } from '../../firmware/supervisor/config-port.ts';
import { settingsPort } from '../../firmware/supervisor/settings-port.ts';
import { WebPart } from '../../firmware/supervisor/web-part.ts';
import { emptyBox } from './empty-box.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';

export const PASSWORD = 'correct horse battery staple';

type Status = Awaited<ReturnType<BoxPorts['recorder']['status']>>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The text as JSON; undefined if it is none. */
  readonly body: Record<string, never> & Record<string, unknown>;
}

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
}

/** The web door with real accounts, settings and operations, on free ports, without cameras and disks. */
export class WebLab {
  readonly folder: string;
  readonly door: WebDoor;
  readonly web: WebPart;
  readonly store: SettingsStore;
  readonly accounts: Accounts;
  readonly box: BoxPorts;
  /** What the box says of itself; tests change it. */
  readonly state: Status;
  /** What went to the log. */
  readonly lines: AuditLine[];

  private constructor(
    parts: Pick<WebLab, 'folder' | 'door' | 'web' | 'store' | 'accounts' | 'box' | 'state' | 'lines'>,
  ) {
    this.folder = parts.folder;
    this.door = parts.door;
    this.web = parts.web;
    this.store = parts.store;
    this.accounts = parts.accounts;
    this.box = parts.box;
    this.state = parts.state;
    this.lines = parts.lines;
  }

  static async start(
    t: Teardown,
    options: { folder?: string; box?: Partial<BoxPorts>; redirect?: boolean } = {},
  ): Promise<WebLab> {
    const folder = options.folder ?? (await tempFolder(t, 'web'));
    const store = await SettingsStore.open(folder);
    // Port 0 would mean none.
    const redirectPort = options.redirect ? await freePort() : 0;
    await store.update((draft) => void (draft.https.redirectPort = redirectPort));
    const log = (): void => undefined;
    const lines: AuditLine[] = [];
    const audit = { note: (line: AuditLine): void => void lines.push(line) };
    const accounts = await Accounts.open({ dataFolder: folder, clock: systemClock, audit, log });
    const settings = settingsPort(store);
    await accounts.firstRun.start((setUp) => settings.setUp(setUp));
    const web = new WebPart({ store, version: '1.2.3', port: 0, log, shut: () => undefined });
    const state = emptyStatus();
    const empty = emptyBox();
    const box: BoxPorts = {
      ...empty,
      settings,
      accounts,
      config: configPort(store),
      recorder: { ...empty.recorder, status: async () => structuredClone(state) },
      diskJobs: { ...empty.diskJobs, list: async () => ({ evacuations: [], checks: [] }) },
      ...web.ports,
      ...options.box,
    };
    const control = new Control(box, { online: true, audit });
    const door = web.door(control, box, {
      accounts,
      status: async () => structuredClone(state),
      metrics: async (sees) => `ipvs_up 1\n${['gate', 'vault'].filter(sees).join(' ')}\n`,
      ready: () => true,
      media: nothingToSee(),
      left: () => undefined,
      downloads: new DownloadDesk(
        { find: () => undefined },
        audit,
        new ExportQuota({ clock: systemClock, most: () => 0 }),
      ),
    });
    await door.start();
    t.teardown(() => door.stop());
    t.teardown(() => accounts.stop());
    return new WebLab({ folder, door, web, store, accounts, box, state, lines });
  }

  get port(): number {
    return Number(new URL(this.door.secureUrl).port);
  }

  get ports(): { redirect: number; secure: number } {
    return { redirect: this.store.settings.https.redirectPort, secure: this.port };
  }

  get ca(): string {
    return this.web.certificate.show().pem;
  }

  /** The origin as a browser on this machine has it. */
  get origin(): string {
    return `https://localhost:${this.port}`;
  }

  /** A request over TLS, checked against the certificate of the box. */
  async ask({ method, path, headers = {}, json, text }: Ask): Promise<Answer> {
    const body = json === undefined ? text : JSON.stringify(json);
    const type = json === undefined ? {} : { 'content-type': 'application/json' };
    const size = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const request = httpsRequest(`${this.origin}${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...type, ...size, ...headers },
      ca: this.ca,
      agent: false,
    });
    request.end(body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of response) pieces.push(piece as Buffer);
    const answer = Buffer.concat(pieces).toString('utf8');
    return { status: response.statusCode ?? 0, headers: response.headers, text: answer, body: parsed(answer) };
  }

  /** Sets the box up through its open operation. */
  claim(): Promise<Answer> {
    const claimCode = this.accounts.firstRun.code;
    return this.ask({ path: '/api/box/claim', json: { claimCode, user: 'admin', password: PASSWORD } });
  }

  /** Headers of a browser that has signed in, for reading and for changing. */
  async signIn(name = 'admin'): Promise<Record<string, string>> {
    const answer = await this.ask({ path: '/api/session', json: { name, password: PASSWORD } });
    if (answer.status !== 200) throw new Error(answer.text);
    const cookie = answer.headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
    return { cookie, origin: this.origin, 'x-csrf-token': String(answer.body['csrf']) };
  }

  /** Headers of a program with a token of these rights. */
  async token(session: Record<string, string>, wanted: Record<string, unknown>): Promise<Record<string, string>> {
    const answer = await this.ask({
      path: '/api/tokens/add',
      headers: session,
      json: { name: 'test', days: 1, ...wanted },
    });
    if (answer.status !== 200) throw new Error(answer.text);
    return { authorization: `Bearer ${String(answer.body['secret'])}` };
  }
}

function parsed(text: string): Answer['body'] {
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
}

/** Whatever is asked for, there are no pictures. */
function nothingToSee(): MediaDesk {
  const none = (): never => {
    throw new BoxError('control.not-running');
  };
  return new MediaDesk({
    live: { watch: none, attend: () => () => undefined },
    playback: { play: none },
    audit: { note: none },
    isTrusted: () => true,
    log: () => undefined,
  });
}

function emptyStatus(): Status {
  return {
    box: 'box',
    name: 'IPVS box',
    version: '1.2.3',
    supportedUntil: '2031-12-31',
    timeZone: 'UTC',
    startedAt: '2026-05-31T08:00:00.000Z',
    recording: 0,
    expected: 0,
    cameras: [],
    volumes: [],
    problems: [],
    process: { rssBytes: 1, loopDelayMsP99: 0, recordLoopDelayMsP99: 0, mediaBytesHeld: 0, cpuSeconds: 0 },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
