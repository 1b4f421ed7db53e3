/** What commands need from the process they run in: the box, running or stopped, and the terminal. */
export interface CliHost {
  /** Asks the running box, or acts on the data folder if the box is stopped. */
  call(operation: string, input: unknown): Promise<unknown>;
  exportRange(
    segments: unknown,
    range: { camera: string; from: string; to: string },
    file: string,
  ): Promise<{ file: string; seconds: number; bytes: number; gaps: readonly unknown[] }>;
  /** From standard input; asked for, and not shown, if that is a terminal. */
  readPassword(prompt: string): Promise<string>;
  warn(text: string): void;
}
