import type { JSX } from 'preact';
import { TextField } from '../../parts/controls.tsx';
import { t } from '../../words/index.ts';

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The login of a camera; what is kept already is never shown. */
export function LoginFields(props: { login: Login; onLogin: (to: Login) => void; hint?: string }): JSX.Element {
  const { login, onLogin, hint } = props;
  return (
    <>
      <TextField
        label={t('cameras.user')}
        {...(hint !== undefined && { hint })}
        value={login.username}
        onValue={(username) => onLogin({ ...login, username })}
        autocomplete="off"
      />
      <TextField
        label={t('cameras.password')}
        hint={t('cameras.password.hint')}
        type="password"
        value={login.password}
        onValue={(password) => onLogin({ ...login, password })}
        autocomplete="new-password"
      />
    </>
  );
}
