import { BoxError } from '../base/index.ts';
import type { Privileged, SmartType } from '../privileged/index.ts';
import { parseSmart } from './smart-parse.ts';
import type { Access, SmartReading } from './smart-reading.ts';

/** Where readings come from. A disk that sleeps is not woken for one. */
export interface SmartSource {
  /**
   * `device`: the kernel's name, such as sda. Resolves also when the disk tells nothing; undefined if it could not be asked now and says
   * nothing about the disk. Rejects with what is wrong with the box.
   */
  read(device: string, type: SmartType): Promise<SmartReading | undefined>;
}

/** What a refusal says about the disk. */
const REFUSALS: Readonly<Record<string, Exclude<Access, 'read'>>> = {
  'privileged.timeout': 'timed-out',
  'privileged.unavailable': 'denied',
  'privileged.not-allowed': 'denied',
  'privileged.program-missing': 'denied',
  'privileged.program-failed': 'not-opened',
  'disks.no-such-disk': 'missing',
};

/** Readings through the process with the rights of root, which runs smartctl with fixed arguments and a time limit. */
export class PrivilegedSmartSource implements SmartSource {
  readonly #privileged: Privileged;

  constructor(privileged: Privileged) {
    this.#privileged = privileged;
  }

  async read(device: string, type: SmartType): Promise<SmartReading | undefined> {
    try {
      const { exitCode, json } = await this.#privileged.ask('smart.read', { device, type });
      return parseSmart(json, { exitStatus: exitCode });
    } catch (error) {
      if (!(error instanceof BoxError)) throw error;
      if (error.code === 'privileged.busy') return undefined;
      const access = REFUSALS[error.code];
      if (access === undefined) throw error;
      return { ...parseSmart(''), access };
    }
  }
}
