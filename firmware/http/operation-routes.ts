import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BoxError } from '../base/index.ts';
import type { Task } from '../control/index.ts';
import { checkOrigin } from './identity.ts';
import { mayWait } from './may-wait.ts';
import { openApi } from './openapi.ts';
import { pageOf, pageWish } from './paging.ts';
import type { WebPorts } from './ports.ts';
import { inputFromQuery, routeOf, type Route } from './routes.ts';

/** A route for each operation of the table, and the description of them all. */
export function addOperations(app: FastifyInstance, ports: WebPorts): void {
  const routes = ports.operations.map(routeOf);
  for (const route of routes) {
    app.route({
      method: [...route.methods],
      url: route.path,
      // Before the body is read: who may not ask need not send it.
      preParsing: async (request) => checkAsker(ports, route, request),
      handler: (request, reply) => answer(ports, route, request, reply),
    });
  }
  let text: string | undefined;
  app.get('/api/openapi.json', async (request, reply) => {
    if (!request.identity.caller.signedIn) throw new BoxError('control.not-signed-in');
    text ??= JSON.stringify(openApi(ports.operations, ports.version));
    return reply.type('application/vnd.oai.openapi+json;version=3.1').send(text);
  });
}

function checkAsker(ports: WebPorts, { operation }: Route, request: FastifyRequest): void {
  const { identity, headers, method } = request;
  if (operation.right !== 'open') {
    if (!ports.accounts.claimed()) throw new BoxError('http.unclaimed');
    if (!identity.caller.signedIn) throw new BoxError('control.not-signed-in', { operation: operation.name });
  }
  if (method === 'POST') checkOrigin(identity, headers, true);
}

async function answer(
  ports: WebPorts,
  route: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { operation, paged } = route;
  const { caller } = request.identity;
  const query = request.query as Record<string, unknown>;
  const wish = paged ? pageWish(query) : undefined;
  const input =
    request.method === 'POST' ? (request.body ?? {}) : inputFromQuery(route.query, withoutPaging(query, paged));
  const call = (task?: Task): Promise<unknown> => ports.call(operation.name, input, caller, task);
  if (
    request.method === 'POST' &&
    mayWait(operation) &&
    /\brespond-async\b/i.test(String(request.headers['prefer'] ?? ''))
  ) {
    const job = ports.jobs.begin(operation, caller, call);
    reply.header('preference-applied', 'respond-async').header('location', `/api/jobs/get?id=${job.id}`);
    return reply.code(202).send(job);
  }
  const result = await call();
  if (result === undefined) return reply.code(204).send();
  return reply.send(wish ? pageOf(result as unknown[], wish) : result);
}

function withoutPaging(query: Readonly<Record<string, unknown>>, paged: boolean): Record<string, unknown> {
  if (!paged) return { ...query };
  const { limit: _limit, cursor: _cursor, ...rest } = query;
  return rest;
}
