/** Which volumes have no room for whom, as the space model last said. */
export class Admissions {
  readonly #closed = new Set<string>();
  readonly #stopped = new Map<string, ReadonlySet<string>>();

  /** `volume` is a uuid. `closed`: nobody may begin a segment there; `stopped`: these cameras may not. */
  note({ volume, closed, stopped }: { volume: string; closed: boolean; stopped: readonly string[] }): void {
    if (closed) this.#closed.add(volume);
    else this.#closed.delete(volume);
    this.#stopped.set(volume, new Set(stopped));
  }

  bars(volume: string, camera: string): boolean {
    return this.#closed.has(volume) || this.#stopped.get(volume)?.has(camera) === true;
  }
}
