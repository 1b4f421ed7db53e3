import type { OpenRecord, SegmentEnd } from '../storage/index.ts';

export interface TornSegmentsDeps {
  /** Whether the volume can be written now. */
  ready(): boolean;
  /** Makes an ordinary file of a segment. Rejects with the disk's error. */
  mend(record: OpenRecord, suspect: boolean): Promise<void>;
  log(event: string, detail: Record<string, unknown>): void;
}

/**
 * Segments of a running volume that a fault of the disk or an overload has cut off. They are mended one after another as soon
 * as the volume is ready; what cannot be mended waits for the next time, and at last for the next start of the volume.
 */
export class TornSegments {
  readonly #deps: TornSegmentsDeps;
  readonly #waiting = new Map<number, { record: OpenRecord; suspect: boolean }>();
  #working = false;

  constructor(deps: TornSegmentsDeps) {
    this.#deps = deps;
  }

  /** Takes notice of a segment whose file takes no more. */
  ended(record: OpenRecord, end: SegmentEnd): void {
    if (end !== 'abandoned' && end !== 'suspect') return;
    this.#waiting.set(record.sequence, { record, suspect: end === 'suspect' });
    this.look();
  }

  /** The volume may have become ready. */
  look(): void {
    if (this.#working || this.#waiting.size === 0) return;
    this.#working = true;
    // Not at once: whoever tells of an end is in the middle of it.
    setImmediate(() => void this.#mendAll());
  }

  async #mendAll(): Promise<void> {
    for (const [sequence, { record, suspect }] of this.#waiting) {
      if (!this.#deps.ready()) break;
      try {
        await this.#deps.mend(record, suspect);
        this.#waiting.delete(sequence);
        this.#deps.log('segment.mended', { path: record.path });
      } catch (error) {
        this.#deps.log('segment.not-mended', { path: record.path, reason: String(error) });
        break;
      }
    }
    this.#working = false;
  }
}
