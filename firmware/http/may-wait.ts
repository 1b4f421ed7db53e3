import { z } from 'zod';
import type { OperationDescription } from '../control/index.ts';

/** Rights of operations that tell a secret once, or that nobody waits for anyway. */
const AT_ONCE = new Set<OperationDescription['right']>(['users', 'none', 'open', 'live']);

/**
 * Whether somebody may have it done as a job, as RFC 7240 leaves to the server. Jobs are kept and shown to others than who began
 * them; what is told once, such as the secret of a token or an RTSP password, is told to the one who asked and to nobody else.
 * Lists come page by page, and not whole as a result that is kept for a day.
 */
export function mayWait({ right, effect, output }: Pick<OperationDescription, 'right' | 'effect' | 'output'>): boolean {
  const isPaged = effect === 'read' && output instanceof z.ZodArray;
  return !isPaged && !AT_ONCE.has(right);
}
