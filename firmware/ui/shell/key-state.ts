import { signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

export const keysShown = signal(false);
/** Single keys can be switched off: some people speak to their computer, and it types. */
export const keysOn = signal(kept('keys') !== 'off');

export function switchKeys(on: boolean): void {
  keysOn.value = on;
  keep('keys', on ? undefined : 'off');
}

/** Keys of the page that is open; it sets them when it opens and takes them away when it leaves. */
export const pageKeys = signal<readonly { key: string; words: string; run: () => void }[]>([]);
