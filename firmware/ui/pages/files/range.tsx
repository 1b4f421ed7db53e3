import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { boxNow } from '../../box/client.ts';
import { MomentField } from '../../parts/moment-field.tsx';
import { query } from '../../shell/route.ts';
import { t } from '../../words/index.ts';

const USUAL_MS = 10 * 60_000;

export interface Range {
  /** In ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly setFrom: (at: number) => void;
  readonly setTo: (at: number) => void;
}

/** Both ends of a range as fields, in the time of the site. */
export function useRange(): Range {
  const of = (name: string, otherwise: number): number => {
    const at = Date.parse(query.peek().get(name) ?? '');
    return Number.isNaN(at) ? otherwise : at;
  };
  const [from, setFrom] = useState(() => of('i', boxNow() - USUAL_MS));
  const [to, setTo] = useState(() => of('o', boxNow()));
  return { from, to, setFrom, setTo };
}

/** ISO 8601 of both ends; undefined if they are no range. */
export function isoRange({ from, to }: Range): { from: string; to: string } | undefined {
  if (to <= from) return undefined;
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

export function RangeFields({ range }: { range: Range }): JSX.Element {
  const field = (label: string, at: number, set: (at: number) => void): JSX.Element => (
    <label class="field">
      <span>{label}</span>
      <MomentField label={label} at={at} onAt={set} />
    </label>
  );
  return (
    <>
      {field(t('files.from'), range.from, range.setFrom)}
      {field(t('files.to'), range.to, range.setTo)}
    </>
  );
}
