/** Runs one scenario, whatever becomes of it, and takes away what it has set up. */
import { Outcome, Random, Undoing, type Scenario } from './lab.ts';

export const FIRMWARE = new URL('../../firmware/', import.meta.url).pathname;

export interface Conduct {
  readonly rounds: number;
  readonly seed: number;
  readonly brief: boolean;
  readonly firmware?: string;
  readonly say?: (text: string) => void;
}

/** A scenario that cannot go on is a fault of its outcome, not an error. */
export async function conduct(scenario: Scenario, options: Conduct): Promise<Outcome> {
  const outcome = new Outcome(options);
  const undoing = new Undoing();
  const lab = {
    firmware: options.firmware ?? FIRMWARE,
    rounds: options.rounds,
    brief: options.brief,
    random: new Random(options.seed),
    say: options.say ?? ((): void => undefined),
    teardown: (run: () => unknown): void => undoing.teardown(run),
  };
  try {
    await scenario.run(lab, outcome);
  } catch (error) {
    outcome.faults.push(`it could not go on: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await undoing.run();
  }
  return outcome;
}
