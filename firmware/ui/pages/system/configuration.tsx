import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { boxNow, ask, type Output } from '../../box/client.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, CopyText, TextField } from '../../parts/controls.tsx';
import { downloadText } from '../../parts/download.ts';
import { ActForm, useFields } from '../../parts/form.tsx';
import { Awaited, Card, Facts, FormCard, PageHead, Table } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { day, dayOf } from '../../words/format.ts';
import { t } from '../../words/index.ts';

type Settings = Output<'config.get'>;
type Changed = Output<'config.set'>;

/** What is set, as people change it now and then; everything else below it, as the box keeps it. */
export function Configuration(): JSX.Element {
  const asked = useAsked('config.get', {});
  return (
    <>
      <PageHead title={t('system.settings')} explain={t('config.explain')} />
      <Awaited asked={asked}>
        {(settings) => (
          <>
            <div class="masonry">
              <Basics settings={settings} again={asked.again} />
              <Certificate />
              <EvidenceKey />
              <Backup again={asked.again} />
            </div>
            <Everything settings={settings} />
          </>
        )}
      </Awaited>
    </>
  );
}

/** A setting by its path, such as `box.name`. */
function at(settings: Settings, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], settings);
}

function tellChanged({ changed, afterRestart }: Changed): void {
  if (changed.length === 0) tell(t('config.same'));
  else tell(afterRestart.length > 0 ? t('config.afterRestart') : t('saved'));
}

function Basics({ settings, again }: { settings: Settings; again: () => Promise<void> }): JSX.Element {
  const { values, field, changed } = useFields({
    name: String(at(settings, 'box.name')),
    timeZone: String(at(settings, 'site.timeZone')),
    segment: String(at(settings, 'recording.segmentSeconds')),
  });
  const save = async (): Promise<void> => {
    const patch = {
      box: { name: values.name.trim() },
      site: { timeZone: values.timeZone.trim() },
      recording: { segmentSeconds: Number(values.segment) },
    };
    tellChanged(await ask('config.set', { patch }));
    await again();
  };
  return (
    <ActForm title={t('config.basics')} verb={t('apply')} act={save} disabled={!changed}>
      <TextField label={t('setUp.boxName')} autocomplete="off" {...field('name')} />
      <TextField
        label={t('setUp.timeZone')}
        hint={t('setUp.timeZone.hint')}
        autocomplete="off"
        {...field('timeZone')}
      />
      <TextField label={t('config.segment')} hint={t('config.segment.hint')} type="number" {...field('segment')} />
    </ActForm>
  );
}

function Certificate(): JSX.Element {
  const asked = useAsked('certificate.show', {});
  return (
    <Card title={t('config.certificate')}>
      <Awaited asked={asked}>
        {({ madeByBox, names, validTo, fingerprint, pem }) => (
          <>
            <Facts
              of={[
                [t('config.certBy'), madeByBox ? t('config.certOwn') : t('config.certGiven')],
                [t('config.certNames'), names.join(', ')],
                [t('config.certTo'), day(validTo)],
              ]}
            />
            <p class="hint">{t('config.fingerprint')}</p>
            <CopyText text={fingerprint} />
            <div class="row">
              <ActButton icon="download" act={async () => downloadText('ipvs-box.crt', pem, 'application/x-pem-file')}>
                {t('config.certDownload')}
              </ActButton>
            </div>
          </>
        )}
      </Awaited>
    </Card>
  );
}

/** Whoever was given an archive compares its key with this one. */
function EvidenceKey(): JSX.Element {
  const asked = useAsked('exports.key', {});
  return (
    <Card title={t('config.evidence')}>
      <Awaited asked={asked}>
        {({ fingerprint, pem }) => (
          <>
            <p class="hint">{t('config.evidence.hint')}</p>
            <CopyText text={fingerprint} />
            <div class="row">
              <ActButton icon="download" act={async () => downloadText('box-key.pem', pem, 'application/x-pem-file')}>
                {t('config.evidence.download')}
              </ActButton>
            </div>
          </>
        )}
      </Awaited>
    </Card>
  );
}

/** All settings with their secrets as a sealed file, and back. */
function Backup({ again }: { again: () => Promise<void> }): JSX.Element {
  const [passphrase, setPassphrase] = useState('');
  const [sealed, setSealed] = useState<Record<string, unknown>>();
  const [fault, setFault] = useState<string>();
  const read = async (file: File | undefined): Promise<void> => {
    setFault(undefined);
    try {
      setSealed(file && (JSON.parse(await file.text()) as Record<string, unknown>));
    } catch (error) {
      console.debug(error);
      setSealed(undefined);
      setFault(t('config.notSealed'));
    }
  };
  return (
    <FormCard title={t('config.backup')} user={t('config.file')}>
      <p class="quiet-text">{t('config.backupMeans')}</p>
      <TextField
        label={t('config.passphrase')}
        hint={t('config.passphrase.hint')}
        type="password"
        value={passphrase}
        onValue={setPassphrase}
        autocomplete="new-password"
      />
      <div class="field">
        <label for="sealed">{t('config.file')}</label>
        <input
          id="sealed"
          type="file"
          accept="application/json"
          onChange={(event) => void read(event.currentTarget.files?.[0])}
        />
        {fault !== undefined && <p class="hint bad">{fault}</p>}
      </div>
      <div class="row">
        <ActButton
          icon="download"
          disabled={passphrase.length < 12}
          act={async () => {
            const made = await ask('config.export', { passphrase });
            downloadText(`ipvs-settings-${dayOf(boxNow())}.json`, JSON.stringify(made), 'application/json');
          }}
        >
          {t('config.export')}
        </ActButton>
        <ActButton
          disabled={passphrase === '' || !sealed}
          act={async () => {
            tellChanged(await ask('config.import', { passphrase, sealed: sealed! }));
            await again();
          }}
        >
          {t('config.import')}
        </ActButton>
      </div>
    </FormCard>
  );
}

/** Every setting with its path, as docs/settings.md names them; secrets are masked by the box. */
function Everything({ settings }: { settings: Settings }): JSX.Element {
  const [sought, setSought] = useState('');
  const rows = flat(settings).filter(([path, value]) =>
    `${path} ${value}`.toLowerCase().includes(sought.trim().toLowerCase()),
  );
  return (
    <Card title={t('config.all')} aside={t('config.allOf', { n: rows.length })} flush>
      <div class="filters">
        <TextField label={t('keys.search')} type="search" value={sought} onValue={setSought} />
      </div>
      <Table
        label={t('config.all')}
        rows={rows}
        keyOf={([path]) => path}
        columns={[
          { key: 'path', head: t('config.path'), cell: ([path]) => <code>{path}</code> },
          { key: 'value', head: t('config.value'), cell: ([, value]) => <code>{value}</code> },
        ]}
      />
    </Card>
  );
}

function flat(value: unknown, path = ''): [string, string][] {
  if (Array.isArray(value) && value.length > 0) {
    return value.flatMap((each: unknown, index) =>
      flat(each, `${path}[${(each as { id?: string } | null)?.id ?? index}]`),
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, member]) => flat(member, path === '' ? key : `${path}.${key}`));
  }
  return [[path, JSON.stringify(value) ?? '']];
}
