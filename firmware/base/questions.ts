import { BoxError, type ErrorReport } from './errors.ts';

interface Open {
  resolve(answer: never): void;
  reject(error: unknown): void;
  readonly timer: NodeJS.Timeout | undefined;
}

/** The answer to a question that went to another thread by its number. */
export interface Answered {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: ErrorReport;
}

/** The questions to another thread that it has not answered yet. */
export class Questions {
  readonly #open = new Map<number, Open>();
  #lastId = 0;

  get size(): number {
    return this.#open.size;
  }

  /**
   * `send` gets the number of the question. Rejects with the answered error, with what `late` says when there was no answer in time, or
   * with what `giveUp` says.
   */
  ask<T>(send: (id: number) => void, limit?: { readonly ms: number; late(): BoxError }): Promise<T> {
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      const timer = limit && setTimeout(() => this.#settle(id)?.reject(limit.late()), limit.ms);
      this.#open.set(id, { resolve, reject, timer });
      try {
        send(id);
      } catch (error) {
        this.#settle(id)?.reject(error);
      }
    });
  }

  /** An answer that comes too late is nobody's any more. */
  answered({ id, answer, error }: Answered): void {
    const open = this.#settle(id);
    if (error) open?.reject(BoxError.fromJSON(error));
    else open?.resolve(answer as never);
  }

  /** Nobody will answer. */
  giveUp(why: () => BoxError): void {
    for (const id of this.#open.keys()) this.#settle(id)?.reject(why());
  }

  #settle(id: number): Open | undefined {
    const open = this.#open.get(id);
    clearTimeout(open?.timer);
    this.#open.delete(id);
    return open;
  }
}
