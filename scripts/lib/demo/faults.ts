import { BoxError } from '../../../firmware/base/index.ts';
import { shown } from './view.ts';

/** What went wrong and what to do now, for a person at a terminal. */
export function explain(error: unknown, { dataFolder }: { dataFolder: string }): string {
  const folder = shown(dataFolder);
  if (error instanceof BoxError) {
    if (error.code === 'control.already-running') {
      return `Another box already works with the folder ${folder}. Stop it first (Ctrl-C in its terminal), or take another folder:\n  npm start -- --data OTHER-FOLDER`;
    }
    const context = Object.entries(error.context).map(([key, value]) => `  ${key}: ${wordsOf(value)}`);
    return [`${error.what} ${error.advice}`, `  code: ${error.code}`, ...context].join('\n');
  }
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `The folder ${folder} cannot be written (${code}). Give it to the user who runs the box, or take another one:\n  npm start -- --data OTHER-FOLDER`;
  }
  if (code === 'ENOSPC')
    return `There is no space left for the folder ${folder}. Free some, or take another disk:\n  npm start -- --data OTHER-FOLDER`;
  if (code === 'EEXIST' || code === 'ENOTDIR')
    return `${folder} is a file, not a folder. Move it away, or take another folder:\n  npm start -- --data OTHER-FOLDER`;
  return message ?? String(error);
}

function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.join('; ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
