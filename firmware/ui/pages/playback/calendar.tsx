import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { boxNow } from '../../box/client.ts';
import { dayRange } from '../../media/site-time.ts';
import { Button } from '../../parts/controls.tsx';
import { dayOf } from '../../words/format.ts';
import { locale, t } from '../../words/index.ts';
import type { Footage } from './footage.ts';

const DAY = 86_400_000;

function monthBy(month: string, by: number): string {
  const [year = 2000, number = 1] = month.split('-').map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The days of a month with how much of each is recorded. Days without recordings can be chosen too. */
export function Calendar(props: {
  footage: Footage;
  cameras: readonly string[];
  day: string;
  onDay: (day: string) => void;
}): JSX.Element {
  const { footage, cameras, day, onDay } = props;
  const [month, setMonth] = useState(day.slice(0, 7));
  void footage.version.value;
  const today = dayOf(boxNow());
  const first = new Date(`${month}-01T12:00:00Z`);
  const count = Math.round((Date.parse(`${monthBy(month, 1)}-01`) - Date.parse(`${month}-01`)) / DAY);
  const days = Array.from({ length: count }, (_, at) => `${month}-${String(at + 1).padStart(2, '0')}`);
  const span = { from: dayRange(days[0]!).from, to: dayRange(days.at(-1)!).to };
  const sums = cameras.map((camera) => footage.days(camera, span));
  const shareOf = (each: string): number => {
    const usual = each === today ? Math.max(60, (boxNow() - dayRange(each).from) / 1000) : DAY / 1000;
    const best = Math.max(0, ...sums.map((sum) => sum.get(each) ?? 0));
    return Math.min(1, best / usual);
  };
  const name = new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(first);
  const weekdays = Array.from({ length: 7 }, (_, at) =>
    new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', weekday: 'narrow' }).format(
      new Date(Date.UTC(2024, 0, 1 + at)),
    ),
  );
  return (
    <section class="month" aria-label={name}>
      <header>
        <h2>{name}</h2>
        <span>
          <Button kind="quiet" icon="left" label={t('play.monthBefore')} onPress={() => setMonth(monthBy(month, -1))} />
          <Button
            kind="quiet"
            icon="right"
            label={t('play.monthAfter')}
            disabled={month >= today.slice(0, 7)}
            onPress={() => setMonth(monthBy(month, 1))}
          />
        </span>
      </header>
      <div class="days">
        {weekdays.map((each, at) => (
          <span key={at} class="weekday">
            {each}
          </span>
        ))}
        {days.map((each, at) => {
          const share = shareOf(each);
          const words = share > 0 ? t('play.dayHas', { percent: Math.floor(share * 100) }) : t('play.dayNone');
          return (
            <button
              key={each}
              type="button"
              aria-pressed={each === day}
              aria-label={`${each}${t('colon')}${words}`}
              title={words}
              disabled={each > today}
              class={each === today ? 'today' : ''}
              style={at === 0 ? { gridColumn: ((first.getUTCDay() + 6) % 7) + 1 } : {}}
              onClick={() => onDay(each)}
            >
              {at + 1}
              <i style={{ width: `${Math.round(share * 100)}%` }} />
            </button>
          );
        })}
      </div>
    </section>
  );
}
