/** What a full queue gives up: the item that arrives, or those that have waited longest. */
export type Overflow = 'drop-newest' | 'drop-oldest';

export interface DropCount {
  readonly items: number;
  readonly bytes: number;
}

/**
 * A first-in-first-out queue bounded in bytes. One per reader, so that a slow reader loses its own items and never slows the
 * source or the other readers (R1). Pushing never waits and never throws.
 */
export class ByteQueue<T> {
  readonly maxBytes: number;
  readonly #overflow: Overflow;
  readonly #onDrop: ((item: T, bytes: number) => void) | undefined;
  #items: ({ item: T; bytes: number } | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  #droppedItems = 0;
  #droppedBytes = 0;

  /** `onDrop` is told of each item that is given up, so that it can be released and counted as a gap. */
  constructor(options: { maxBytes: number; overflow: Overflow; onDrop?: (item: T, bytes: number) => void }) {
    this.maxBytes = options.maxBytes;
    this.#overflow = options.overflow;
    this.#onDrop = options.onDrop;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Bytes of all items that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** What overflow has cost since the queue was made. */
  get dropped(): DropCount {
    return { items: this.#droppedItems, bytes: this.#droppedBytes };
  }

  /** False if this very item was dropped: no room under drop-newest, or larger than the whole queue. */
  push(item: T, bytes: number): boolean {
    if (bytes > this.maxBytes || (this.#overflow === 'drop-newest' && this.#bytes + bytes > this.maxBytes)) {
      this.#drop(item, bytes);
      return false;
    }
    while (this.#bytes + bytes > this.maxBytes) this.#dropFirst();
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    return true;
  }

  peek(): T | undefined {
    return this.#items[this.#head]?.item;
  }

  shift(): T | undefined {
    return this.#take()?.item;
  }

  /** Empties the queue and hands every item to `each`; nothing counts as dropped. */
  clear(each?: (item: T, bytes: number) => void): void {
    for (let entry = this.#take(); entry; entry = this.#take()) each?.(entry.item, entry.bytes);
  }

  #take(): { item: T; bytes: number } | undefined {
    const entry = this.#items[this.#head];
    if (!entry) return undefined;
    this.#items[this.#head++] = undefined;
    this.#bytes -= entry.bytes;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  #dropFirst(): void {
    const entry = this.#take();
    if (entry) this.#drop(entry.item, entry.bytes);
  }

  #drop(item: T, bytes: number): void {
    this.#droppedItems++;
    this.#droppedBytes += bytes;
    this.#onDrop?.(item, bytes);
  }
}
