import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Adapter } from 'lowdb';
import { asBoxError, BoxError, syncFolder } from '../base/index.ts';
import { replaceFile } from './durable-file.ts';
import type { Document } from './migrations.ts';

const FILE = 'settings.json';
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_BROKEN_FILES = 5;

/** `settings.json` and its companions in the data folder. Only reads and writes; what the content means is the store's. */
export class SettingsFile implements Adapter<Document> {
  readonly path: string;
  readonly #folder: string;
  readonly #lastGoodPath: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, FILE);
    this.#lastGoodPath = `${this.path}.last-good`;
  }

  /** Null if there is no file. Throws config.unreadable. */
  read(): Promise<Document | null> {
    return readDocument(this.path);
  }

  readLastGood(): Promise<Document | null> {
    return readDocument(this.#lastGoodPath);
  }

  /**
   * The companion goes first: a crash in between leaves two valid files, of which `settings.json` counts. Throws
   * config.not-written, and then `settings.json` is as it was.
   */
  async write(document: Document): Promise<void> {
    const text = format(document);
    try {
      await replaceFile(this.#lastGoodPath, text);
      await replaceFile(this.path, text);
    } catch (error) {
      throw asBoxError(error, 'config.not-written');
    }
  }

  /** Brings the companion up to a `settings.json` that proved good. */
  async confirm(document: Document): Promise<void> {
    const text = format(document);
    try {
      if ((await readText(this.#lastGoodPath)) !== text) await replaceFile(this.#lastGoodPath, text);
    } catch (error) {
      throw asBoxError(error, 'config.not-written');
    }
  }

  /** A copy of the file as it was before a migration, named after its version. Kept for good. */
  async backUp(document: Document, version: number): Promise<void> {
    try {
      await replaceFile(`${this.path}.version-${version}`, format(document));
    } catch (error) {
      throw asBoxError(error, 'config.not-written');
    }
  }

  /** Moves a file that cannot be used out of the way, keeps the newest few of them, and returns its new name. */
  async setAside(wallUs: number): Promise<string> {
    const stamp = new Date(wallUs / 1000).toISOString().replaceAll(/[-:]/g, '');
    const keptAs = `${FILE}.broken-${stamp}`;
    try {
      await rename(this.path, join(this.#folder, keptAs));
      const broken = (await readdir(this.#folder)).filter((name) => name.startsWith(`${FILE}.broken-`)).sort();
      for (const name of broken.slice(0, -MAX_BROKEN_FILES)) await rm(join(this.#folder, name));
      await syncFolder(this.#folder);
    } catch (error) {
      throw asBoxError(error, 'config.not-written');
    }
    return keptAs;
  }
}

function format(document: Document): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

async function readDocument(path: string): Promise<Document | null> {
  let parsed: unknown;
  try {
    const text = await readText(path);
    if (text === null) return null;
    if (text.length > MAX_BYTES) throw new RangeError('the file is too large');
    parsed = JSON.parse(text);
  } catch (error) {
    throw new BoxError('config.unreadable', { file: path, reason: reasonOf(error) }, { cause: error });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new BoxError('config.unreadable', { file: path, reason: 'the file holds no JSON object' });
  }
  return parsed as Document;
}

/** The text of JSON.parse's own message quotes the file, which holds passwords. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError) return 'the file is not valid JSON';
  return error instanceof Error ? error.message : String(error);
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
