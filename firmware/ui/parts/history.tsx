import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { lazily } from './lazily.tsx';
import { useAsked } from './asked.ts';
import { Awaited } from './show.tsx';

interface HistoryProps {
  readonly title: string;
  readonly series: readonly { readonly series: string; readonly name: string; readonly colour: string }[];
  /** In ms since 1970. */
  readonly from: number;
  readonly to: number;
  readonly format: (value: number) => string;
  readonly most?: number;
  /** Makes of what was measured what is shown. */
  readonly of?: (value: number) => number;
}

// The drawing of charts is loaded where there is one.
const LazyChart = lazily(async () => (await import('./chart.tsx')).Chart);

/** What the box remembers of some figures, as a chart. */
export function History({ title, series, from, to, format, most, of }: HistoryProps): JSX.Element {
  const input = useMemo(
    () => ({
      series: series.map((each) => each.series),
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      points: 240,
    }),
    [series, from, to],
  );
  const asked = useAsked('state.history', series.length === 0 ? undefined : input);
  const lines = useMemo(
    () =>
      series.map(({ series: wanted, name, colour }) => ({
        name,
        colour,
        points: (asked.value?.lines.find((line) => line.series === wanted)?.points ?? []).map(({ at, mean }) => ({
          at: Date.parse(at),
          value: of ? of(mean) : mean,
        })),
      })),
    [asked.value, series],
  );
  return (
    <Awaited asked={asked}>
      {(answer) => (
        <LazyChart
          title={title}
          lines={lines}
          stepS={Math.max(10, ...answer.lines.map(({ stepS }) => stepS), (to - from) / 240_000)}
          format={format}
          from={from}
          to={to}
          {...(most === undefined ? {} : { most })}
        />
      )}
    </Awaited>
  );
}
