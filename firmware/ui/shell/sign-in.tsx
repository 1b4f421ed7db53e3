import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ended, me, signIn } from '../box/session.ts';
import { Button, TextField } from '../parts/controls.tsx';
import { explain, FaultNote, type Fault } from '../parts/fault.tsx';
import { Icon } from '../parts/icon.tsx';
import { t } from '../words/index.ts';
import { LanguageSwitch } from './language-switch.tsx';

/** Name and password, and the code of the authenticator app once the box asks for it. */
export function SignIn(): JSX.Element {
  const [name, setName] = useState(ended.value ? (me.value?.name ?? '') : '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [asksCode, setAsksCode] = useState(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault(undefined);
    try {
      await signIn({ name: name.trim(), password, ...(asksCode && code !== '' && { code: code.replaceAll(' ', '') }) });
    } catch (error) {
      const told = explain(error);
      if (told.code === 'accounts.code-needed') setAsksCode(true);
      // The first time, being asked for the code is no fault.
      if (told.code !== 'accounts.code-needed' || asksCode) setFault(told);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main class="plain-page">
      <div class="sign-in">
        <div class="brand">
          <Icon name="box" size="l" />
          <span>{t('brand')}</span>
        </div>
        <form onSubmit={(event) => void submit(event)}>
          <h1>{ended.value ? t('signIn.again') : t('signIn')}</h1>
          <TextField
            label={t('signIn.name')}
            value={name}
            onValue={setName}
            autocomplete="username"
            required
            autofocus={!asksCode}
          />
          <TextField
            label={t('signIn.password')}
            type="password"
            value={password}
            onValue={setPassword}
            autocomplete="current-password"
            required
          />
          {asksCode && (
            <TextField
              label={t('signIn.code')}
              hint={t('signIn.code.hint')}
              value={code}
              onValue={setCode}
              autocomplete="one-time-code"
              code
              autofocus
            />
          )}
          <FaultNote fault={fault} />
          <Button type="submit" kind="primary" busy={busy}>
            {t('signIn')}
          </Button>
        </form>
        <div class="below">
          <span>{ended.value ? t('signIn.kept') : ''}</span>
          <LanguageSwitch />
        </div>
      </div>
    </main>
  );
}
