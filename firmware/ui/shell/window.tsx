import { render } from 'preact';
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { follow } from '../box/live.ts';
import { beginScreen, ended, findSession, me, onScreen, session } from '../box/session.ts';
import { Button } from '../parts/controls.tsx';
import { explain } from '../parts/fault.tsx';
import { Toasts } from '../parts/toasts.tsx';
import { speak, t, wantedLanguage } from '../words/index.ts';
import { watchChanges } from './changes.ts';
import { listenToKeys } from './keys.tsx';
import { takeLinks } from './route.ts';
import { SetUp } from './set-up.tsx';
import { Screen, Shell } from './shell.tsx';
import { SignIn } from './sign-in.tsx';
import './theme.ts';

/** Draws the window into an element and follows the box from then on. */
export async function openWindow(root: Element): Promise<void> {
  takeLinks(document.body);
  await speak(wantedLanguage());
  await begin(root);
}

async function begin(root: Element): Promise<void> {
  const token = /^#token=(ipvs_[\w-]+)$/.exec(location.hash)?.[1];
  try {
    if (token === undefined) await findSession();
    else await beginScreen(token);
    if (token !== undefined) history.replaceState(null, '', location.pathname);
  } catch (error) {
    render(<Waiting words={explain(error).what} again={() => begin(root)} />, root);
    return;
  }
  effect(() => {
    if (session.value?.signedIn === true) follow();
  });
  listenToKeys();
  watchChanges();
  render(<Window />, root);
}

/** Who is not signed in sees the sign-in; whose session ended sees it over the page, which stays as it was. */
function Window(): JSX.Element {
  const state = session.value;
  if (state?.claimed !== true) return <SetUp />;
  const shell = me.value !== undefined && (onScreen.value ? <Screen /> : <Shell />);
  return (
    <>
      {shell}
      {!state.signedIn && !onScreen.value && (
        <div class={ended.value ? 'over' : 'plain-page-root'}>
          <SignIn />
        </div>
      )}
      <Toasts />
    </>
  );
}

function Waiting({ words, again }: { words: string; again: () => Promise<void> }): JSX.Element {
  return (
    <main class="plain-page">
      <div class="empty">
        <h1>{words}</h1>
        <p>{t('fault.noAnswer.advice')}</p>
        <Button kind="primary" icon="refresh" onPress={again}>
          {t('retry')}
        </Button>
      </div>
    </main>
  );
}
