/** The firmware without one of its safeguards, to prove that a scenario would notice. */
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';
import { FIRMWARE } from './conduct.ts';

interface Removal {
  /** Below firmware/. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface Red {
  /** The safeguard that is gone. */
  readonly without: string;
  /** The scenario that must fail. */
  readonly scenario: string;
  readonly rounds: number;
  /** It takes the long run to notice. */
  readonly long?: boolean;
  readonly removals: readonly Removal[];
}

const NO_SYNC: readonly Removal[] = [
  {
    file: 'storage/volume/volume-core.ts',
    from: 'async #sync(): Promise<void> {',
    to: 'async #sync(): Promise<void> {\n    this.#entriesInSync = this.#entries.length;\n    if (this.#dirtyFiles) return;',
  },
];

export const REDS: readonly Red[] = [
  { without: 'sync', scenario: 'power-copy', rounds: 10, removals: NO_SYNC },
  { without: 'sync', scenario: 'power-flush', rounds: 5, removals: NO_SYNC },
  {
    without: 'repair at the start',
    scenario: 'kill',
    rounds: 4,
    removals: [
      {
        file: 'storage/recovery/recovery.ts',
        from: 'for (const record of this.#quick.tail.open) torn.push',
        to: 'for (const record of this.#quick.tail.open.slice(0, 0)) torn.push',
      },
    ],
  },
  {
    without: 'files that are replaced as a whole',
    scenario: 'changes',
    rounds: 20,
    removals: [
      { file: 'config/durable-file.ts', from: 'const temporary = `${path}.tmp`;', to: 'const temporary = path;' },
    ],
  },
  {
    without: 'one of several copies counting',
    scenario: 'churn',
    rounds: 3,
    removals: [
      {
        file: 'storage/catalogue/catalogue-copies.ts',
        from: 'if (rows.length === 0) return;',
        to: 'if (rows.length >= 0) return;',
      },
    ],
  },
  {
    without: 'copy before the deletion of the original',
    scenario: 'churn',
    rounds: 3,
    removals: [
      {
        file: 'storage/jobs/evacuate.ts',
        from: 'const { sequence, asSealed } = await this.#copy(source, target, segment);',
        to:
          "await this.#ports.volume('remove', { volume: source.volume, sequence: segment.sequence, path: segment.path });\n" +
          '      const { sequence, asSealed } = await this.#copy(source, target, segment);',
      },
    ],
  },
  { without: 'sync', scenario: 'churn-copy', rounds: 10, removals: NO_SYNC },
  {
    without: 'carrying on of deletions',
    scenario: 'churn-flush',
    rounds: 3,
    removals: [
      {
        file: 'storage/space/volume-space.ts',
        from: 'const steps = this.policy?.readOnly ? [] : this.#interrupted();',
        to: 'const steps = this.policy?.readOnly ? this.#interrupted() : [];',
      },
    ],
  },
  {
    without: 'look into the last fragments at repair',
    scenario: 'damage',
    rounds: 1,
    removals: [
      {
        file: 'media/mp4/repair.ts',
        from: 'i >= 0 && good < wanted; i--',
        to: 'i >= 0 && good < wanted && wanted < 0; i--',
      },
    ],
  },
  {
    without: 'identity of the mounted disk',
    scenario: 'vanish',
    rounds: 1,
    removals: [
      {
        file: 'recording/volume-slot.ts',
        from: 'const adoptEmpty = adopt && !this.#wasOpen;',
        to: 'const adoptEmpty = true;',
      },
    ],
  },
  {
    without: 'deadline of the stop',
    scenario: 'hang',
    rounds: 1,
    removals: [
      {
        file: 'recording/recorder.ts',
        from: 'Promise.race([this.#stopped.promise, late])',
        to: 'this.#stopped.promise',
      },
      { file: 'storage/volume/volume.ts', from: 'Promise.race([this.#drain(), late])', to: 'this.#drain()' },
    ],
  },
  {
    without: 'notice of a disk that hangs',
    scenario: 'hang',
    rounds: 1,
    long: true,
    removals: [
      {
        file: 'storage/volume/volume-core.ts',
        from: 'this.queue.hung || this.schedule.runningMs > this.#settings.hungAfterMs',
        to: 'false',
      },
    ],
  },
  {
    without: 'error to whoever writes to a disk that is gone',
    scenario: 'vanish',
    rounds: 1,
    removals: [
      {
        file: 'storage/volume/segment-file.ts',
        from: 'const error = this.#error ?? this.#cutOff;',
        to: 'const error = this.#ending ? undefined : this.#error;',
      },
    ],
  },
  {
    without: 'footage held for another disk',
    scenario: 'yank',
    rounds: 4,
    removals: [
      {
        file: 'recording/take.ts',
        from: 'const held = segment.takeHeld(this.#deps.heldLimits());',
        to: 'const held = segment.takeHeld(this.#deps.heldLimits());\n    for (const each of held.splice(0)) each.release();',
      },
    ],
  },
  {
    without: 'new run after a step of the clock',
    scenario: 'clock',
    rounds: 1,
    removals: [
      {
        file: 'recording/record-box.ts',
        from: 'for (const camera of this.#cameras.values()) camera.clockStepped();',
        to: '',
      },
    ],
  },
  {
    without: 'log that does not block',
    scenario: 'log',
    rounds: 1,
    removals: [{ file: 'telemetry/logger.ts', from: 'sync: options.blocking,', to: 'sync: true,' }],
  },
];

/** A copy of the firmware in a folder of its own, with the safeguard cut out. Throws if it is not where it is looked for. */
export async function cripple(t: Teardown, { removals, without }: Red): Promise<string> {
  const folder = await tempFolder(t, 'torture-red');
  const firmware = join(folder, 'firmware');
  await mkdir(firmware);
  await cp(FIRMWARE, firmware, { recursive: true });
  for (const name of ['package.json', 'node_modules']) {
    await symlink(new URL(`../../${name}`, import.meta.url).pathname, join(folder, name));
  }
  for (const { file, from, to } of removals) {
    const path = join(firmware, file);
    const source = await readFile(path, 'utf8');
    if (!source.includes(from)) throw new Error(`the safeguard "${without}" is not in ${file} any more`);
    await writeFile(
      path,
      source.replace(from, () => to),
    );
  }
  return `${firmware}/`;
}
