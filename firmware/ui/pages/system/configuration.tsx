import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { boxNow, ask, type Output } from '../../box/client.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, CopyText, SelectField, TextField } from '../../parts/controls.tsx';
import { downloadText } from '../../parts/download.ts';
import { Awaited, Card, Chip, Facts, FormCard, PageHead, Table } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { ago, day, dayOf } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';

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
              <Notices />
              <Certificate />
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
  const [name, setName] = useState(String(at(settings, 'box.name')));
  const [timeZone, setTimeZone] = useState(String(at(settings, 'site.timeZone')));
  const [segmentSeconds, setSegment] = useState(String(at(settings, 'recording.segmentSeconds')));
  const [noticeLanguage, setLanguage] = useState(String(at(settings, 'notices.language')));
  const save = async (): Promise<void> => {
    const patch = {
      box: { name: name.trim() },
      site: { timeZone: timeZone.trim() },
      recording: { segmentSeconds: Number(segmentSeconds) },
      notices: { language: noticeLanguage },
    };
    tellChanged(await ask('config.set', { patch }));
    await again();
  };
  return (
    <FormCard title={t('config.basics')}>
      <TextField label={t('setUp.boxName')} value={name} onValue={setName} autocomplete="off" />
      <TextField
        label={t('setUp.timeZone')}
        hint={t('setUp.timeZone.hint')}
        value={timeZone}
        onValue={setTimeZone}
        autocomplete="off"
      />
      <TextField
        label={t('config.segment')}
        hint={t('config.segment.hint')}
        type="number"
        value={segmentSeconds}
        onValue={setSegment}
      />
      <SelectField
        label={t('config.noticeLanguage')}
        value={noticeLanguage}
        onValue={setLanguage}
        options={[
          { value: 'zh-CN', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
      />
      <div class="row">
        <ActButton kind="primary" act={save}>
          {t('apply')}
        </ActButton>
      </div>
    </FormCard>
  );
}

/** Where notices go, and whether they arrive. */
function Notices(): JSX.Element {
  const asked = useAsked('notices.list', { limit: 5 }, { everyMs: 30_000 });
  return (
    <Card title={t('config.notices')}>
      <Awaited asked={asked}>
        {({ channels, notices }) => (
          <>
            {channels.length === 0 && <p class="quiet-text">{t('config.noChannel')}</p>}
            {channels.map(({ id, target, state, waiting, error }) => (
              <div key={id}>
                <p class="row between">
                  <span>
                    <code>{target}</code>
                  </span>
                  <Chip tone={state === 'failing' ? 'bad' : 'plain'}>{t(`channel.${state}`)}</Chip>
                </p>
                {error && <p class="bad">{faultWords(error).what}</p>}
                {waiting > 0 && <p class="sub">{t('config.waiting', { n: waiting })}</p>}
                <ActButton
                  act={async () => {
                    await ask('notices.test', { channel: id });
                    tell(t('config.testSent'));
                  }}
                >
                  {t('config.test')}
                </ActButton>
              </div>
            ))}
            {notices.map((notice) => (
              <p key={notice.id}>
                {notice.title}
                <span class="sub">
                  {ago(notice.at)}{' '}
                  {notice.deliveries
                    .map(({ channel, state }) => `${channel}: ${tOf('delivery', state)}`)
                    .join(t('comma'))}
                </span>
              </p>
            ))}
          </>
        )}
      </Awaited>
    </Card>
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
