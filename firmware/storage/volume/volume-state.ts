import type { BoxError, ErrorCode } from '../../base/index.ts';

/**
 * `ready`: takes recordings. `full`, `read-only`: takes none until there is room or it can be written again, which the volume
 * finds out by itself. `hung`: an operation has been out for too long; ends when the disk answers. The rest ends only with a new
 * Volume for the folder: `doubted` (a sync failed, so what was written lately may be lost), `failed` (the disk reported errors),
 * `gone` (its folder leads to another disk or none), `stopped`.
 */
export type VolumeState = 'ready' | 'full' | 'read-only' | 'hung' | 'doubted' | 'failed' | 'gone' | 'stopped';

type Fault = Exclude<VolumeState, 'ready' | 'hung' | 'stopped'>;

const FAULTS: Partial<Record<ErrorCode, Fault>> = {
  'storage.full': 'full',
  'storage.read-only': 'read-only',
  'storage.io': 'failed',
  'storage.sync-failed': 'doubted',
  'storage.not-mounted': 'gone',
  'storage.not-ours': 'gone',
};

/** A graver fault hides a lighter one; the first three can pass. */
const GRAVITY: Readonly<Record<Fault | 'ready', number>> = {
  ready: 0,
  full: 1,
  'read-only': 2,
  failed: 3,
  doubted: 4,
  gone: 5,
};

/** The one state of a volume, from what its operations report. */
export class VolumeStatus {
  readonly #changed: (state: VolumeState, error: BoxError | undefined) => void;
  #fault: Fault | 'ready' = 'ready';
  #error: BoxError | undefined;
  #hung = false;
  #stopped = false;
  #told: VolumeState = 'ready';

  constructor(changed: (state: VolumeState, error: BoxError | undefined) => void) {
    this.#changed = changed;
  }

  get state(): VolumeState {
    if (this.#stopped) return 'stopped';
    if (this.#hung && GRAVITY[this.#fault] < GRAVITY.failed) return 'hung';
    return this.#fault;
  }

  /** Why the volume is not ready, if that is because of an error. */
  get error(): BoxError | undefined {
    return this.#error;
  }

  /** The fault that may pass, if there is one. */
  get passing(): 'full' | 'read-only' | undefined {
    return this.#fault === 'full' || this.#fault === 'read-only' ? this.#fault : undefined;
  }

  /** Takes an error of an operation into account; those that say nothing about the disk change nothing. */
  report(error: BoxError): void {
    const fault = FAULTS[error.code];
    if (!fault || GRAVITY[fault] <= GRAVITY[this.#fault]) return;
    this.#fault = fault;
    this.#error = error;
    this.#tell();
  }

  /** The fault has passed. */
  cleared(fault: 'full' | 'read-only'): void {
    if (this.#fault !== fault) return;
    this.#fault = 'ready';
    this.#error = undefined;
    this.#tell();
  }

  setHung(hung: boolean): void {
    this.#hung = hung;
    this.#tell();
  }

  stop(): void {
    this.#stopped = true;
    this.#tell();
  }

  #tell(): void {
    const { state } = this;
    if (state === this.#told) return;
    this.#told = state;
    this.#changed(state, this.#error);
  }
}
