import { signal } from '@preact/signals';
import { me } from '../box/session.ts';
import { keep, kept } from './kept.ts';

/** Parts beside the pictures that can be folded away: cameras and events of the wall, and calendar and cameras of playback. */
type Part = 'list' | 'strip' | 'side';

const changes = signal(0);
const keyOf = (part: Part): string => `folded.${part}.${me.value?.name ?? ''}`;

/** As this user left it on this computer. */
export function isFolded(part: Part): boolean {
  void changes.value;
  return kept(keyOf(part)) === 'yes';
}

export function fold(part: Part): void {
  keep(keyOf(part), isFolded(part) ? undefined : 'yes');
  changes.value++;
}
