import type { OperationDescription } from '../control/index.ts';

/**
 * Whether somebody may have it done as a job, as RFC 7240 leaves to the server. Jobs are kept and shown to others than who began
 * them; what is told once, such as the secret of a token, is told to the one who asked and to nobody else.
 */
export function mayWait({ right }: Pick<OperationDescription, 'right'>): boolean {
  return right !== 'users' && right !== 'none' && right !== 'open';
}
