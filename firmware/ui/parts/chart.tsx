import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shownTheme } from '../shell/theme.ts';
import { moment, minute, timeZone } from '../words/format.ts';
import { t } from '../words/index.ts';

export interface Line {
  readonly name: string;
  /** A role of the style sheet: `acc`, `rec`, `warn`. */
  readonly colour: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

interface ChartProps {
  readonly title: string;
  readonly lines: readonly Line[];
  /** Longer than this apart, points are not joined: a gap stays a gap. */
  readonly stepS: number;
  readonly format: (value: number) => string;
  /** Ends of the scale; otherwise it fits what there is, from 0. */
  readonly most?: number;
  readonly from: number;
  readonly to: number;
}

/** Lines over time; the last values stand above it in words, and a table has all of it for readers. */
export function Chart({ title, lines, stepS, format, most, from, to }: ChartProps): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  const theme = shownTheme.value;
  useEffect(() => {
    const element = place.current!;
    const plot = new uPlot(optionsOf({ lines, format, most, from, to, element }), dataOf(lines, stepS), element);
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [lines, theme, from, to, most]);
  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        <span class="now">
          {lines.map(({ name, colour, points }) => (
            <span key={name}>
              <i style={{ background: `var(--${colour})` }} />
              {lines.length > 1 && `${name} `}
              {points.length > 0 ? format(points.at(-1)!.value) : '–'}
            </span>
          ))}
        </span>
      </figcaption>
      <div class="plot" ref={place} aria-hidden="true" />
      <Figures title={title} lines={lines} format={format} />
    </figure>
  );
}

function Figures({ title, lines, format }: Pick<ChartProps, 'title' | 'lines' | 'format'>): JSX.Element {
  return (
    <div class="hidden-text">
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('chart.line')}</th>
            <th scope="col">{t('chart.least')}</th>
            <th scope="col">{t('chart.most')}</th>
            <th scope="col">{t('chart.last')}</th>
          </tr>
        </thead>
        <tbody>
          {lines
            .filter(({ points }) => points.length > 0)
            .map(({ name, points }) => {
              const values = points.map(({ value }) => value);
              const last = points.at(-1)!;
              return (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{format(Math.min(...values))}</td>
                  <td>{format(Math.max(...values))}</td>
                  <td>
                    {format(last.value)}, {moment(last.at)}
                  </td>
                </tr>
              );
            })}
        </tbody>
      </table>
    </div>
  );
}

/** All lines over one axis; nothing stands where nothing is known. */
function dataOf(lines: readonly Line[], stepS: number): uPlot.AlignedData {
  const tables = lines.map(({ points }): uPlot.AlignedData => {
    const times: number[] = [];
    const values: (number | null)[] = [];
    for (const { at, value } of points) {
      const before = times.at(-1);
      if (before !== undefined && at / 1000 - before > stepS * 2.5) {
        times.push(before + stepS);
        values.push(null);
      }
      times.push(at / 1000);
      values.push(value);
    }
    return [times, values];
  });
  if (tables.length === 0) return [[]];
  return uPlot.join(
    tables,
    tables.map(() => [2]),
  );
}

interface Drawing extends Pick<ChartProps, 'lines' | 'format' | 'from' | 'to'> {
  readonly most: number | undefined;
  readonly element: HTMLElement;
}

function optionsOf({ lines, format, most, from, to, element }: Drawing): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (role: string): string => style.getPropertyValue(`--${role}`).trim();
  const font = `12px ${style.getPropertyValue('--sans')}`;
  const axis = { stroke: colour('t3'), font, grid: { stroke: colour('line'), width: 1 }, ticks: { show: false } };
  const long = to - from > 2 * 86_400_000;
  return {
    width: element.clientWidth,
    height: element.clientHeight,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone.value),
    scales: {
      x: { min: from / 1000, max: to / 1000 },
      y: { range: (_plot, _least, greatest) => [0, most ?? Math.max(greatest * 1.15, 1e-6)] },
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 26,
        values: (_plot, times) =>
          times.map((at) => (long ? moment(at * 1000).replace(/[, ]*\d\d:.*$/, '') : minute(at * 1000))),
      },
      { ...axis, size: 64, space: 32, values: (_plot, values) => values.map((value) => format(value)) },
    ],
    series: [
      {},
      ...lines.map(({ name, colour: role }) => ({
        label: name,
        stroke: colour(role),
        width: 1.5,
        points: { show: false },
      })),
    ],
  };
}
