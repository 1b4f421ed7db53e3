import { z } from 'zod';
import type { OperationDescription } from '../control/index.ts';
import { CSRF_HEADER, COOKIE } from './identity.ts';
import { mayWait } from './may-wait.ts';
import { MOST } from './paging.ts';
import { describedRouteOf, type DescribedRoute, type Route, type Shape } from './routes.ts';
import { Credentials, ScreenToken, SessionState } from './session-routes.ts';

type Json = Record<string, unknown>;

const PROBLEM = { $ref: '#/components/responses/Problem' };
const SIGNED_IN = [{ session: [], csrf: [] }, { token: [] }];

/** The description of every route, OpenAPI 3.1. Made from the table of operations, so that it cannot say anything else. */
export function openApi(operations: readonly OperationDescription[], version: string): Json {
  const routes = operations.map(describedRouteOf);
  const areas = [...new Set(routes.map(areaOf))].toSorted();
  return {
    openapi: '3.1.0',
    info: {
      title: 'IPVS box',
      version,
      summary: 'Everything that may be asked of the box.',
      description:
        'The name of an operation is its path: box.status is /api/box/status. Every operation takes POST with its input as JSON; ' +
        'reads whose input fits into a query also take GET. Lists come page by page. With "Prefer: respond-async" a POST is ' +
        'answered at once with a job. Errors are problem documents (RFC 9457) in the language of Accept-Language.',
      license: { name: 'Proprietary', url: 'https://ipvs.invalid/license' },
    },
    servers: [{ url: '/', description: 'This box' }],
    security: SIGNED_IN,
    tags: ['session', 'upkeep', ...areas].map((name) => ({ name, description: `What is asked about: ${name}` })),
    paths: {
      ...fixedPaths(),
      ...Object.fromEntries(routes.map((route) => [route.path, pathItem(route)])),
    },
    components: components(),
  };
}

function areaOf({ operation }: Route): string {
  return operation.name.split('.', 1)[0]!;
}

function pathItem(route: DescribedRoute): Json {
  const { operation, input, output, paged } = route;
  const about = {
    tags: [areaOf(route)],
    summary: operation.title,
    'x-right': operation.right,
    'x-effect': operation.effect,
    ...(operation.right === 'open' && { security: [{}] }),
  };
  const answers = { ...answerOf(output, paged), '4XX': PROBLEM, '5XX': PROBLEM };
  const paging = paged ? [ref('parameters/Limit'), ref('parameters/Cursor')] : [];
  const waits = mayWait(operation);
  const item: Json = {
    post: {
      ...about,
      operationId: idOf(operation.name, 'post', route),
      parameters: [...paging, ...(waits ? [ref('parameters/Prefer')] : [])],
      requestBody: { required: (input.required?.length ?? 0) > 0, content: { 'application/json': { schema: input } } },
      responses: { ...answers, ...(waits && { '202': ref('responses/Begun') }) },
    },
  };
  if (route.methods.includes('GET')) {
    const parameters = Object.entries(input.properties ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: input.required?.includes(name) ?? false,
      schema,
    }));
    item['get'] = {
      ...about,
      operationId: idOf(operation.name, 'get', route),
      parameters: [...parameters, ...paging],
      responses: answers,
    };
  }
  return item;
}

