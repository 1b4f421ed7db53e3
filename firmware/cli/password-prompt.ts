import type { ReadStream, WriteStream } from 'node:tty';
import { BoxError } from '../base/index.ts';

const ENTER = new Set(['\r', '\n', '\u0004']);
const RUBOUT = new Set(['\u007f', '\b']);
const INTERRUPT = '\u0003';

/** Asks for a password at a terminal: one line that is not shown. Rejects with control.bad-input on Ctrl-C. */
export async function promptPassword(
  input: ReadStream,
  output: Pick<WriteStream, 'write'>,
  prompt: string,
): Promise<string> {
  output.write(prompt);
  input.setRawMode(true);
  input.setEncoding('utf8');
  try {
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    input.pause();
    output.write('\n');
  }
}

async function readLine(input: ReadStream): Promise<string> {
  let password: string[] = [];
  for await (const text of input.iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    for (const letter of text) {
      if (letter === INTERRUPT) throw new BoxError('control.bad-input', { faults: ['password: not given'] });
      if (ENTER.has(letter)) return password.join('');
      if (RUBOUT.has(letter)) password = password.slice(0, -1);
      else password.push(letter);
    }
  }
  return password.join('');
}
