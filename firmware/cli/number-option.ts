import { BoxError } from '../base/index.ts';
import type { Invocation } from './command.ts';

/** The number of an option under the name that the operation has for it; nothing if it was not given. Throws control.bad-input. */
export function numberOption(options: Invocation['options'], name: string, as = name): Record<string, number> {
  const given = options[name];
  if (given === undefined) return {};
  const number = typeof given === 'string' && given.trim() !== '' ? Number(given) : Number.NaN;
  if (!Number.isFinite(number)) {
    throw new BoxError('control.bad-input', { faults: [`--${name}: must be a number, not ${String(given)}`] });
  }
  return { [as]: number };
}
