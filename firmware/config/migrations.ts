import { isIP } from 'node:net';
import { BoxError, isWithin, networkList } from '../base/index.ts';
import { PRIVATE_NETWORKS } from './schema-terminals.ts';

/** Content of the settings file: a version beside the settings themselves. */
export type Document = Record<string, unknown>;

/** Changes a document of version `to - 1` into one of version `to`. Pure: gets a copy, knows nothing of files. */
export interface Migration {
  readonly to: number;
  migrate(document: Document): Document;
}

/** From the oldest to the newest; the first leads to version 2. */
export const MIGRATIONS: readonly Migration[] = [{ to: 2, migrate: withCameraNetworks }];

const FIRST_VERSION = 1;

export function currentVersion(migrations: readonly Migration[]): number {
  return FIRST_VERSION + migrations.length;
}

/**
 * The version that a document says it has. A document without one was written by hand after today's documentation. Throws
 * config.invalid for a version that this firmware cannot know.
 */
export function versionOf(document: Document, migrations: readonly Migration[]): number {
  const newest = currentVersion(migrations);
  const version = document.version ?? newest;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < FIRST_VERSION || version > newest) {
    throw new BoxError('config.invalid', { path: 'version', reason: `must be ${FIRST_VERSION} to ${newest}` });
  }
  return version;
}

/** Takes a document to the current version, one version at a time. Throws config.invalid with the failing step. */
export function migrate(document: Document, migrations: readonly Migration[]): Document {
  let current = document;
  for (const step of migrations.slice(versionOf(document, migrations) - FIRST_VERSION)) {
    try {
      current = { ...step.migrate(structuredClone(current)), version: step.to };
    } catch (error) {
      throw new BoxError(
        'config.invalid',
        { path: 'version', reason: `cannot become version ${step.to}` },
        { cause: error },
      );
    }
  }
  return current;
}

/** All of them: halves, since a network has at least one bit. */
const EVERYWHERE = ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'];

/**
 * Camera networks are new: whatever was recorded goes on. Cameras at other addresses than private ones bring these along; where a
 * camera is known by name only, nobody can say where it is, so every network stays allowed.
 */
function withCameraNetworks(document: Document): Document {
  const hosts = listOf(document.cameras).flatMap(({ streams }) => listOf(streams).flatMap(({ url }) => hostOf(url)));
  const known = networkList([...PRIVATE_NETWORKS, '127.0.0.0/8', '::1/128']);
  const more = hosts.flatMap((host): string[] => {
    const family = isIP(host);
    if (family === 0) return host === 'localhost' ? [] : EVERYWHERE;
    if (isWithin(known, { address: host, family: family as 4 | 6 })) return [];
    return [`${host}/${family === 4 ? 32 : 128}`];
  });
  const own = (document.terminals ?? {}) as Record<string, unknown>;
  const networks = [...PRIVATE_NETWORKS, ...new Set(more.includes(EVERYWHERE[0]!) ? EVERYWHERE : more)].slice(0, 50);
  return { ...document, terminals: { networks, ...own } };
}

function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}

function hostOf(url: unknown): string[] {
  if (typeof url !== 'string' || !URL.canParse(url)) return [];
  const host = new URL(url).hostname.replace(/^\[(.*)\]$/, '$1');
  return host === '' ? [] : [host];
}
