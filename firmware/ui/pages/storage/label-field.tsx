import type { JSX } from 'preact';
import { TextField } from '../../parts/controls.tsx';
import { t } from '../../words/index.ts';

/** What people call a disk. */
export function LabelField(props: { value: string; onValue: (value: string) => void }): JSX.Element {
  return <TextField label={t('disk.label')} hint={t('disk.label.hint')} autocomplete="off" {...props} />;
}
