import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { BoxFault } from '../box/client.ts';
import { ended, me, signIn } from '../box/session.ts';
import { useAct } from '../parts/act.ts';
import { Button, TextField } from '../parts/controls.tsx';
import { FaultNote } from '../parts/fault.tsx';
import { CodeField, PasswordField, useFields } from '../parts/form.tsx';
import { Icon } from '../parts/icon.tsx';
import { t } from '../words/index.ts';
import { LanguageSwitch } from './language-switch.tsx';

/** Name and password, and the code of the authenticator app once the box asks for it. */
export function SignIn(): JSX.Element {
  const { values, field } = useFields({ name: ended.value ? (me.value?.name ?? '') : '', password: '', code: '' });
  const [asksCode, setAsksCode] = useState(false);
  const { busy, fault, run } = useAct(async () => {
    const { name, password, code } = values;
    try {
      await signIn({ name: name.trim(), password, ...(asksCode && code !== '' && { code: code.replaceAll(' ', '') }) });
    } catch (error) {
      // The first time, being asked for the code is no fault.
      if (asksCode || !(error instanceof BoxFault) || error.code !== 'accounts.code-needed') throw error;
      setAsksCode(true);
    }
  });
  const submit = (event: Event): void => {
    event.preventDefault();
    void run();
  };
  return (
    <main class="plain-page">
      <div class="sign-in">
        <div class="brand">
          <Icon name="box" size="l" />
          <span>{t('brand')}</span>
        </div>
        <form onSubmit={submit}>
          <h1>{ended.value ? t('signIn.again') : t('signIn')}</h1>
          <TextField
            label={t('signIn.name')}
            autocomplete="username"
            required
            autofocus={!asksCode}
            {...field('name')}
          />
          <PasswordField {...field('password')} />
          {asksCode && <CodeField hint={t('signIn.code.hint')} {...field('code')} />}
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
