import type { JSX } from 'preact';
import { Icon } from './icon.tsx';

/** For words by which a list is narrowed as they are typed. */
export function SearchField(props: { label: string; value: string; onValue: (to: string) => void }): JSX.Element {
  const { label, value, onValue } = props;
  return (
    <label class="search">
      <Icon name="search" size="s" />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}
