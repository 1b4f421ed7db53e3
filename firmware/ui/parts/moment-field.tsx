import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { boxNow } from '../box/client.ts';
import { localOf } from '../media/site-time.ts';
import { typedTime } from '../media/typed-time.ts';
import { minute, timeZone } from '../words/format.ts';
import { t } from '../words/index.ts';
import { tell } from './toasts.tsx';

interface MomentProps {
  readonly label: string;
  /** In ms since 1970. */
  readonly at: number;
  readonly onAt: (at: number) => void;
  readonly class?: string;
}

/** An instant in the time of the site: shown as 2026-11-22 14:32:08, typed in whatever way is shortest (`typedTime`). */
export function MomentField({ label, at, onAt, ...rest }: MomentProps): JSX.Element {
  const [typed, setTyped] = useState<string>();
  const [wrong, setWrong] = useState(false);
  const take = (): void => {
    if (typed === undefined) return;
    const found = typedTime(timeZone.value, typed, at, boxNow());
    setWrong(!found);
    if (!found) return;
    setTyped(undefined);
    if (found.skipped) tell(t('moment.skipped', { time: minute(found.at) }), 'warn');
    onAt(found.at);
  };
  return (
    <input
      {...rest}
      type="text"
      spellcheck={false}
      autocomplete="off"
      aria-label={label}
      aria-invalid={wrong}
      title={t('moment.how')}
      value={typed ?? localOf(at).replace('T', ' ')}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onFocus={(event) => event.currentTarget.select()}
      onBlur={take}
      onKeyDown={({ key }) => {
        if (key === 'Enter') take();
        if (key !== 'Escape') return;
        setTyped(undefined);
        setWrong(false);
      }}
    />
  );
}
