import type { JSX } from 'preact';
import { Segments } from '../parts/controls.tsx';
import { language, speak, t, type Language } from '../words/index.ts';
import { keep } from './kept.ts';
import { chooseTheme, theme, type Theme } from './theme.ts';

/** Language and theme; both hold at once and are kept by the browser. */
export function LookChoices(): JSX.Element {
  const choose = async (wanted: string): Promise<void> => {
    keep('language', wanted);
    await speak(wanted as Language);
  };
  return (
    <>
      <Segments
        label={t('me.language')}
        value={language.value}
        options={[
          { value: 'zh-CN', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
        onValue={(wanted) => void choose(wanted)}
      />
      <Segments
        label={t('me.theme')}
        value={theme.value}
        options={(['dark', 'light', 'system'] as const).map((value) => ({ value, label: t(`theme.${value}`) }))}
        onValue={(wanted) => chooseTheme(wanted as Theme)}
      />
    </>
  );
}
