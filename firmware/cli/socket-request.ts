import { BoxError } from '../base/index.ts';

/** One line from a client of the socket. */
export interface Request {
  readonly id: number;
  readonly operation: string;
  readonly input: unknown;
}

const MAX_REQUEST_CHARS = 1 << 20;

/** Cuts what a client sends into lines. */
export class RequestLines {
  #begun = '';

  /** Lines that are whole now. Throws control.bad-input when a line never ends. */
  push(text: string): string[] {
    const lines = (this.#begun + text).split('\n');
    this.#begun = lines.pop() ?? '';
    if (this.#begun.length > MAX_REQUEST_CHARS) {
      throw new BoxError('control.bad-input', { faults: [`request: is longer than ${MAX_REQUEST_CHARS} characters`] });
    }
    return lines;
  }
}

/** Throws control.bad-input for anything but a JSON object with an id and an operation. */
export function parseRequest(line: string): Request {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new BoxError('control.bad-input', { faults: ['request: is not JSON'] }, { cause });
  }
  const { id, operation, input } = Object(value) as Partial<Request>;
  if (typeof id !== 'number' || typeof operation !== 'string') {
    throw new BoxError('control.bad-input', { faults: ['request: needs id and operation'] });
  }
  return { id, operation, input };
}
