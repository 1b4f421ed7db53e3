import type { Words } from './words-zh/words.ts';
import { BOX_ZH } from './words-zh/box.ts';
import { CAMERAS_ZH } from './words-zh/cameras.ts';
import { RECORDING_ZH } from './words-zh/recording.ts';
import { STORAGE_ZH } from './words-zh/storage.ts';

/**
 * The error table in simplified Chinese, for codes that can stand as a problem or be told in a notice. A rule test holds it
 * complete; a code that is missing all the same is told in English.
 */
export const WORDS_ZH: Readonly<Record<string, Words>> = {
  ...CAMERAS_ZH,
  ...STORAGE_ZH,
  ...RECORDING_ZH,
  ...BOX_ZH,
};
