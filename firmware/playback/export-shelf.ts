import { randomUUID } from 'node:crypto';
import { BoxError, type Clock } from '../base/index.ts';
import type { EvidenceSigner } from './evidence-key.ts';
import { ExportArchive, type ExportStory, type NamedFilm } from './export-archive.ts';
import { ExportFilm } from './export-film.ts';
import type { FootageFinder } from './play-ports.ts';
import type { VolumeGate } from './volume-gate.ts';

export interface ExportWish {
  readonly cameras: readonly string[];
  readonly stream: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly format: 'mp4' | 'zip';
  readonly by: string;
  readonly reason: string;
}

/** What can be downloaded for a while. */
export interface PreparedExport {
  readonly id: string;
  readonly name: string;
  readonly format: 'mp4' | 'zip';
  readonly bytes: number;
  /** The same for the same bytes; undefined for an archive, which is made anew each time and has no ranges. */
  readonly tag: string | undefined;
  readonly films: readonly NamedFilm[];
  readonly cameras: readonly string[];
  readonly by: string;
  readonly reason: string;
  readonly atUs: number;
  readonly expiresUs: number;
  /** The bytes from `from` up to `to` (not included). An archive only as a whole. */
  read(from: number, to: number): AsyncGenerator<Uint8Array, void, void>;
}

export interface ExportWatch {
  /** Aborted: it is given up. */
  readonly signal?: AbortSignal | undefined;
  /** 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
}

const KEPT_US = 24 * 3600e6;
const MOST = 50;
/** The heads of films are kept: about a megabyte for each hour with sound. */
const HELD_BYTES = 96 << 20;

export interface ExportShelfDeps {
  readonly finder: FootageFinder;
  readonly clock: Pick<Clock, 'wallUs'>;
  box(): { readonly id: string; readonly name: string };
  /** Rejects with exports.no-key. */
  signer(): Promise<EvidenceSigner>;
  gateOf(volume: string): VolumeGate;
}

/** Exports that were asked for: recipes, no files. The oldest go when there are too many. */
export class ExportShelf {
  readonly #deps: ExportShelfDeps;
  readonly #kept = new Map<string, PreparedExport>();

  constructor(deps: ExportShelfDeps) {
    this.#deps = deps;
  }

  /**
   * Rejects with mp4.nothing-there if no camera has anything in the range, playback.unreadable, exports.too-long, exports.no-key, or
   * with the reason of the signal; then nothing is kept.
   */
  async prepare(wish: ExportWish, watch: ExportWatch = {}): Promise<PreparedExport> {
    const { stream, fromUs, toUs, format } = wish;
    const films: NamedFilm[] = [];
    let heldBytes = 0;
    for (const [done, camera] of wish.cameras.entries()) {
      const progress = (share: number): void => watch.progress?.((done + share) / wish.cameras.length);
      const range = { camera, stream, fromUs, toUs };
      const film = await this.#describe(range, wish.cameras.length > 1, { signal: watch.signal, progress });
      if (!film) continue;
      heldBytes += film.heldBytes;
      if (heldBytes > HELD_BYTES) throw new BoxError('exports.too-long', { fromUs, toUs });
      films.push({ name: `${camera}_${stamp(film.startUs)}_${stamp(film.endUs)}.mp4`, film });
    }
    const [first] = films;
    if (!first) throw new BoxError('mp4.nothing-there', { fromUs, toUs });
    watch.signal?.throwIfAborted();
    const id = randomUUID();
    const atUs = this.#deps.clock.wallUs();
    const { cameras, by, reason } = wish;
    const about = { id, films, cameras, by, reason, atUs, expiresUs: atUs + KEPT_US };
    let prepared: PreparedExport;
    if (format === 'zip') {
      const story: ExportStory = { box: this.#deps.box(), by, atUs, reason, fromUs, toUs };
      const archive = new ExportArchive(films, story, await this.#deps.signer());
      const name = `export_${stamp(fromUs)}_${stamp(toUs)}.zip`;
      prepared = { ...about, name, format, bytes: archive.bytes, tag: undefined, read: () => archive.read() };
    } else {
      const { film, name } = first;
      prepared = { ...about, name, format, bytes: film.bytes, tag: film.tag, read: (from, to) => film.read(from, to) };
    }
    this.#kept.set(id, prepared);
    this.#tidy();
    return prepared;
  }

  /** The key that archives are signed with. Rejects with exports.no-key. */
  async key(): Promise<{ fingerprint: string; pem: string }> {
    const { fingerprint, publicKey } = await this.#deps.signer();
    return { fingerprint, pem: publicKey };
  }

  find(id: string): PreparedExport | undefined {
    this.#tidy();
    return this.#kept.get(id);
  }

  /** What somebody has prepared and can download, the newest first. */
  list(by: string): PreparedExport[] {
    this.#tidy();
    return [...this.#kept.values()].filter((each) => each.by === by).toReversed();
  }

  /** False: there is none of this name that `by` has prepared. Downloads that run go on. */
  discard(id: string, by: string): boolean {
    return this.#kept.get(id)?.by === by && this.#kept.delete(id);
  }

  async #describe(
    range: { camera: string; stream: string; fromUs: number; toUs: number },
    mayLack: boolean,
    watch: ExportWatch,
  ): Promise<ExportFilm | undefined> {
    const { camera, stream, fromUs, toUs } = range;
    try {
      const places = await this.#deps.finder.within(camera, stream, fromUs, toUs);
      return await ExportFilm.describe(range, places, (volume) => this.#deps.gateOf(volume), watch);
    } catch (error) {
      if (mayLack && error instanceof BoxError && error.code === 'mp4.nothing-there') return undefined;
      throw error;
    }
  }

  #tidy(): void {
    const nowUs = this.#deps.clock.wallUs();
    const held = (): number =>
      [...this.#kept.values()].flatMap(({ films }) => films).reduce((sum, { film }) => sum + film.heldBytes, 0);
    for (const [id, { expiresUs }] of this.#kept) {
      const isTooMuch = this.#kept.size > MOST || (this.#kept.size > 1 && held() > HELD_BYTES);
      if (expiresUs < nowUs || isTooMuch) this.#kept.delete(id);
    }
  }
}

function stamp(us: number): string {
  return `${new Date(us / 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}Z`;
}
