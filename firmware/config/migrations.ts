import { BoxError } from '../base/index.ts';

/** Content of the settings file: a version beside the settings themselves. */
export type Document = Record<string, unknown>;

/** Changes a document of version `to - 1` into one of version `to`. Pure: gets a copy, knows nothing of files. */
export interface Migration {
  readonly to: number;
  migrate(document: Document): Document;
}

/** From the oldest to the newest; the first leads to version 2. */
export const MIGRATIONS: readonly Migration[] = [];

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
