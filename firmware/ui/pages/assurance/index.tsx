import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ask, boxNow } from '../../box/client.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button } from '../../parts/controls.tsx';
import { downloadText } from '../../parts/download.ts';
import { Awaited, Card, Empty, PageHead } from '../../parts/show.tsx';
import { pageKeys } from '../../shell/key-state.ts';
import { go, parts } from '../../shell/route.ts';
import { dayOf, length, number, share } from '../../words/format.ts';
import { language, locale, t } from '../../words/index.ts';
import { Calendar } from './calendar.tsx';
import type { Month } from './month.ts';
import { OneDay } from './one-day.tsx';

const EVERY_MS = 120_000;

/** `/assurance/<month>/<camera>/<day>`: what should have been recorded, what was, and why not. */
export function Assurance(): JSX.Element {
  const now = dayOf(boxNow()).slice(0, 7);
  const [, month = now, camera, day] = parts.value;
  const asked = useAsked('assurance.report', { month }, { everyMs: EVERY_MS });
  useEffect(() => {
    const to = (by: number) => () => go(`/assurance/${step(month, by)}`);
    pageKeys.value = [
      { key: '[', words: t('assurance.before'), run: to(-1) },
      ...(month < now ? [{ key: ']', words: t('assurance.after'), run: to(1) }] : []),
    ];
    return () => {
      pageKeys.value = [];
    };
  }, [month, now]);
  return (
    <Awaited asked={asked}>
      {(report) => (
        <>
          <PageHead title={verdict(report)} explain={explain(report)}>
            <span class="month-step">
              <Button
                kind="quiet"
                icon="left"
                label={t('assurance.before')}
                onPress={() => go(`/assurance/${step(report.month, -1)}`)}
              />
              <span>{monthName(report.month)}</span>
              <Button
                kind="quiet"
                icon="right"
                label={t('assurance.after')}
                disabled={report.month >= now}
                onPress={() => go(`/assurance/${step(report.month, 1)}`)}
              />
            </span>
            <ActButton act={() => download(report.month, 'csv')}>CSV</ActButton>
            <ActButton kind="primary" icon="print" act={() => download(report.month, 'page')}>
              {t('assurance.report')}
            </ActButton>
          </PageHead>
          {report.cameras.length === 0 ? (
            <Card>
              <Empty>{t('assurance.none')}</Empty>
            </Card>
          ) : (
            <div class={day === undefined ? '' : 'split'}>
              <Calendar
                report={report}
                chosen={day === undefined ? undefined : `${camera}/${day}`}
                today={dayOf(boxNow())}
              />
              {camera !== undefined && day !== undefined && <OneDay report={report} camera={camera} day={day} />}
            </div>
          )}
        </>
      )}
    </Awaited>
  );
}

function monthName(month: string): string {
  return new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', month: 'long', year: 'numeric' }).format(
    new Date(`${month}-01T00:00:00Z`),
  );
}

function step(month: string, by: number): string {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + by);
  return date.toISOString().slice(0, 7);
}

function verdict({ month, total }: Month): string {
  if (total.expectedS === 0) return t('assurance.nothing', { month: monthName(month) });
  return t('assurance.verdict', {
    month: monthName(month),
    share: share(total.expectedS - total.missingS, total.expectedS),
  });
}

function explain({ cameras, total }: Month): string {
  const hours = number(total.expectedS / 3600);
  const lacking = cameras.filter(({ missingS }) => missingS >= 1).length;
  const parts = [t('assurance.expected', { n: cameras.length, hours })];
  if (total.missingS >= 1) parts.push(t('assurance.missing', { length: length(total.missingS), n: lacking }));
  else if (total.expectedS > 0) parts.push(t('assurance.missingNone'));
  if (total.filledInS >= 1) parts.push(t('assurance.filled', { length: length(total.filledInS) }));
  return parts.join(' ');
}

async function download(month: string, document: 'csv' | 'page'): Promise<void> {
  const words = language.value === 'zh-CN' ? 'zh' : 'en';
  const report = await ask('assurance.report', { month, document, language: words });
  const [ending, type] = document === 'csv' ? ['csv', 'text/csv'] : ['html', 'text/html'];
  downloadText(`ipvs-${month}.${ending}`, report.document ?? '', `${type};charset=utf-8`);
}
