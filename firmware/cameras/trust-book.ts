import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IdentityChange, PinnedIdentity } from './identity.ts';

/** A camera that is not who it was, and that nobody has confirmed yet. */
export interface Distrust {
  readonly camera: string;
  readonly sinceUs: number;
  readonly changes: readonly IdentityChange[];
  /** Who it says it is now. */
  readonly found: PinnedIdentity;
}

export interface TrustBookOptions {
  readonly folder: string;
  /** Puts a file in the place of another one, whole or not at all. */
  readonly replaceFile: (path: string, text: string) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Whom the box does not trust until somebody has confirmed them; kept over restarts, since a restart confirms nothing. */
export class TrustBook {
  readonly #options: TrustBookOptions;
  readonly #distrusted = new Map<string, Distrust>();
  #writing: Promise<void> = Promise.resolve();

  constructor(options: TrustBookOptions) {
    this.#options = options;
  }

  /** A file that cannot be read is as good as none: cameras that changed are found again at their next answer. */
  async load(): Promise<void> {
    try {
      const entries = JSON.parse(await readFile(this.#path, 'utf8')) as Distrust[];
      for (const entry of entries) if (typeof entry.camera === 'string') this.#distrusted.set(entry.camera, entry);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#options.failed(error);
    }
  }

  of(camera: string): Distrust | undefined {
    return this.#distrusted.get(camera);
  }

  all(): Distrust[] {
    return [...this.#distrusted.values()];
  }

  /** The newest finding counts; the time is that of the first. True if it is news. */
  distrust(camera: string, changes: readonly IdentityChange[], found: PinnedIdentity, nowUs: number): boolean {
    const before = this.#distrusted.get(camera);
    const entry = { camera, sinceUs: before?.sinceUs ?? nowUs, changes, found };
    if (before && JSON.stringify(before) === JSON.stringify(entry)) return false;
    this.#distrusted.set(camera, entry);
    this.#write();
    return before === undefined;
  }

  clear(camera: string): void {
    if (this.#distrusted.delete(camera)) this.#write();
  }

  /** Resolves when what was said is on the disk. */
  settled(): Promise<void> {
    return this.#writing;
  }

  get #path(): string {
    return join(this.#options.folder, 'camera-trust.json');
  }

  #write(): void {
    const { replaceFile, failed } = this.#options;
    this.#writing = this.#writing
      .then(() => replaceFile(this.#path, JSON.stringify(this.all())))
      .catch((error: unknown) => failed(error));
  }
}
