import type { JSX } from 'preact';
import { Card } from '../../parts/show.tsx';
import { go } from '../../shell/route.ts';
import { length, share } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import type { Month } from './month.ts';

type Camera = Month['cameras'][number];
type Day = Camera['days'][number];

const HALF_HOUR_S = 1800;
const LEGEND = ['whole', 'short', 'gaps', 'lost', 'later', 'off'] as const;

/** How a day went, as one of the classes of the style sheet. */
function kindOf(day: Day | undefined, date: string, today: string): string {
  if (!day) return date > today ? 'future' : 'off';
  if (day.expectedS === 0) return date > today ? 'future' : 'off';
  if (day.missingS < 1) return day.filledInS >= 1 ? 'later' : 'whole';
  if (day.recordedS < 1) return 'lost';
  return day.missingS > HALF_HOUR_S ? 'gaps' : 'short';
}

function daysOf(month: string): string[] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  const count = new Date(Date.UTC(year, number, 0)).getUTCDate();
  return Array.from({ length: count }, (_, at) => `${month}-${String(at + 1).padStart(2, '0')}`);
}

function isWeekend(date: string): boolean {
  return [0, 6].includes(new Date(`${date}T00:00:00Z`).getUTCDay());
}

/** A row for each camera, a cell for each day; a cell opens what happened that day. */
export function Calendar({
  report,
  chosen,
  today,
}: {
  report: Month;
  chosen: string | undefined;
  today: string;
}): JSX.Element {
  const dates = daysOf(report.month);
  return (
    <Card flush>
      <div class="calendar" tabIndex={0} role="region" aria-label={t('assurance.calendar')}>
        <table>
          <thead>
            <tr>
              <th scope="col">
                <span class="hidden-text">{t('cameras.name')}</span>
              </th>
              {dates.map((date) => (
                <th key={date} scope="col" class={isWeekend(date) ? 'weekend' : ''}>
                  {Number(date.slice(8))}
                </th>
              ))}
              <th scope="col" class="number">
                {t('assurance.percent')}
              </th>
              <th scope="col" class="number">
                {t('assurance.lacking')}
              </th>
            </tr>
          </thead>
          <tbody>
            {report.cameras.map((camera) => (
              <Row key={camera.camera} camera={camera} dates={dates} report={report} chosen={chosen} today={today} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="legend">
        {LEGEND.map((kind) => (
          <span key={kind}>
            <i class={`day-cell ${kind}`} />
            {t(`assurance.${kind}`)}
          </span>
        ))}
      </div>
    </Card>
  );
}

interface RowProps {
  readonly camera: Camera;
  readonly dates: readonly string[];
  readonly report: Month;
  readonly chosen: string | undefined;
  readonly today: string;
}

function Row({ camera, dates, report, chosen, today }: RowProps): JSX.Element {
  return (
    <tr>
      <th scope="row" title={camera.name}>
        <bdi>{camera.name}</bdi>
      </th>
      {dates.map((date) => {
        const day = camera.days.find((each) => each.day === date);
        const kind = kindOf(day, date, today);
        if (kind === 'future') return <td key={date} />;
        const at = `${camera.camera}/${date}`;
        const words = `${camera.name}, ${date}: ${t(`assurance.${kind as (typeof LEGEND)[number]}`)}`;
        return (
          <td key={date}>
            <button
              type="button"
              class={`day-cell ${kind}`}
              aria-label={words}
              aria-pressed={chosen === at}
              title={words}
              onClick={() => go(chosen === at ? `/assurance/${report.month}` : `/assurance/${report.month}/${at}`)}
            />
          </td>
        );
      })}
      <td class="number">{share(camera.expectedS - camera.missingS, camera.expectedS)}</td>
      <td class={`number ${camera.missingS > HALF_HOUR_S ? 'warn' : 'quiet-text'}`}>
        {camera.missingS < 1 ? t('none') : length(camera.missingS)}
      </td>
    </tr>
  );
}
