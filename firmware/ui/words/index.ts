import { computed, signal } from '@preact/signals';
import { askLanguage } from '../box/client.ts';
import { kept } from '../shell/kept.ts';
import type { Table, Word } from './en.ts';

export type Language = 'en' | 'zh-CN';
export type { Word };
type Faults = Readonly<Record<string, { readonly what: string; readonly advice: string }>>;

export const language = signal<Language>('en');
const table = signal<Table | undefined>(undefined);
const faults = signal<Faults>({});

/** Each language is a file of its own, loaded alone. */
export async function speak(wanted: Language): Promise<void> {
  const [words, codes] = await Promise.all(
    wanted === 'zh-CN'
      ? [import('./zh.ts').then(({ zh }) => zh), import('virtual:faults-zh')]
      : [import('./en.ts').then(({ en }): Table => en), import('virtual:faults-en')],
  );
  table.value = words;
  faults.value = codes.default;
  language.value = wanted;
  askLanguage.value = wanted;
  document.documentElement.lang = wanted;
}

/** What was chosen on this computer, else what the browser wants. */
export function wantedLanguage(): Language {
  const chosen = kept('language');
  if (chosen === 'en' || chosen === 'zh-CN') return chosen;
  return navigator.languages
    .find((tag) => /^(?:en|zh)\b/i.test(tag))
    ?.toLowerCase()
    .startsWith('zh')
    ? 'zh-CN'
    : 'en';
}

export const locale = computed(() => (language.value === 'zh-CN' ? 'zh-CN' : 'en-GB'));

/**
 * The words for a key. `{name}` is put in; `{n|camera|cameras}` chooses by the number n, as English does.
 */
export function t(key: Word, values: Readonly<Record<string, string | number>> = {}): string {
  const text = table.value?.[key] ?? key;
  return text.replaceAll(/\{(\w+)(?:\|([^|}]*)\|([^}]*))?\}/g, (_all, name: string, one?: string, many?: string) => {
    const value = values[name] ?? '';
    if (one === undefined) return String(value);
    return (Number(value) === 1 ? one : many) ?? '';
  });
}

/** The words for a key that is made of a value of the box; `fallback` for values that the window does not know yet. */
export function tOf(prefix: string, value: string, fallback = value): string {
  const key = `${prefix}.${value}` as Word;
  return table.value && Object.hasOwn(table.value, key) ? t(key) : fallback;
}

/** What happened and what to do, in the language of the window if it has the words. */
export function faultWords(told: { code: string; what: string; advice: string }): { what: string; advice: string } {
  return faults.value[told.code] ?? told;
}
