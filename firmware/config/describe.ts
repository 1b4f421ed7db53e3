import * as z from 'zod';
import { MASK, maskText } from '../base/index.ts';
import { settingsSchema, type Settings } from './schema.ts';

/** One setting for people: documentation, help texts, forms. */
export interface SettingDescription {
  /** `recording.napMs`; members of lists as `cameras[].streams[].url`. */
  readonly path: string;
  /** `string`, `boolean`, `integer 60..900`, `one of tcp, udp, auto`, `list`. */
  readonly type: string;
  /** Undefined if the setting must be given or may be left out. */
  readonly default: unknown;
  readonly required: boolean;
  readonly title: string;
  readonly help: string;
  readonly secret: boolean;
  readonly restart: boolean;
}

interface Node {
  type?: string;
  properties?: Record<string, Node>;
  required?: string[];
  items?: Node;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  title?: string;
  help?: string;
  secret?: boolean;
  restart?: boolean;
}

/** Every setting, in the order of the schema. */
export function describeSettings(): SettingDescription[] {
  const root = z.toJSONSchema(settingsSchema, { io: 'input' }) as Node;
  return membersOf(root, '');
}

/** Paths of all secrets. Made once: walking the schema takes milliseconds. */
const secretPaths: { found?: ReadonlySet<string> } = {};

/** A copy with every secret masked, also credentials that somebody hid in a URL. */
export function maskSettings(settings: Settings): Settings {
  secretPaths.found ??= new Set(
    describeSettings()
      .filter(({ secret }) => secret)
      .map(({ path }) => path),
  );
  return maskUnder(settings, '', secretPaths.found) as Settings;
}

function maskUnder(value: unknown, path: string, secrets: ReadonlySet<string>): unknown {
  if (secrets.has(path)) return value === '' || value === undefined ? value : MASK;
  if (typeof value === 'string') return maskText(value);
  if (Array.isArray(value)) return value.map((item) => maskUnder(item, `${path}[]`, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, maskUnder(item, path === '' ? key : `${path}.${key}`, secrets)]),
  );
}

function membersOf(node: Node, path: string): SettingDescription[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, member]) => {
    const memberPath = path === '' ? key : `${path}.${key}`;
    const isGroup = member.type === 'object';
    const own = isGroup ? [] : [describe(member, memberPath, node.required?.includes(key) ?? false)];
    const below = isGroup ? membersOf(member, memberPath) : membersOf(member.items ?? {}, `${memberPath}[]`);
    return [...own, ...below];
  });
}

function describe(node: Node, path: string, required: boolean): SettingDescription {
  return {
    path,
    type: typeOf(node),
    default: node.default,
    required,
    title: node.title ?? '',
    help: node.help ?? '',
    secret: node.secret ?? false,
    restart: node.restart ?? false,
  };
}

function typeOf(node: Node): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.type === 'array') return 'list';
  if (node.type !== 'integer') return node.type ?? 'any';
  const top = node.maximum === Number.MAX_SAFE_INTEGER ? '' : String(node.maximum ?? '');
  return `integer ${node.minimum ?? ''}..${top}`;
}
