import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { t } from '../words/index.ts';
import { Button } from './controls.tsx';
import { Icon } from './icon.tsx';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'ok' | 'warn' | 'bad';
  readonly act?: { readonly label: string; readonly run: () => void };
}

const STAYS_MS = 6000;
const MOST = 4;
const toasts = signal<readonly Toast[]>([]);
let count = 0;

/** A word about what has happened. It leaves by itself unless something failed. */
export function tell(text: string, tone: Toast['tone'] = 'ok', act?: Toast['act']): void {
  const id = ++count;
  toasts.value = [...toasts.value.slice(-MOST + 1), { id, text, tone, ...(act && { act }) }];
  if (tone !== 'bad') setTimeout(() => drop(id), STAYS_MS);
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((each) => each.id !== id);
}

export function Toasts(): JSX.Element {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, tone, act }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon name={tone === 'ok' ? 'check' : 'warning'} />
          <span>{text}</span>
          {act && (
            <Button
              kind="quiet"
              onPress={() => {
                act.run();
                drop(id);
              }}
            >
              {act.label}
            </Button>
          )}
          <Button kind="quiet" icon="close" label={t('close')} onPress={() => drop(id)} />
        </div>
      ))}
    </div>
  );
}
