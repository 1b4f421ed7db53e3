import { createHash } from 'node:crypto';
import type { SealRecord } from '../journal/journal.ts';

/** What the chain of a seal is: SHA-256 over the chain before it (empty: it begins here), the segment and its digest, as text. */
export function sealChain(before: string, sequence: number, sha256: string): string {
  return createHash('sha256').update(`${before}\n${sequence}\n${sha256}\n`).digest('hex');
}

const DIGEST_BYTES = 32;
/** Seals that a later one may refer to: a process that died may have begun twice behind the same seal. */
const REMEMBERED_CHAINS = 64;

/** The seals of a volume as its journal tells them, in 50 bytes each. */
export class SealBook {
  readonly #places = new Map<number, number>();
  readonly #chains = new Map<number, string>();
  #digests: Buffer = Buffer.alloc(1024 * DIGEST_BYTES);
  #highest = 0;

  get size(): number {
    return this.#places.size;
  }

  /**
   * Takes the next seal of the journal. False if its chain is not what it must be. A chain whose former seal left the journal with
   * its segment cannot be judged, and counts as right.
   */
  add({ sequence, sha256, after, chain }: SealRecord): boolean {
    this.#put(sequence, Buffer.from(sha256, 'hex'));
    const before = after === 0 ? '' : this.#chains.get(after);
    // Nothing was sealed before the first seal; a chain that begins anew behind others was made by somebody else.
    const isRight = before === undefined ? !this.#isKnown(after) : chain === sealChain(before, sequence, sha256);
    const beginsAnew = after === 0 && this.#highest > 0;
    this.#highest = Math.max(this.#highest, sequence);
    this.#chains.set(sequence, chain);
    if (this.#chains.size > REMEMBERED_CHAINS) this.#chains.delete(this.#chains.keys().next().value!);
    return isRight && !beginsAnew;
  }

  /** SHA-256 of the segment's file in hexadecimal, if it is sealed. */
  sha256(sequence: number): string | undefined {
    const place = this.#places.get(sequence);
    return place === undefined ? undefined : this.#digests.toString('hex', place, place + DIGEST_BYTES);
  }

  #isKnown(sequence: number): boolean {
    return this.#places.has(sequence);
  }

  #put(sequence: number, digest: Buffer): void {
    const place = this.#places.get(sequence) ?? this.#places.size * DIGEST_BYTES;
    if (place + DIGEST_BYTES > this.#digests.length) {
      const larger = Buffer.alloc(this.#digests.length * 2);
      this.#digests.copy(larger);
      this.#digests = larger;
    }
    digest.copy(this.#digests, place);
    this.#places.set(sequence, place);
  }
}