/** `boxStatus`; where there are two methods, the POST is `boxStatusPost`. */
function idOf(name: string, method: 'get' | 'post', { methods }: Route): string {
  const camel = name.replaceAll(/[.-]([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return method === 'post' && methods.length > 1 ? `${camel}Post` : camel;
}

function answerOf(output: Shape, paged: boolean): Json {
  const items = { type: 'array', items: output.items ?? {} };
  const page = {
    type: 'object',
    properties: { items, next: { type: 'string', description: 'The cursor of the next page; absent on the last.' } },
    required: ['items'],
  };
  return {
    '200': { description: 'Done.', content: { 'application/json': { schema: paged ? page : output } } },
    // An operation may have nothing to say.
    ...(Object.keys(output).length === 0 || output.anyOf !== undefined ? { '204': { description: 'Done.' } } : {}),
  };
}

function ref(path: string): Json {
  return { $ref: `#/components/${path}` };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io });
  return shape;
}

function json(description: string, schema: Json): Json {
  return { description, content: { 'application/json': { schema } } };
}

function fixedPaths(): Json {
  const errors = { '4XX': PROBLEM, '5XX': PROBLEM };
  const state = ref('schemas/SessionState');
  const simple = (tag: string, operationId: string, summary: string, ok: Json, more: Json = {}): Json => ({
    get: { tags: [tag], operationId, summary, responses: { '200': ok, ...errors }, ...more },
  });
  return {
    '/api/session': {
      get: {
        tags: ['session'],
        operationId: 'sessionShow',
        summary: 'Who one is, and whether the box has been set up',
        security: [{}],
        responses: { '200': json('Who one is.', state), ...errors },
      },
      post: {
        tags: ['session'],
        operationId: 'sessionBegin',
        summary: 'Sign in',
        security: [{}],
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(Credentials, 'input') } } },
        responses: { '200': json('Signed in; the session is in the cookie.', state), ...errors },
      },
      delete: {
        tags: ['session'],
        operationId: 'sessionEnd',
        summary: 'Sign out',
        responses: { '204': { description: 'Signed out.' }, ...errors },
      },
    },
    '/api/session/screen': {
      post: {
        tags: ['session'],
        operationId: 'screenBegin',
        summary: 'Give a screen on a wall the token by which it may look on',
        security: [{}],
        requestBody: { required: true, content: { 'application/json': { schema: schemaOf(ScreenToken, 'input') } } },
        responses: { '200': json('The token is in the cookie.', state), ...errors },
      },
    },
    '/api/openapi.json': simple('upkeep', 'openapi', 'This document', json('OpenAPI 3.1.', { type: 'object' })),
    '/healthz': simple('upkeep', 'healthz', 'Whether the process answers; on the box itself without signing in', ok()),
    '/readyz': simple(
      'upkeep',
      'readyz',
      'Whether the box can do its work; on the box itself without signing in',
      ok(),
    ),
    '/.well-known/security.txt': simple(
      'upkeep',
      'securityText',
      'Where weaknesses are to be reported (RFC 9116); without signing in',
      { description: 'Whom to tell.', content: { 'text/plain': { schema: { type: 'string' } } } },
      { security: [{}] },
    ),
    '/metrics': simple('upkeep', 'metrics', 'Figures in the text format of Prometheus', {
      description: 'Figures.',
      content: { 'text/plain': { schema: { type: 'string' } } },
    }),
  };
}

function ok(): Json {
  return json('It does.', { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] });
}

function components(): Json {
  return {
    securitySchemes: {
      session: { type: 'apiKey', in: 'cookie', name: COOKIE, description: 'Set by signing in.' },
      csrf: {
        type: 'apiKey',
        in: 'header',
        name: 'X-CSRF-Token',
        description: `With the cookie, for POST and DELETE (${CSRF_HEADER}).`,
      },
      token: { type: 'http', scheme: 'bearer', description: 'An API token, for programs.' },
    },
    parameters: {
      Limit: {
        name: 'limit',
        in: 'query',
        description: 'Most items of a page.',
        schema: { type: 'integer', minimum: 1, maximum: MOST, default: 100 },
      },
      Cursor: { name: 'cursor', in: 'query', description: '"next" of the page before.', schema: { type: 'string' } },
      Prefer: {
        name: 'Prefer',
        in: 'header',
        description: 'respond-async: answer at once with a job (RFC 7240).',
        schema: { type: 'string', enum: ['respond-async'] },
      },
    },
    schemas: {
      SessionState: schemaOf(SessionState, 'output'),
      Problem: {
        type: 'object',
        description: 'RFC 9457; the codes are listed in docs/errors.md.',
        required: ['type', 'title', 'status', 'detail', 'code', 'context'],
        properties: {
          type: { type: 'string', format: 'uri' },
          title: { type: 'string', description: 'What happened.' },
          status: { type: 'integer' },
          detail: { type: 'string', description: 'What to do.' },
          code: { type: 'string', description: 'Stable.' },
          context: { type: 'object', additionalProperties: true },
        },
      },
    },
    responses: {
      Problem: {
        description: 'It was not done.',
        content: { 'application/problem+json': { schema: ref('schemas/Problem') } },
      },
      Begun: {
        description: 'It runs on as a job.',
        headers: { Location: { description: 'Where the job is looked at.', schema: { type: 'string' } } },
        content: {
          'application/json': { schema: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
        },
      },
    },
  };
}
