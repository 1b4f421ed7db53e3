import { effect, signal } from '@preact/signals';
import { keep, kept } from './kept.ts';

export type Theme = 'dark' | 'light' | 'system';

const given = kept('theme');
/** Dark unless somebody chose otherwise. */
export const theme = signal<Theme>(given === 'light' || given === 'system' ? given : 'dark');

const light = matchMedia('(prefers-color-scheme: light)');
const systemLight = signal(light.matches);
light.addEventListener('change', () => {
  systemLight.value = light.matches;
});

export function chooseTheme(wanted: Theme): void {
  theme.value = wanted;
  keep('theme', wanted);
}

/** Charts draw their own colours, so they draw anew when this changes. */
export const shownTheme = signal<'dark' | 'light'>('dark');

effect(() => {
  const shown = theme.value === 'system' ? (systemLight.value ? 'light' : 'dark') : theme.value;
  document.documentElement.dataset['theme'] = shown;
  shownTheme.value = shown;
});
