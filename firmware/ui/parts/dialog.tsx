import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { t } from '../words/index.ts';
import { Button, TextField } from './controls.tsx';
import { useAct } from './act.ts';
import { FaultNote } from './fault.tsx';

/** Takes the focus while it is open and gives it back; Esc closes it. */
export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby={id} onClose={onClose} onCancel={onClose}>
      <header>
        <h2 id={id}>{title}</h2>
        <Button kind="quiet" icon="close" label={t('close')} onPress={onClose} />
      </header>
      {children}
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly verb: string;
  readonly danger?: boolean;
  /** What must be typed first: whatever cannot be undone names the thing. */
  readonly name?: string;
  readonly disabled?: boolean;
  readonly act: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** One decision. Stays open, with the reason, if the box refuses. */
export function Confirm({
  title,
  children,
  verb,
  danger = false,
  name,
  disabled = false,
  act,
  onClose,
}: ConfirmProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const { busy, fault, run } = useAct(act);
  const named = name === undefined || typed.trim() === name;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (named && !disabled && (await run())) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={(event) => void submit(event)}>
        <div class="prose">{children}</div>
        {name !== undefined && (
          <TextField
            label={t('confirm.type', { name })}
            value={typed}
            onValue={setTyped}
            autocomplete="off"
            code
            autofocus
          />
        )}
        <FaultNote fault={fault} />
        <footer>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button type="submit" kind={danger ? 'danger' : 'primary'} busy={busy} disabled={!named || disabled}>
            {verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
