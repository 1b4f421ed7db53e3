import { Fragment, type JSX } from 'preact';
import { useState } from 'preact/hooks';
import '../../media/media.css';
import { begin } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { useCameras, type Camera } from '../../media/my-cameras.ts';
import { ActButton, CheckField, SelectField, TextField } from '../../parts/controls.tsx';
import { Awaited, Card, Empty, PageHead } from '../../parts/show.tsx';
import { query } from '../../shell/route.ts';
import { t } from '../../words/index.ts';
import { Exports } from './exports.tsx';
import { Locks } from './locks.tsx';
import { isoRange, RangeFields, useRange } from './range.tsx';

/** `/files?c=&i=&o=`: a range of recordings as files, and what is locked. */
export function Files(): JSX.Element {
  const asked = useCameras(may('export') ? 'export' : 'playback');
  return (
    <>
      <PageHead title={t('files.title')} explain={t('files.explain')} />
      <Awaited asked={asked}>
        {(cameras) =>
          cameras.length === 0 ? (
            <Empty>{t('wall.none')}</Empty>
          ) : (
            // Another address of this page is another range, also where the page is shown already.
            <Fragment key={query.value.toString()}>
              {may('export') && <Export cameras={cameras} />}
              {may('lock') && <Locks cameras={cameras} />}
            </Fragment>
          )
        }
      </Awaited>
    </>
  );
}

function Export({ cameras }: { cameras: readonly Camera[] }): JSX.Element {
  const range = useRange();
  const [chosen, setChosen] = useState<string[]>(() => {
    const asked = query.peek().get('c')?.split('.') ?? [];
    const known = asked.filter((id) => cameras.some((each) => each.id === id));
    return known.length > 0 ? known : cameras.slice(0, 1).map(({ id }) => id);
  });
  const [reason, setReason] = useState('');
  const [format, setFormat] = useState('mp4');
  const iso = isoRange(range);
  const several = chosen.length > 1;
  const prepare = async (): Promise<void> => {
    if (!iso) return;
    const kind = several || format === 'zip' ? 'zip' : 'mp4';
    await begin('exports.prepare', { cameras: chosen, ...iso, reason, format: kind });
  };
  return (
    <div class="split even files-split">
      <Card title={t('files.prepareTitle')}>
        <form class="form" onSubmit={(event) => event.preventDefault()}>
          <fieldset class="rights">
            <legend>{t('nav.cameras')}</legend>
            {cameras.map(({ id, name }) => (
              <CheckField
                key={id}
                label={name}
                checked={chosen.includes(id)}
                onChecked={(on) => setChosen((before) => (on ? [...before, id] : before.filter((each) => each !== id)))}
              />
            ))}
          </fieldset>
          <div class="form two">
            <RangeFields range={range} />
          </div>
          {several ? (
            <p class="hint">{t('files.asArchive')}</p>
          ) : (
            <SelectField
              label={t('files.kind')}
              value={format}
              options={[
                { value: 'mp4', label: t('files.mp4') },
                { value: 'zip', label: t('files.zip') },
              ]}
              onValue={setFormat}
            />
          )}
          <TextField label={t('files.reason')} value={reason} onValue={setReason} hint={t('files.reason.hint')} />
          {!iso && <p class="hint bad">{t('files.noRange')}</p>}
          <div class="row">
            <ActButton kind="primary" disabled={!iso || chosen.length === 0} act={prepare}>
              {t('files.prepare')}
            </ActButton>
          </div>
        </form>
      </Card>
      <Exports cameras={cameras} />
    </div>
  );
}
