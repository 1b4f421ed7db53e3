import type { JSX } from 'preact';
import { Button } from '../../parts/controls.tsx';
import { Card, Empty, Facts } from '../../parts/show.tsx';
import { go } from '../../shell/route.ts';
import { clock, day as dayWords, hours, length } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import type { Month } from './month.ts';

const USUAL_DAY_S = 86_400;

/** One camera on one day: the sums, and every hole with its reason. */
export function OneDay({ report, camera, day }: { report: Month; camera: string; day: string }): JSX.Element {
  const own = report.cameras.find((each) => each.camera === camera);
  const found = own?.days.find((each) => each.day === day);
  const close = (
    <Button kind="quiet" icon="close" label={t('close')} onPress={() => go(`/assurance/${report.month}`)} />
  );
  if (!own || !found) {
    return (
      <Card title={day} aside={close}>
        <Empty>{t('assurance.off')}</Empty>
      </Card>
    );
  }
  const { expectedS, recordedS, missingS, filledInS, besidesS, missing } = found;
  return (
    <aside class="stack inspector" aria-label={`${own.name} ${day}`}>
      <Card title={dayWords(`${day}T12:00:00Z`)} aside={close}>
        <p class="quiet-text">
          <bdi>{own.name}</bdi>
        </p>
        <Facts
          of={[
            [t('assurance.promised'), hours(expectedS)],
            [t('assurance.recorded'), hours(recordedS - filledInS)],
            [t('assurance.filledLater'), hours(filledInS)],
            ...(besidesS >= 1 ? [[t('assurance.besides'), hours(besidesS)] as const] : []),
            [t('assurance.lacking'), hours(missingS), missingS >= 1 ? 'warn' : undefined],
          ]}
        />
        {expectedS > USUAL_DAY_S && (
          <p class="quiet-text">{t('assurance.longDay', { hours: Math.round(expectedS / 3600) })}</p>
        )}
      </Card>
      {missing.length > 0 && (
        <Card title={t('assurance.why')}>
          <ul class="why">
            {missing.map((each) => (
              <li key={each.start}>
                <b>
                  {clock(each.start)} – {clock(each.end)}
                </b>
                {tOf('gap', each.reason)}
                {t('comma')}
                {length(each.seconds)}
              </li>
            ))}
          </ul>
        </Card>
      )}
    </aside>
  );
}
