import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Low } from 'lowdb';
import { asBoxError, BoxError, systemClock } from '../base/index.ts';
import { checkSettings } from './check.ts';
import { currentVersion, migrate, MIGRATIONS, versionOf, type Document, type Migration } from './migrations.ts';
import { lacksIdentity, type Settings, type SettingsDraft } from './schema.ts';
import { SettingsFile } from './settings-file.ts';

export type SettingsListener = (settings: Settings, previous: Settings) => void;

export interface OpenOptions {
  /** Nothing in the folder is touched, and `update` is refused: for tools that look while the box runs. */
  readonly readOnly?: boolean;
  readonly migrations?: readonly Migration[];
}

/**
 * The settings of the box: checked, in memory, and durable in `settings.json` of the data folder (README.md says how). One
 * process at a time may open them for writing; the lock of the data folder sees to that.
 */
export class SettingsStore {
  /** The data folder, absolute. */
  readonly folder: string;
  /** Why `settings.json` could not be used, if the last good settings stand in for it. */
  readonly fault: BoxError | undefined;
  readonly #database: Low<Document>;
  readonly #version: number;
  readonly #readOnly: boolean;
  readonly #listeners = new Set<SettingsListener>();
  #settings: Settings;
  #lastUpdate: Promise<unknown> = Promise.resolve();

  /**
   * Throws config.unreadable, config.invalid or config.unknown-key if neither `settings.json` nor its last good version can be
   * used, and config.not-written if the folder cannot be written.
   */
  static async open(folder: string, options: OpenOptions = {}): Promise<SettingsStore> {
    const absolute = resolve(folder);
    const readOnly = options.readOnly ?? false;
    const migrations = options.migrations ?? MIGRATIONS;
    if (!readOnly) await makeFolder(absolute);
    const file = new SettingsFile(absolute);
    const found = await find(file, migrations);
    const version = currentVersion(migrations);
    let { settings, fault } = found;
    if (!readOnly) {
      if (lacksIdentity(settings)) settings = { ...settings, box: { ...settings.box, id: randomUUID() } };
      fault = await settle(file, found, { version, ...settings }, migrations);
    }
    return new SettingsStore(absolute, file, settings, version, readOnly, fault);
  }

  private constructor(
    folder: string,
    file: SettingsFile,
    settings: Settings,
    version: number,
    readOnly: boolean,
    fault: BoxError | undefined,
  ) {
    this.folder = folder;
    this.fault = fault;
    this.#settings = freeze(settings);
    this.#version = version;
    this.#readOnly = readOnly;
    this.#database = new Low<Document>(file, {});
  }

  /** Frozen; a new object after each update. */
  get settings(): Settings {
    return this.#settings;
  }

  /** Where a volume's recordings are, absolute. */
  volumeFolder(volume: { readonly folder: string }): string {
    return resolve(this.folder, volume.folder);
  }

  /**
   * Changes a copy of the settings, checks it, makes it durable, and only then puts it in force and tells the listeners. Updates
   * run one after another. Rejects with config.invalid, config.unknown-key or config.not-written, and then nothing has changed.
   */
  update(change: (draft: SettingsDraft) => void): Promise<Settings> {
    const update = this.#lastUpdate.then(() => this.#apply(change));
    // The failure belongs to the caller of this update, not to the next one.
    this.#lastUpdate = update.then(nothing, nothing);
    return update;
  }

  /** Returns the way to stop listening. A listener that throws makes the update, which stands all the same, reject. */
  listen(listener: SettingsListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #apply(change: (draft: SettingsDraft) => void): Promise<Settings> {
    if (this.#readOnly) throw new BoxError('config.not-written', { reason: 'the settings are open for reading only' });
    const previous = this.#settings;
    const draft = structuredClone(previous) as SettingsDraft;
    change(draft);
    const settings = checkSettings(draft);
    if (isDeepStrictEqual(settings, previous)) return previous;
    this.#database.data = { version: this.#version, ...settings };
    await this.#database.write();
    this.#settings = freeze(settings);
    this.#tell(previous);
    return this.#settings;
  }

  #tell(previous: Settings): void {
    const failures: unknown[] = [];
    for (const listener of this.#listeners) {
      try {
        listener(this.#settings, previous);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw asBoxError(failures[0], 'box.bug');
  }
}

interface Found {
  /** As it stands in the file; undefined if there was no file at all. */
  readonly document: Document | undefined;
  readonly settings: Settings;
  readonly origin: 'file' | 'last-good' | 'defaults';
  /** Why the file itself could not be used. */
  readonly fault?: BoxError;
}

/** The settings that count: those of `settings.json`, else the last good ones, else the defaults. */
async function find(file: SettingsFile, migrations: readonly Migration[]): Promise<Found> {
  let fault: BoxError | undefined;
  try {
    const document = await file.read();
    if (document) return { document, settings: understand(document, migrations), origin: 'file' };
  } catch (error) {
    fault = asBoxError(error, 'config.unreadable');
  }
  try {
    const document = await file.readLastGood();
    if (document) {
      fault ??= new BoxError('config.unreadable', { file: file.path, reason: MISSING });
      return { document, settings: understand(document, migrations), origin: 'last-good', fault };
    }
  } catch (error) {
    throw fault ?? error;
  }
  if (fault) throw fault;
  return { document: undefined, settings: checkSettings({}), origin: 'defaults' };
}

const MISSING = 'the file is missing';

function understand(document: Document, migrations: readonly Migration[]): Settings {
  const { version: _, ...settings } = migrate(document, migrations);
  return checkSettings(settings);
}

/**
 * Leaves `settings.json` and its companion holding exactly `target`, and aside what must not be lost. Returns the fault of what
 * was found, with the new name of the broken file.
 */
async function settle(
  file: SettingsFile,
  found: Found,
  target: Document,
  migrations: readonly Migration[],
): Promise<BoxError | undefined> {
  const { document, origin } = found;
  let { fault } = found;
  if (fault && fault.context.reason !== MISSING) {
    const keptAs = await file.setAside(systemClock.wallUs());
    fault = new BoxError(fault.code, { ...fault.context, keptAs }, { cause: fault });
  }
  if (document && versionOf(document, migrations) < currentVersion(migrations)) {
    await file.backUp(document, versionOf(document, migrations));
  }
  if (origin === 'file' && isDeepStrictEqual(document, target)) await file.confirm(target);
  else await file.write(target);
  return fault;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw asBoxError(error, 'config.not-written');
  }
}

function nothing(): void {}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) freeze(member);
  }
  return value;
}
