import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button, SelectField, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { ActForm, useFields } from '../../parts/form.tsx';
import { Awaited, Card, Chip, Empty, PageHead } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { ago } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';

type List = Output<'notices.list'>;
type Channel = List['channels'][number];
type Again = () => Promise<void>;

const EVERY_MS = 15_000;
const SEVERITIES = ['notice', 'warning', 'error'] as const;
const SECURITY = ['starttls', 'tls', 'none'] as const;

/** Who is told when something goes wrong, and whether it arrives. */
export function NoticesTab(): JSX.Element {
  const asked = useAsked('notices.list', { limit: 20 }, { everyMs: EVERY_MS });
  const [adds, setAdds] = useState<'email' | 'webhook'>();
  return (
    <>
      <PageHead title={t('config.notices')} explain={t('notices.explain')}>
        <Button icon="plus" onPress={() => setAdds('webhook')}>
          {t('channels.webhook.add')}
        </Button>
        <Button kind="primary" icon="plus" onPress={() => setAdds('email')}>
          {t('channels.email.add')}
        </Button>
      </PageHead>
      <Awaited asked={asked}>
        {({ channels, notices }) => (
          <div class="split even">
            <div class="stack">
              <Card title={t('channels.title')} flush>
                {channels.length === 0 ? (
                  <Empty>{t('channels.none')}</Empty>
                ) : (
                  <ul class="rows">
                    {channels.map((channel) => (
                      <ChannelRow key={channel.id} channel={channel} again={asked.again} />
                    ))}
                  </ul>
                )}
              </Card>
              <Rules />
            </div>
            <Card title={t('channels.lately')} flush>
              {notices.length === 0 ? <Empty>{t('none')}</Empty> : <Lately notices={notices} />}
            </Card>
          </div>
        )}
      </Awaited>
      {adds === 'email' && <EmailDialog again={asked.again} onClose={() => setAdds(undefined)} />}
      {adds === 'webhook' && <WebhookDialog again={asked.again} onClose={() => setAdds(undefined)} />}
    </>
  );
}

function ChannelRow({ channel, again }: { channel: Channel; again: Again }): JSX.Element {
  const { id, target, state, waiting, error, minSeverity, delivered } = channel;
  const [removes, setRemoves] = useState(false);
  const name = id === 'email' ? t('channels.email') : id;
  const remove = async (): Promise<void> => {
    if (id === 'email') await ask('notices.email.remove');
    else await ask('notices.webhook.remove', { id: id.replace('webhook/', '') });
    await again();
  };
  return (
    <li class="line channel">
      <span class="what">
        <bdi>{name}</bdi>
        <span class="sub">
          <code>{target}</code> {t('channels.leastIs', { severity: t(`severity.${minSeverity}`) })}
          {delivered !== undefined && `${t('comma')}${ago(delivered)}`}
        </span>
        {error && <span class="sub bad">{faultWords(error).what}</span>}
        {waiting > 0 && <span class="sub">{t('config.waiting', { n: waiting })}</span>}
      </span>
      <Chip tone={state === 'failing' ? 'bad' : 'plain'}>{t(`channel.${state}`)}</Chip>
      <span class="row">
        <ActButton
          act={async () => {
            await ask('notices.test', { channel: id });
            tell(t('config.testSent'));
            await again();
          }}
        >
          {t('config.test')}
        </ActButton>
        <Button kind="quiet" onPress={() => setRemoves(true)}>
          {t('remove')}
        </Button>
      </span>
      {removes && (
        <Confirm
          title={t('channels.removeThis', { name })}
          verb={t('remove')}
          danger
          act={remove}
          onClose={() => setRemoves(false)}
        >
          <p>{t('channels.removeMeans')}</p>
        </Confirm>
      )}
    </li>
  );
}

