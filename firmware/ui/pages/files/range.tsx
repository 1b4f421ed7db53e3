import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { boxNow } from '../../box/client.ts';
import { instantOf, localOf } from '../../media/site-time.ts';
import { query } from '../../shell/route.ts';
import { t } from '../../words/index.ts';

const USUAL_MS = 10 * 60_000;

/** Both ends of a range as fields, in the time of the site. */
export function useRange(): { from: string; to: string; setFrom: (to: string) => void; setTo: (to: string) => void } {
  const of = (name: string, otherwise: number): string => {
    const at = Date.parse(query.peek().get(name) ?? '');
    return localOf(Number.isNaN(at) ? otherwise : at);
  };
  const [from, setFrom] = useState(() => of('i', boxNow() - USUAL_MS));
  const [to, setTo] = useState(() => of('o', boxNow()));
  return { from, to, setFrom, setTo };
}

/** ISO 8601 of both ends; undefined if they are no range. */
export function isoRange(from: string, to: string): { from: string; to: string } | undefined {
  const [a, b] = [instantOf(from), instantOf(to)];
  if (a === undefined || b === undefined || b <= a) return undefined;
  return { from: new Date(a).toISOString(), to: new Date(b).toISOString() };
}

export function RangeFields({ range }: { range: ReturnType<typeof useRange> }): JSX.Element {
  const field = (label: string, value: string, set: (value: string) => void): JSX.Element => (
    <label class="field">
      <span>{label}</span>
      <input type="datetime-local" step="1" value={value} onInput={(event) => set(event.currentTarget.value)} />
    </label>
  );
  return (
    <>
      {field(t('files.from'), range.from, range.setFrom)}
      {field(t('files.to'), range.to, range.setTo)}
    </>
  );
}
