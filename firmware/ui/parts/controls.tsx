import type { ComponentChildren, JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { t } from '../words/index.ts';
import { useAct } from './act.ts';
import { Icon, type IconName } from './icon.tsx';

type Kind = 'primary' | 'plain' | 'quiet' | 'danger';

export interface ButtonProps {
  readonly children?: ComponentChildren;
  readonly kind?: Kind;
  readonly icon?: IconName;
  /** Named for readers where there are no words to be seen. */
  readonly label?: string;
  readonly title?: string | undefined;
  readonly type?: 'button' | 'submit';
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly autofocus?: boolean;
  readonly onPress?: () => unknown;
}

export function Button(props: ButtonProps): JSX.Element {
  const { children, kind = 'plain', icon, label, type = 'button', busy = false, disabled = false, onPress } = props;
  return (
    <button
      type={type}
      class={`button ${kind}${children === undefined ? ' bare' : ''}${busy ? ' busy' : ''}`}
      aria-label={label}
      aria-busy={busy}
      aria-pressed={props.pressed}
      title={props.title ?? (children === undefined ? label : undefined)}
      disabled={disabled}
      autofocus={props.autofocus}
      onClick={busy || !onPress ? undefined : () => void onPress()}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A button that waits for what it began, is locked meanwhile, and shows beside it what went wrong. */
export function ActButton({
  act,
  ...props
}: Omit<ButtonProps, 'onPress' | 'busy'> & { act: () => Promise<unknown> }): JSX.Element {
  const { busy, fault, run } = useAct(act);
  return (
    <>
      <Button {...props} busy={busy} onPress={run} />
      {fault && (
        <span class="fault-beside" role="alert">
          {fault.what}
        </span>
      )}
    </>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly children: (ids: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean;
  }) => JSX.Element;
}

/** A label, one control, and what is to be said about it. */
function Field({ label, hint, fault, children }: FieldProps): JSX.Element {
  const id = useId();
  const about = hint !== undefined || fault !== undefined ? `${id}-about` : undefined;
  return (
    <div class={`field${fault === undefined ? '' : ' faulty'}`}>
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': about, 'aria-invalid': fault !== undefined })}
      {about !== undefined && (
        <p id={about} class={fault === undefined ? 'hint' : 'hint bad'}>
          {fault ?? hint}
        </p>
      )}
    </div>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: string | undefined;
  readonly fault?: string | undefined;
  readonly type?: 'text' | 'password' | 'search' | 'number' | 'date' | 'time' | 'month' | 'url';
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly placeholder?: string;
  readonly code?: boolean;
  readonly list?: string;
}

export function TextField({ label, value, onValue, hint, fault, code = false, ...rest }: TextProps): JSX.Element {
  return (
    <Field label={label} hint={hint} fault={fault}>
      {(ids) => (
        <input
          {...ids}
          // The types of attributes know no type of input that is chosen later.
          {...(rest as Record<never, never>)}
          class={code ? 'code' : undefined}
          spellcheck={false}
          value={value}
          onInput={(event) => onValue(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface Option {
  readonly value: string;
  readonly label: string;
}

export function SelectField(props: {
  label: string;
  value: string;
  options: readonly Option[];
  onValue: (value: string) => void;
  hint?: string;
}): JSX.Element {
  const { label, value, options, onValue, hint } = props;
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function CheckField(props: {
  label: string;
  checked: boolean;
  onChecked: (checked: boolean) => void;
  hint?: string;
}): JSX.Element {
  const { label, checked, onChecked, hint } = props;
  const id = useId();
  return (
    <div class="check">
      <input id={id} type="checkbox" checked={checked} onChange={(event) => onChecked(event.currentTarget.checked)} />
      <label for={id}>
        {label}
        {hint !== undefined && <span class="hint">{hint}</span>}
      </label>
    </div>
  );
}

/** One of a few; the choice takes effect at once. */
export function Segments(props: {
  label: string;
  value: string;
  options: readonly Option[];
  onValue: (value: string) => void;
}): JSX.Element {
  const { label, value, options, onValue } = props;
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onValue(option.value)}
        >
          {option.label}
        </button>
      ))}
    </div>
  );
}

export function CopyText({ text, children }: { text: string; children?: ComponentChildren }): JSX.Element {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <span class="copy">
      <code class="code">{children ?? text}</code>
      <Button
        kind="quiet"
        icon={copied ? 'check' : 'copy'}
        label={copied ? t('copy.done') : t('copy')}
        onPress={copy}
      />
    </span>
  );
}
