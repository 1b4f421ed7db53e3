import type { Server } from 'node:http';
import cookie from '@fastify/cookie';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import websocket from '@fastify/websocket';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { asBoxError, BoxError } from '../base/index.ts';
import { addExports } from './export-route.ts';
import { identify, type Identity } from './identity.ts';
import { LIMITS } from './limits.ts';
import type { LiveHub } from './live-hub.ts';
import { addLive } from './live-route.ts';
import { addOperations } from './operation-routes.ts';
import type { WebPorts } from './ports.ts';
import { languageOf, problemOf } from './problem.ts';
import { addSession } from './session-routes.ts';
import { addUpkeep } from './upkeep-routes.ts';

declare module 'fastify' {
  interface FastifyRequest {
    identity: Identity;
    /** The remote address, IPv4 without its IPv6 dress. */
    remote: string;
  }
}

export interface AppOptions {
  readonly ports: WebPorts;
  readonly live: LiveHub;
  /** Makes the server, with the limits of its connections. */
  readonly server: (handler: (request: never, response: never) => void) => Server;
  /** Over TLS, browsers are told never to come without it. */
  readonly secure: boolean;
  /** Host headers that are answered; undefined: any. */
  readonly hosts?: RegExp;
  /** Told of each route as it is added. */
  readonly routed?: (method: string, path: string) => void;
  /** Adds what is no operation, such as pages. */
  readonly extend?: (app: FastifyInstance) => void;
}

/** A path that nothing has. */
const NOWHERE = '/-';

/** What is told to a client whose request never became one. */
const STATUS_OF_CONNECTION: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};

/** Everything between a connection and the operations: who it is, what it may take, what goes out with every answer. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { ports, secure, hosts } = options;
  const app = fastify({
    // What an operation does is in the audit log; bodies and headers must not be in any.
    logger: false,
    serverFactory: options.server,
    bodyLimit: LIMITS.bodyBytes,
    trustProxy: false,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    forceCloseConnections: true,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 100, caseSensitive: true, ignoreTrailingSlash: false },
    // fastify would answer what is no address by itself, before any header is set.
    rewriteUrl: ({ url = '/' }) => (isAddress(url) ? url : NOWHERE),
    clientErrorHandler: (error, socket) => {
      const status = STATUS_OF_CONNECTION[(error as NodeJS.ErrnoException).code ?? ''] ?? '400 Bad Request';
      // Browsers open connections that they may never use. An answer to no question would be taken for that to the next one.
      const asked = socket.bytesRead > 0;
      if (socket.writable && asked) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      else socket.destroy();
    },
  });
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat()) options.routed?.(each, url);
  });
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('identity', null as never);
  app.decorateRequest('remote', '');
  app.setErrorHandler((error, request, reply) => answerProblem(ports, request, reply, error));
  app.setNotFoundHandler((request, reply) => answerProblem(ports, request, reply, nothingThere(app, request, reply)));

  await app.register(cookie);
  app.addHook('onRequest', async (request) => {
    request.remote = request.ip.replace(/^::ffff:(?=\d+\.)/, '');
    const { headers, cookies, remote } = request;
    request.identity = identify(ports.accounts, { headers, cookies, address: remote });
    if (hosts && !hosts.test(headers.host ?? '')) throw new BoxError('http.foreign-host');
  });
  await app.register(helmet, securityHeaders(secure));
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  await app.register(rateLimit, {
    global: true,
    timeWindow: LIMITS.rateWindowMs,
    cache: 5000,
    max: ({ identity }) => (identity.caller.signedIn ? LIMITS.requestsSignedIn : LIMITS.requestsUnknown),
    keyGenerator: ({ identity, remote }) => {
      const { signedIn, kind, id } = identity.caller;
      return signedIn ? `${kind}/${id}` : networkOf(remote);
    },
    errorResponseBuilder: (_request, { ttl }) =>
      new BoxError('http.too-many-requests', { retryAfterS: Math.ceil(ttl / 1000) }),
  });
  await app.register(websocket, { options: { maxPayload: LIMITS.liveMessageBytes, perMessageDeflate: false } });
  addUpkeep(app, ports);
  addSession(app, ports);
  addLive(app, ports, options.live);
  addOperations(app, ports);
  addExports(app, ports);
  options.extend?.(app);
  return app;
}

function securityHeaders(secure: boolean): Parameters<typeof helmet>[1] {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        mediaSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
      },
    },
    strictTransportSecurity: secure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginEmbedderPolicy: false,
  };
}

function isAddress(url: string): boolean {
  try {
    decodeURIComponent(url.split('?', 1)[0] ?? '');
    return true;
  } catch {
    // That is how it says that a percent sign stands for nothing.
    return false;
  }
}

/** An address of IPv4, the /64 of one of IPv6: there, one client has as many addresses as it likes. */
function networkOf(address: string): string {
  return address.includes(':') ? address.split(':').slice(0, 4).join(':') : address;
}

/** A path that only other methods have says which. */
function nothingThere(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): BoxError {
  const [url = '/'] = request.url.split('?', 1);
  const allowed = ['GET', 'POST', 'DELETE'].filter((method) => app.hasRoute({ url, method }));
  if (allowed.length === 0) return new BoxError('http.no-such-path');
  reply.header('allow', allowed.join(', '));
  return new BoxError('http.wrong-method', { allowed });
}

/** What fastify finds wrong by itself, in the codes of the box. */
const OWN_CODES: Readonly<Record<string, BoxError['code']>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'http.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'http.not-json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'http.bad-json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'http.bad-json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'http.bad-json',
};

function boxErrorOf(error: unknown): BoxError {
  if (error instanceof BoxError) return error;
  const { code = '', statusCode } = error as { code?: string; statusCode?: number };
  const own = OWN_CODES[code];
  if (own) return new BoxError(own, {}, { cause: error });
  // Of the JSON parser: not JSON, or __proto__ and the like in it.
  if (statusCode === 400) return new BoxError('http.bad-json', {}, { cause: error });
  return asBoxError(error, 'box.bug');
}

/** What the door refuses before an operation hears of it. */
const REFUSALS: ReadonlySet<BoxError['code']> = new Set([
  'control.not-signed-in',
  'http.foreign-host',
  'http.foreign-origin',
  'http.too-many-requests',
  'http.unclaimed',
] as const);

/** The operation behind a path of the table; what came from outside is in no name. */
function nameOf({ routeOptions: { url } }: FastifyRequest): string {
  return url?.startsWith('/api/') ? url.slice('/api/'.length).replaceAll('/', '.') : (url ?? 'unknown').slice(1);
}

function answerProblem(ports: WebPorts, request: FastifyRequest, reply: FastifyReply, cause: unknown): FastifyReply {
  const error = boxErrorOf(cause);
  if (REFUSALS.has(error.code)) ports.refused(nameOf(request), request.identity.caller, error.code);
  if (error.kind === 'bug') ports.log('http.bug', { path: request.routeOptions.url, err: error });
  const language = languageOf(request.headers['accept-language']);
  // A fault of the firmware is for its log; its context may hold anything.
  const shown = error.kind === 'bug' ? new BoxError(error.code) : error;
  const waitS = error.context['retryAfterS'] ?? error.context['waitS'];
  if (typeof waitS === 'number') reply.header('retry-after', String(Math.ceil(waitS)));
  if (error.code === 'control.not-signed-in') reply.header('www-authenticate', 'Bearer');
  const problem = problemOf(shown, language);
  return reply
    .code(problem.status)
    .header('content-language', language)
    .header('vary', 'accept-language')
    .type('application/problem+json')
    .send(JSON.stringify(problem));
}
