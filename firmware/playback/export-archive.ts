import { createHash } from 'node:crypto';
import type { ExportFilm } from './export-film.ts';
import { zipBytes, ZipWriter, type ZipEntry } from './zip.ts';

/** Who took what out of the box, for the manifest. */
export interface ExportStory {
  readonly box: { readonly id: string; readonly name: string };
  readonly by: string;
  readonly atUs: number;
  readonly reason: string;
  readonly fromUs: number;
  readonly toUs: number;
}

export interface NamedFilm {
  readonly name: string;
  readonly film: ExportFilm;
}

const MANIFEST = 'manifest.json';
/** As `sha256sum -c` reads it. */
const SUMS = 'SHA256SUMS';
/** Stands for a digest that is not known yet, and is as long. */
const UNKNOWN = '0'.repeat(64);

/** Several films in one ZIP archive with a manifest and check sums; nothing of it is ever stored on the box. */
export class ExportArchive {
  readonly bytes: number;
  readonly #films: readonly NamedFilm[];
  readonly #story: ExportStory;

  constructor(films: readonly NamedFilm[], story: ExportStory) {
    this.#films = films;
    this.#story = story;
    const unknown = films.map(() => UNKNOWN);
    this.bytes = zipBytes([
      ...films.map(({ name, film }) => this.#entry(name, film.bytes)),
      this.#entry(MANIFEST, this.#manifest(unknown).length),
      this.#entry(SUMS, this.#sums(unknown, UNKNOWN).length),
    ]);
  }

  /** The archive from its beginning. Rejects with playback.unreadable. */
  async *read(): AsyncGenerator<Uint8Array, void, void> {
    const zip = new ZipWriter();
    const digests: string[] = [];
    for (const { name, film } of this.#films) {
      const hash = createHash('sha256');
      yield zip.begin(this.#entry(name, film.bytes));
      for await (const bytes of film.read(0, film.bytes)) {
        hash.update(bytes);
        zip.update(bytes);
        yield bytes;
      }
      yield zip.end();
      digests.push(hash.digest('hex'));
    }
    const manifest = this.#manifest(digests);
    const own = createHash('sha256').update(manifest).digest('hex');
    for (const [name, bytes] of [
      [MANIFEST, manifest],
      [SUMS, this.#sums(digests, own)],
    ] as const) {
      yield zip.begin(this.#entry(name, bytes.length));
      zip.update(bytes);
      yield bytes;
      yield zip.end();
    }
    yield zip.finish();
  }

  #entry(name: string, bytes: number): ZipEntry {
    return { name, bytes, modifiedMs: this.#story.atUs / 1000 };
  }

  #manifest(digests: readonly string[]): Buffer {
    const { box, by, atUs, reason, fromUs, toUs } = this.#story;
    const files = this.#films.map(({ name, film }, i) => ({
      name,
      camera: film.range.camera,
      stream: film.range.stream,
      start: iso(film.startUs),
      end: iso(film.endUs),
      seconds: film.durationUs / 1e6,
      bytes: film.bytes,
      sha256: digests[i],
      gaps: film.gaps.map((gap) => ({ from: iso(gap.fromUs), to: iso(gap.toUs), atSecond: gap.atUs / 1e6 })),
    }));
    const story = { format: 'ipvs-export', version: 1, box, by, at: iso(atUs), reason };
    return Buffer.from(`${JSON.stringify({ ...story, from: iso(fromUs), to: iso(toUs), files }, undefined, 2)}\n`);
  }

  #sums(digests: readonly string[], manifest: string): Buffer {
    const lines = this.#films.map(({ name }, i) => `${digests[i]}  ${name}\n`);
    return Buffer.from([...lines, `${manifest}  ${MANIFEST}\n`].join(''));
  }
}

function iso(us: number): string {
  return new Date(us / 1000).toISOString();
}
