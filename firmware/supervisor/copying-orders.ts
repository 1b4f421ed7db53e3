import { join } from 'node:path';
import { KeptMap } from './kept-map.ts';

/** How the footage of a volume is to be copied off it. */
export interface CopyingOrder {
  readonly what: 'all' | 'locked';
  readonly remove: boolean;
  /** Who began it; empty: the box itself. */
  readonly by: string;
}

const FILE = 'copying-orders.json';

/** What is being copied off volumes, by their uuids: it goes on when the box has died or was stopped in the middle. */
export class CopyingOrders {
  readonly #kept: KeptMap<CopyingOrder>;
  /** Those of an earlier process that have not been begun again. */
  readonly #inherited: Map<string, CopyingOrder>;

  private constructor(kept: KeptMap<CopyingOrder>) {
    this.#kept = kept;
    this.#inherited = new Map(kept.entries);
  }

  static async open(dataFolder: string): Promise<CopyingOrders> {
    return new CopyingOrders(await KeptMap.open<CopyingOrder>(join(dataFolder, FILE)));
  }

  /** Once for each volume: what an earlier process has left to do there. */
  inherit(volume: string): CopyingOrder | undefined {
    const order = this.#inherited.get(volume);
    this.#inherited.delete(volume);
    return order;
  }

  /** Rejects with the file system's error. */
  begin(volume: string, order: CopyingOrder): Promise<void> {
    this.#inherited.delete(volume);
    return this.#kept.set([volume], order);
  }

  /** Rejects with the file system's error; the next process begins it once more then, and finds nothing to copy. */
  over(volume: string): Promise<void> {
    this.#inherited.delete(volume);
    return this.#kept.delete([volume]);
  }
}
