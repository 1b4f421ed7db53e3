/** One parser under attack. `run` must neither throw nor hang nor keep memory, whatever the input; a broken promise of the parser throws. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that reach deep into the parser; the fuzzer starts from them. */
  seeds(): Buffer[];
  run(input: Buffer): void | Promise<void>;
}
