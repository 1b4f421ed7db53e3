import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useAct } from './act.ts';
import { Button, TextField } from './controls.tsx';
import { FaultNote } from './fault.tsx';
import { FormCard } from './show.tsx';
import { t } from '../words/index.ts';

export interface Fields<T> {
  readonly values: T;
  /** Something is not as it was at first. */
  readonly changed: boolean;
  /** What a field of this name needs: `<TextField label="…" {...field('host')} />`. */
  readonly field: (name: keyof T) => { readonly value: string; readonly onValue: (value: string) => void };
  readonly set: (changes: Partial<T>) => void;
}

/** The texts of a form by name. */
export function useFields<T extends Readonly<Record<string, string>>>(initial: T): Fields<T> {
  const [first] = useState(initial);
  const [values, setValues] = useState(initial);
  const set = (changes: Partial<T>): void => setValues((before) => ({ ...before, ...changes }));
  return {
    values,
    set,
    changed: Object.keys(first).some((name) => values[name] !== first[name]),
    field: (name) => ({
      value: values[name]!,
      onValue: (value) => set({ [name]: value } as unknown as Partial<T>),
    }),
  };
}

interface ActFormProps {
  readonly title: string;
  /** What the one button says. */
  readonly verb: string;
  readonly act: () => Promise<unknown>;
  readonly disabled?: boolean;
  /** For browsers that keep passwords: whose it is. */
  readonly user?: string;
  readonly danger?: boolean;
  /** Beside the button. */
  readonly more?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A card with fields and one thing to be done with them; Enter does it, too. */
export function ActForm(props: ActFormProps): JSX.Element {
  const { title, verb, act, disabled = false, user, danger = false, more, children } = props;
  const { busy, fault, run } = useAct(act);
  const submit = (): void => {
    if (!disabled) void run();
  };
  return (
    <FormCard title={title} onSubmit={submit} {...(user !== undefined && { user })}>
      {children}
      <FaultNote fault={fault} />
      <div class="row">
        <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={disabled}>
          {verb}
        </Button>
        {more}
      </div>
    </FormCard>
  );
}

interface SecretProps {
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly label?: string;
  readonly autofocus?: boolean;
}

/** A password that is known; browsers offer the one they keep. */
export function PasswordField({ label = t('signIn.password'), ...rest }: SecretProps): JSX.Element {
  return <TextField label={label} type="password" autocomplete="current-password" required {...rest} />;
}

/** A password that is being chosen, with what makes a good one. */
export function NewPasswordField({ label = t('signIn.password'), ...rest }: SecretProps): JSX.Element {
  return (
    <TextField
      label={label}
      hint={t('setUp.password.hint')}
      type="password"
      autocomplete="new-password"
      required
      {...rest}
    />
  );
}

/** The six digits of an authenticator app. */
export function CodeField({ hint, ...rest }: Omit<SecretProps, 'label'> & { hint?: string }): JSX.Element {
  return (
    <TextField label={t('signIn.code')} hint={hint} autocomplete="one-time-code" code required autofocus {...rest} />
  );
}
