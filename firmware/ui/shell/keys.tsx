import type { JSX } from 'preact';
import { session } from '../box/session.ts';
import { Dialog } from '../parts/dialog.tsx';
import { t } from '../words/index.ts';
import { keysOn, keysShown, pageKeys } from './key-state.ts';
import { pagesOfMine } from './pages.ts';
import { go } from './route.ts';

const GOING_MS = 1500;
/** Single keys act outside of text fields only, and never on the world. */
export function listenToKeys(): void {
  let goingUntil = 0;
  addEventListener('keydown', (event) => {
    const { key, ctrlKey, altKey, metaKey, target } = event;
    if (!keysOn.value || ctrlKey || altKey || metaKey || session.value?.signedIn !== true) return;
    if ((target as Element).closest('input, select, textarea, dialog')) return;
    if (key === '?') keysShown.value = true;
    else if (key === '/') {
      const search = document.querySelector<HTMLInputElement>('input[type=search]');
      if (!search) return;
      search.focus();
    } else if (key === 'g') {
      goingUntil = performance.now() + GOING_MS;
      return;
    } else if (performance.now() < goingUntil) {
      const page = pagesOfMine().find(({ letter }) => letter === key);
      if (!page) return;
      goingUntil = 0;
      go(`/${page.at}`);
    } else {
      const own = pageKeys.value.find((each) => each.key === key);
      if (!own) return;
      own.run();
    }
    event.preventDefault();
  });
}

export function KeysDialog(): JSX.Element | null {
  if (!keysShown.value) return null;
  return (
    <Dialog title={t('keys.title')} onClose={() => (keysShown.value = false)}>
      <dl class="keys-list">
        {pagesOfMine().map(({ at, letter, word }) => (
          <KeyRow key={at} keys={['G', letter.toUpperCase()]} words={t(word)} />
        ))}
        <KeyRow keys={['/']} words={t('keys.search')} />
        <KeyRow keys={['?']} words={t('keys.title')} />
        <KeyRow keys={['Esc']} words={t('keys.close')} />
        {pageKeys.value.map(({ key, words }) => (
          <KeyRow key={key} keys={[key]} words={words} />
        ))}
      </dl>
    </Dialog>
  );
}

function KeyRow({ keys, words }: { keys: readonly string[]; words: string }): JSX.Element {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{words}</dd>
    </>
  );
}
