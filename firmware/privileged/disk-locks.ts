import { BoxError } from '../base/index.ts';
import type { Task } from './task.ts';

/** One request at a time per disk; others are refused, since what they looked at may be changing. */
export class DiskLocks {
  readonly #held = new Set<string>();

  /**
   * Does the work while nobody else works on the disk; rejects with privileged.busy if somebody does. The disk is free again
   * when all programs of the task have ended, which on a disk that hangs is later than the answer, or never.
   */
  async during<T>(disk: string, task: Task, work: () => Promise<T>): Promise<T> {
    if (this.#held.has(disk)) throw new BoxError('privileged.busy', { device: disk });
    this.#held.add(disk);
    try {
      return await work();
    } finally {
      task.whenOver(() => this.#held.delete(disk));
    }
  }
}
