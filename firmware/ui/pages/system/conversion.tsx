import type { JSX } from 'preact';
import type { Output } from '../../box/client.ts';
import { cameras } from '../../box/live.ts';
import { CopyText } from '../../parts/controls.tsx';
import { Card, Facts } from '../../parts/show.tsx';
import { codecName } from '../../words/camera-words.ts';
import { t } from '../../words/index.ts';

type Conversion = Output<'state.now'>['conversion'];

/** Every browser plays it as it is. */
const PLAYED_EVERYWHERE = 'H.264';

/** The program that converts is not there: what that means and what to do. It is urgent only where a camera needs it. */
export function NoConverter({ conversion: { ffmpeg, most } }: { conversion: Conversion }): JSX.Element | null {
  if (ffmpeg || most === 0) return null;
  const needing = cameras.value.filter(({ video }) => video && codecName(video.codec) !== PLAYED_EVERYWHERE);
  const names = [...new Set(needing.map(({ name }) => name))];
  return (
    <section class={`note ${names.length > 0 ? 'warn' : ''}`} aria-label={t('convert.title')}>
      <p>
        <strong>{t('convert.missing')}</strong> {t('convert.means')}
      </p>
      {names.length > 0 && (
        <p>
          {t('convert.needed')} <bdi>{names.join(t('comma'))}</bdi>
        </p>
      )}
      <p>{t('convert.todo')}</p>
      <CopyText text="apt-get install --no-install-recommends ffmpeg" />
    </section>
  );
}

/** How much is converted now. */
export function Converted({ conversion: { ffmpeg, used, most } }: { conversion: Conversion }): JSX.Element {
  return (
    <Card title={t('convert.title')}>
      <Facts
        of={[
          [t('convert.program'), ffmpeg ? t('convert.there') : t('convert.notThere'), ffmpeg ? undefined : 'warn'],
          [t('convert.now'), most === 0 ? t('convert.off') : t('play.of', { n: used, of: most })],
        ]}
      />
    </Card>
  );
}
