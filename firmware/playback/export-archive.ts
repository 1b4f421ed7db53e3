import { createHash } from 'node:crypto';
import type { EvidenceSigner } from './evidence-key.ts';
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
const SIGNATURE = 'SHA256SUMS.sig';
const PUBLIC_KEY = 'box-key.pem';
const GUIDE = 'VERIFY.txt';
const SIGNATURE_BYTES = 64;
/** Stands for a digest that is not known yet, and is as long. */
const UNKNOWN = '0'.repeat(64);

/**
 * Several films in one ZIP archive with a manifest, check sums over all of them, and the box's signature over the sums; nothing of it is
 * ever stored on the box.
 */
export class ExportArchive {
  readonly bytes: number;
  readonly #films: readonly NamedFilm[];
  readonly #story: ExportStory;
  readonly #signer: EvidenceSigner;

  constructor(films: readonly NamedFilm[], story: ExportStory, signer: EvidenceSigner) {
    this.#films = films;
    this.#story = story;
    this.#signer = signer;
    const unknown = films.map(() => UNKNOWN);
    this.bytes = zipBytes([
      ...films.map(({ name, film }) => this.#entry(name, film.bytes)),
      this.#entry(MANIFEST, this.#manifest(unknown).length),
      this.#entry(SUMS, this.#sums(unknown, UNKNOWN).length),
      this.#entry(SIGNATURE, SIGNATURE_BYTES),
      this.#entry(PUBLIC_KEY, Buffer.byteLength(signer.publicKey)),
      this.#entry(GUIDE, this.#guide().length),
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
    const sums = this.#sums(digests, own);
    for (const [name, bytes] of [
      [MANIFEST, manifest],
      [SUMS, sums],
      [SIGNATURE, this.#signer.sign(sums)],
      [PUBLIC_KEY, Buffer.from(this.#signer.publicKey)],
      [GUIDE, this.#guide()],
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
    const key = `sha256:${this.#signer.fingerprint}`;
    const story = { format: 'ipvs-export', version: 1, box, key, by, at: iso(atUs), reason };
    return Buffer.from(`${JSON.stringify({ ...story, from: iso(fromUs), to: iso(toUs), files }, undefined, 2)}\n`);
  }

  #guide(): Buffer {
    return Buffer.from(guideFor(this.#signer.fingerprint));
  }

  #sums(digests: readonly string[], manifest: string): Buffer {
    const lines = this.#films.map(({ name }, i) => `${digests[i]}  ${name}\n`);
    return Buffer.from([...lines, `${manifest}  ${MANIFEST}\n`].join(''));
  }
}

/** In both languages of the box: whoever gets an archive may never have seen one. */
function guideFor(fingerprint: string): string {
  return `Is this footage unaltered, and from this box?    录像是否未被改动，是否来自这台设备？

1. Unaltered?    是否未被改动？
   sha256sum -c ${SUMS}

2. From this box?    是否来自这台设备？
   openssl pkeyutl -verify -pubin -inkey ${PUBLIC_KEY} -rawin -in ${SUMS} -sigfile ${SIGNATURE}

3. The key of this box, as its window shows it under System, Configuration; compare:
   设备的密钥指纹（界面“系统、配置”中可见），请核对：
   openssl pkey -pubin -in ${PUBLIC_KEY} -outform DER | sha256sum
   ${fingerprint}
`;
}

function iso(us: number): string {
  return new Date(us / 1000).toISOString();
}
