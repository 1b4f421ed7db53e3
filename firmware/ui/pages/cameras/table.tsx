import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { ask, boxNow, type Output } from '../../box/client.ts';
import { ActButton } from '../../parts/controls.tsx';
import { downloadText } from '../../parts/download.ts';
import { Card, PageHead } from '../../parts/show.tsx';
import { faultWords, t } from '../../words/index.ts';

/** All cameras as a table, out and in. */
export function CameraTable(): JSX.Element {
  const [csv, setCsv] = useState('');
  const [answer, setAnswer] = useState<Output<'cameras.import'>>();
  const field = useId();
  const take = async (file: File | undefined): Promise<void> => {
    setAnswer(undefined);
    setCsv(file ? await file.text() : '');
  };
  const rows = csv.split('\n').filter((line) => line.trim() !== '').length - 1;
  const failed = answer?.rows.filter(({ error }) => error) ?? [];
  return (
    <>
      <PageHead title={t('table.title')} explain={t('table.explain')}>
        <ActButton
          icon="download"
          act={async () => {
            const made = await ask('cameras.export');
            const day = new Date(boxNow()).toISOString().slice(0, 10);
            downloadText(`ipvs-cameras-${day}.csv`, made.csv, 'text/csv');
          }}
        >
          {t('table.export')}
        </ActButton>
        <a class="button" href="/cameras/add">
          {t('cancel')}
        </a>
      </PageHead>
      <Card>
        <div class="form">
          <div class="field">
            <label for={field}>{t('table.file')}</label>
            <input
              id={field}
              type="file"
              accept=".csv,text/csv"
              onChange={(event) => void take(event.currentTarget.files?.[0])}
            />
          </div>
          {rows > 0 && <p class="quiet-text">{t('table.text', { n: rows })}</p>}
          <div class="row">
            <ActButton
              kind="primary"
              disabled={csv.trim() === ''}
              act={async () => setAnswer(await ask('cameras.import', { csv }))}
            >
              {t('table.import')}
            </ActButton>
          </div>
          {answer && <p role="status">{t('table.done', { added: answer.added, changed: answer.changed })}</p>}
          {failed.map(({ address, name, error }) => {
            const { what, advice } = faultWords(error!);
            return (
              <p key={`${address} ${name ?? ''}`} class="note warn">
                <bdi>{name ?? address}</bdi> <strong>{what}</strong> {advice}
              </p>
            );
          })}
        </div>
      </Card>
    </>
  );
}
