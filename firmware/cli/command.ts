import type { ParseArgsOptionsConfig } from 'node:util';
import type { CliHost } from './host.ts';

export interface Invocation {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly host: CliHost;
}

export interface Command {
  /** The words that name it, for example "cameras add". */
  readonly name: string;
  readonly usage: string;
  readonly help: string;
  readonly options?: ParseArgsOptionsConfig;
  /** Words after the name. */
  readonly words: number;
  /** Answers with what `--json` prints, and the words for people. */
  run(call: Invocation): Promise<{ json: unknown; text: string; exitCode?: number }>;
}
