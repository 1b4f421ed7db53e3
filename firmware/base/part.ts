/** One building block of the box with a beginning and an end. The supervisor starts parts in order and stops them in reverse. */
export interface Part {
  readonly name: string;
  /** Does the work that constructors must not do. Rejects with a BoxError when the part cannot run. */
  start(): Promise<void>;
  /** Resolves when it is truly over; a repeated call returns the first promise. */
  stop(): Promise<void>;
  /** Asked by the watchdog; must answer from memory, without I/O. */
  health?(): Health;
}

export interface Health {
  readonly state: 'ok' | 'degraded' | 'failed';
  readonly detail?: string;
}
