import { z } from 'zod';
import { maskSecrets } from '../base/index.ts';
import type { OperationDescription } from '../control/index.ts';

/** A JSON schema as far as routes look into it. */
export interface Shape {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly default?: unknown;
  readonly [more: string]: unknown;
}

/** How an operation is reached. `box.status` is `/api/box/status`, `notices.email.set` is `/api/notices/email/set`. */
export interface Route {
  readonly operation: OperationDescription;
  readonly path: string;
  /** POST always works, with the input as JSON. GET besides, where the input fits into a query. */
  readonly methods: readonly ('GET' | 'POST')[];
  /** Of GET: the kinds of the values of a query. */
  readonly query: Shape;
  /** The answer is a list, given page by page. */
  readonly paged: boolean;
}

/** A route with all that can be said of it; to be forgotten once it was said, as the shapes of all operations take half a megabyte. */
export interface DescribedRoute extends Route {
  readonly input: Shape;
  readonly output: Shape;
}

/**
 * The mapping, the same for every operation: its name is its path. All take POST; reads also take GET if every input is a simple
 * value and none is a secret, since queries end up in histories and logs.
 */
export function routeOf(operation: OperationDescription): Route {
  const { properties = {} } = operation.effect === 'read' ? shapeOf(operation, 'input') : {};
  const readable = operation.effect === 'read' && Object.entries(properties).every(fitsQuery);
  return {
    operation,
    path: `/api/${operation.name.replaceAll('.', '/')}`,
    methods: readable ? ['GET', 'POST'] : ['POST'],
    query: { properties: readable ? mapValues(properties, kindOf) : {} },
    paged: operation.output instanceof z.ZodArray,
  };
}

/** The same with its shapes. */
export function describedRouteOf(operation: OperationDescription): DescribedRoute {
  return { ...routeOf(operation), input: shapeOf(operation, 'input'), output: shapeOf(operation, 'output') };
}

function shapeOf(operation: OperationDescription, io: 'input' | 'output'): Shape {
  return withoutDraft(z.toJSONSchema(operation[io], { unrepresentable: 'any', io }));
}

/** As much of a shape as is needed to make a value of a text. */
function kindOf({ type, items }: Shape): Shape {
  return { ...(type !== undefined && { type }), ...(items && { items: kindOf(items) }) };
}

function mapValues<T, U>(object: Readonly<Record<string, T>>, to: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, to(value)]));
}

function withoutDraft({ $schema: _, ...shape }: Record<string, unknown>): Shape {
  return shape;
}

function fitsQuery([name, shape]: [string, Shape]): boolean {
  const simple = isSimple(shape) || (shape.type === 'array' && isSimple(shape.items ?? {}));
  const hidden = maskSecrets({ [name]: 'x' }) as Record<string, unknown>;
  return simple && hidden[name] === 'x';
}

function isSimple({ type, enum: values }: Shape): boolean {
  return values !== undefined || ['string', 'number', 'integer', 'boolean'].includes(String(type));
}

/** The input of an operation from a query, with text made into what the shape wants. What does not fit is left for the check. */
export function inputFromQuery(shape: Shape, query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query)) {
    const wanted = Object.hasOwn(shape.properties ?? {}, name) ? shape.properties?.[name] : undefined;
    // Unknown names go on as they are, so that the check of the input decides about them.
    Object.defineProperty(input, name, { value: fromText(wanted, value), enumerable: true });
  }
  return input;
}

function fromText(shape: Shape | undefined, value: unknown): unknown {
  if (shape?.type === 'array')
    return (Array.isArray(value) ? value : [value]).map((each) => fromText(shape.items, each));
  if (typeof value !== 'string') return value;
  if (shape?.type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  if (shape?.type === 'number' || shape?.type === 'integer') {
    return /^-?\d{1,15}(?:\.\d{1,9})?$/.test(value) ? Number(value) : value;
  }
  return value;
}
