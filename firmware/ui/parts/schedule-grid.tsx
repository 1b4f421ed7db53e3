import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import './schedule-grid.css';
import { locale, t } from '../words/index.ts';
import { Button } from './controls.tsx';
import { HALF_HOURS, rectangle, WEEK, type Week } from './week.ts';

interface Painting {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly on: boolean;
}

/** Sunday, 7 January 2024, and the days behind it: for their names in the language of the window. */
function dayName(day: number, weekday: 'short' | 'long'): string {
  const date = new Date(Date.UTC(2024, 0, 7 + day));
  return new Intl.DateTimeFormat(locale.value, { weekday, timeZone: 'UTC' }).format(date);
}

function halfHour(slot: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(slot / 2))}:${slot % 2 === 0 ? '00' : '30'}`;
}

/**
 * A week in half hours, painted: press and drag over what is to be recorded or not; by keys, arrows go, Space paints, Shift with
 * arrows paints along.
 */
export function ScheduleGrid({ week, onWeek }: { week: Week; onWeek: (week: Week) => void }): JSX.Element {
  const [painting, setPainting] = useState<Painting>();
  const [at, setAt] = useState<readonly [number, number]>([0, 16]);
  const root = useRef<HTMLDivElement>(null);
  const shown = painting ? rectangle(week, painting) : week;
  useEffect(() => {
    if (!painting) return;
    const end = ({ type }: Event): void => {
      if (type === 'pointerup') onWeek(rectangle(week, painting));
      setPainting(undefined);
    };
    const off = new AbortController();
    for (const type of ['pointerup', 'pointercancel'] as const) addEventListener(type, end, { signal: off.signal });
    addEventListener('keydown', (event) => event.key === 'Escape' && setPainting(undefined), { signal: off.signal });
    return () => off.abort();
  }, [painting, week]);
  const cellOf = (x: number, y: number): readonly [number, number] | undefined => {
    const cell = document.elementFromPoint(x, y)?.closest<HTMLElement>('[data-slot]');
    return cell && root.current?.contains(cell)
      ? [Number(cell.dataset['row']), Number(cell.dataset['slot'])]
      : undefined;
  };
  const goTo = (row: number, slot: number, paints: boolean): void => {
    const next = [Math.min(6, Math.max(0, row)), Math.min(HALF_HOURS - 1, Math.max(0, slot))] as const;
    if (paints) onWeek(rectangle(week, { from: at, to: next, on: isOn(week, at) }));
    setAt(next);
    root.current?.querySelector<HTMLElement>(`[data-row="${next[0]}"][data-slot="${next[1]}"]`)?.focus();
  };
  const steer = (event: KeyboardEvent): void => {
    const [row, slot] = at;
    const by = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (by) goTo(row + by[0]!, slot + by[1]!, event.shiftKey);
    else if (event.key === ' ' || event.key === 'Enter')
      onWeek(rectangle(week, { from: at, to: at, on: !isOn(week, at) }));
    else return;
    event.preventDefault();
  };
  return (
    <div class="schedule">
      <div class="row">
        <Button onPress={() => onWeek(WEEK.map(() => fill(0, HALF_HOURS)))}>{t('schedule.all')}</Button>
        <Button onPress={() => onWeek(WEEK.map((day) => (day === 0 || day === 6 ? fill(0, 0) : fill(16, 36))))}>
          {t('schedule.work')}
        </Button>
        <Button onPress={() => onWeek(WEEK.map((day) => (day === 0 || day === 6 ? fill(0, HALF_HOURS) : night())))}>
          {t('schedule.closed')}
        </Button>
        <Button kind="quiet" onPress={() => onWeek(WEEK.map(() => fill(0, 0)))}>
          {t('schedule.none')}
        </Button>
      </div>
      <div
        ref={root}
        class="schedule-grid"
        role="grid"
        aria-label={t('schedule.grid')}
        onKeyDown={steer}
        onPointerDown={(event) => {
          const cell = event.button === 0 ? cellOf(event.clientX, event.clientY) : undefined;
          if (!cell) return;
          (event.target as Element).releasePointerCapture(event.pointerId);
          setAt(cell);
          setPainting({ from: cell, to: cell, on: !isOn(week, cell) });
        }}
        onPointerMove={(event) => {
          const cell = painting && cellOf(event.clientX, event.clientY);
          if (cell && (cell[0] !== painting.to[0] || cell[1] !== painting.to[1]))
            setPainting({ ...painting, to: cell });
        }}
      >
        <div class="hours" aria-hidden="true">
          {Array.from({ length: 25 }, (_, hour) => hour)
            .filter((hour) => hour % 3 === 0)
            .map((hour) => (
              <span key={hour} style={{ left: `${(hour / 24) * 100}%` }}>
                {String(hour).padStart(2, '0')}
              </span>
            ))}
        </div>
        {WEEK.map((day, row) => (
          <div key={day} class="day" role="row">
            <span role="rowheader">{dayName(day, 'short')}</span>
            {shown[row]!.map((on, slot) => (
              <i
                // A place that never changes.
                key={slot}
                role="gridcell"
                class={on ? 'on' : ''}
                data-row={row}
                data-slot={slot}
                tabIndex={at[0] === row && at[1] === slot ? 0 : -1}
                aria-selected={on}
                aria-label={`${dayName(day, 'long')} ${halfHour(slot)}–${halfHour(slot + 1)}`}
                title={`${halfHour(slot)}–${halfHour(slot + 1)}`}
                onFocus={() => setAt([row, slot])}
              />
            ))}
          </div>
        ))}
      </div>
      <p class="hint">{t('schedule.how')}</p>
    </div>
  );
}

function isOn(week: Week, [row, slot]: readonly [number, number]): boolean {
  return week[row]?.[slot] ?? false;
}

function fill(from: number, to: number): boolean[] {
  return Array.from({ length: HALF_HOURS }, (_, slot) => slot >= from && slot < to);
}

/** Before 8 and from 18 on. */
function night(): boolean[] {
  return fill(16, 36).map((open) => !open);
}