function Lately({ notices }: { notices: List['notices'] }): JSX.Element {
  return (
    <ul class="rows">
      {notices.map((notice) => (
        <li key={notice.id} class="line">
          <span class="what">
            {notice.title}
            <span class="sub">
              {ago(notice.at)}{' '}
              {notice.deliveries
                .map(({ channel, state }) => `${channel}${t('colon')}${tOf('delivery', state)}`)
                .join(t('comma'))}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** In which language, and how soon the same is told again. */
function Rules(): JSX.Element {
  const asked = useAsked('config.get', {});
  return <Awaited asked={asked}>{(settings) => <RulesForm settings={settings} again={asked.again} />}</Awaited>;
}

function RulesForm({ settings, again }: { settings: Output<'config.get'>; again: Again }): JSX.Element {
  const now = settings['notices'] as { language: 'en' | 'zh-CN'; quietS: number };
  const { values, field } = useFields<Record<'language' | 'quietS', string>>({
    language: now.language,
    quietS: String(now.quietS),
  });
  const act = async (): Promise<void> => {
    await ask('notices.set', { language: values.language as 'en' | 'zh-CN', quietS: Number(values.quietS) });
    tell(t('saved'));
    await again();
  };
  return (
    <ActForm title={t('channels.rules')} verb={t('apply')} act={act}>
      <SelectField
        label={t('config.noticeLanguage')}
        options={[
          { value: 'zh-CN', label: '中文' },
          { value: 'en', label: 'English' },
        ]}
        {...field('language')}
      />
      <TextField label={t('channels.quietS')} hint={t('channels.quietS.hint')} type="number" {...field('quietS')} />
    </ActForm>
  );
}

interface DialogProps {
  readonly again: Again;
  readonly onClose: () => void;
}

function LeastField(props: { value: string; onValue: (value: string) => void }): JSX.Element {
  return (
    <SelectField
      label={t('channels.least')}
      options={SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))}
      {...props}
    />
  );
}

function EmailDialog({ again, onClose }: DialogProps): JSX.Element {
  const { values, field } = useFields({
    host: '',
    port: '',
    security: 'starttls',
    username: '',
    password: '',
    from: '',
    to: '',
    least: 'warning',
    quietFrom: '',
    quietTo: '',
  });
  const act = async (): Promise<void> => {
    const { host, port, username, password, from, quietFrom, quietTo } = values;
    await ask('notices.email.set', {
      host: host.trim(),
      ...(port.trim() !== '' && { port: Number(port) }),
      security: values.security as (typeof SECURITY)[number],
      username,
      password,
      from: from.trim(),
      to: values.to
        .split(/[,，;\s]+/)
        .map((each) => each.trim())
        .filter(Boolean),
      minSeverity: values.least as (typeof SEVERITIES)[number],
      quietHours: quietFrom !== '' && quietTo !== '' ? [{ from: quietFrom, to: quietTo }] : [],
    });
    tell(t('channels.added'));
    await again();
  };
  return (
    <Confirm title={t('channels.email.add')} verb={t('apply')} act={act} onClose={onClose}>
      <p>{t('channels.email.means')}</p>
      <div class="form two">
        <TextField label={t('channels.host')} required autofocus {...field('host')} />
        <TextField label={t('channels.port')} hint={t('channels.port.hint')} type="number" {...field('port')} />
        <SelectField
          label={t('channels.security')}
          options={SECURITY.map((value) => ({ value, label: t(`channels.security.${value}`) }))}
          {...field('security')}
        />
        <LeastField {...field('least')} />
        <TextField label={t('channels.user')} autocomplete="off" {...field('username')} />
        <TextField label={t('signIn.password')} type="password" autocomplete="new-password" {...field('password')} />
        <TextField label={t('channels.from')} required {...field('from')} />
        <TextField label={t('channels.to')} hint={t('channels.to.hint')} required {...field('to')} />
        <TextField
          label={t('channels.quietFrom')}
          hint={t('channels.quiet.hint')}
          type="time"
          {...field('quietFrom')}
        />
        <TextField label={t('channels.quietTo')} type="time" {...field('quietTo')} />
      </div>
    </Confirm>
  );
}

function WebhookDialog({ again, onClose }: DialogProps): JSX.Element {
  const { values, field } = useFields({ id: '', url: '', secret: '', least: 'notice' });
  const act = async (): Promise<void> => {
    const { id, url, secret } = values;
    const minSeverity = values.least as (typeof SEVERITIES)[number];
    await ask('notices.webhook.add', { id: id.trim(), url: url.trim(), secret, minSeverity });
    tell(t('channels.added'));
    await again();
  };
  return (
    <Confirm title={t('channels.webhook.add')} verb={t('add')} act={act} onClose={onClose}>
      <TextField label={t('channels.id')} hint={t('channels.id.hint')} required autofocus {...field('id')} />
      <TextField label={t('channels.url')} hint={t('channels.url.hint')} type="url" required {...field('url')} />
      <TextField
        label={t('channels.secret')}
        hint={t('channels.secret.hint')}
        type="password"
        autocomplete="new-password"
        required
        {...field('secret')}
      />
      <LeastField {...field('least')} />
    </Confirm>
  );
}
