import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import '../../media/media.css';
import { ask, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { useCameras, type Camera } from '../../media/my-cameras.ts';
import { ActButton, CheckField, SelectField, TextField } from '../../parts/controls.tsx';
import { Awaited, Card, Empty, Facts, PageHead } from '../../parts/show.tsx';
import { query } from '../../shell/route.ts';
import { bytes, length, moment } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import { Locks } from './locks.tsx';
import { isoRange, RangeFields, useRange } from './range.tsx';

type Prepared = Output<'exports.prepare'>;

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
            <>
              {may('export') && <Export cameras={cameras} />}
              {may('lock') && <Locks cameras={cameras} />}
            </>
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
  const [done, setDone] = useState<readonly Prepared[]>([]);
  const iso = isoRange(range);
  const several = chosen.length > 1;
  const prepare = async (): Promise<void> => {
    if (!iso) return;
    const kind = several || format === 'zip' ? 'zip' : 'mp4';
    const prepared = await ask('exports.prepare', { cameras: chosen, ...iso, reason, format: kind });
    setDone((before) => [prepared, ...before]);
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
      <Card title={t('files.ready')}>
        {done.length === 0 ? (
          <Empty>{t('files.noneReady')}</Empty>
        ) : (
          done.map((each) => <Ready key={each.id} prepared={each} cameras={cameras} />)
        )}
      </Card>
    </div>
  );
}

/** One file that waits to be taken. */
function Ready({ prepared, cameras }: { prepared: Prepared; cameras: readonly Camera[] }): JSX.Element {
  const { url, name, bytes: size, parts, expires } = prepared;
  const gaps = parts.reduce((sum, part) => sum + part.gaps.length, 0);
  return (
    <article class="ready">
      <p>
        <a class="button primary" href={url} download={name}>
          {t('files.download', { size: bytes(size) })}
        </a>
      </p>
      <p class="file-name">
        <code>{name}</code>
      </p>
      <Facts
        of={[
          ...parts.map(
            (part) =>
              [
                cameras.find(({ id }) => id === part.camera)?.name ?? part.camera,
                `${moment(part.start)}, ${length(part.seconds)}, ${bytes(part.bytes)}`,
              ] as const,
          ),
          [t('files.gaps'), gaps === 0 ? t('none') : t('files.gapsClosed', { n: gaps }), gaps > 0 ? 'warn' : undefined],
          [t('files.until'), moment(expires)],
        ]}
      />
    </article>
  );
}
