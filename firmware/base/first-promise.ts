/**
 * Makes work that is done once: the first call begins it, every call returns that first promise. The idiom for `start` and
 * `stop` of a part:
 *
 *     readonly #stopOnce = firstPromise(() => this.#shutDown());
 *     stop(): Promise<void> { return this.#stopOnce(); }
 */
export function firstPromise<T>(work: () => Promise<T>): () => Promise<T> {
  let first: Promise<T> | undefined;
  return () => (first ??= begin(work));
}

// `async`, so that work which throws before its first await rejects instead.
async function begin<T>(work: () => Promise<T>): Promise<T> {
  return await work();
}
