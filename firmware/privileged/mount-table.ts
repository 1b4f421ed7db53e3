/** What is mounted, by the kernel's own word: proc(5), /proc/self/mountinfo. */
import { readFile } from 'node:fs/promises';

export interface Mount {
  /** major:minor of the device. */
  readonly number: string;
  readonly folder: string;
  readonly readOnly: boolean;
}

/** All mounts that this process sees; the newest of a folder last. */
export async function readMounts(): Promise<Mount[]> {
  return parseMounts(await readFile('/proc/self/mountinfo', 'utf8'));
}

export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [, , number, , folder, options] = line.split(' ');
    if (number === undefined || folder === undefined || options === undefined) return [];
    return [{ number, folder: unescape(folder), readOnly: options.split(',').includes('ro') }];
  });
}

/** Blanks, tabs, line ends and backslashes are written as \040 and the like. */
function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
}
