import type { ErrorCode } from '../base/index.ts';
import type { Caller } from './caller.ts';

/** One line of the audit log: who asked for what, from where, and how it ended. */
export interface AuditLine {
  readonly atUs: number;
  readonly who: string;
  readonly kind: Caller['kind'];
  readonly address: string;
  readonly operation: string;
  /** The camera, volume or user that it was about. */
  readonly subject?: string;
  readonly result: 'ok' | ErrorCode;
  /** What was asked, without secrets, bounded. */
  readonly detail?: Record<string, unknown>;
}

/** Takes audit lines: at once, never throwing, never slowing whoever calls. */
export interface AuditPort {
  note(line: AuditLine): void;
}
