import type { JSX } from 'preact';
import { Button } from '../parts/controls.tsx';
import { language, speak } from '../words/index.ts';
import { keep } from './kept.ts';

/** Names the other language in itself. */
export function LanguageSwitch(): JSX.Element {
  const other = language.value === 'en' ? 'zh-CN' : 'en';
  const change = async (): Promise<void> => {
    keep('language', other);
    await speak(other);
  };
  return (
    <Button kind="quiet" onPress={change}>
      <span lang={other}>{other === 'en' ? 'English' : '中文'}</span>
    </Button>
  );
}
