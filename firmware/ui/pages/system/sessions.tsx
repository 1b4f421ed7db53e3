import type { JSX } from 'preact';
import { ask } from '../../box/client.ts';
import { signOut } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton } from '../../parts/controls.tsx';
import { Awaited, Card, Chip, PageHead, Table } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { ago, moment } from '../../words/format.ts';
import { t } from '../../words/index.ts';

/** Who is signed in, from where; any of them can be ended. */
export function Sessions(): JSX.Element {
  const asked = useAsked('sessions.list', {}, { everyMs: 15_000 });
  const end = async (id: string, own: boolean): Promise<void> => {
    if (own) {
      await signOut();
      return;
    }
    await ask('sessions.end', { id });
    tell(t('sessions.ended'));
    await asked.again();
  };
  return (
    <Awaited asked={asked}>
      {(sessions) => (
        <>
          <PageHead title={t('sessions.verdict', { n: sessions.length })} explain={t('sessions.explain')} />
          <Card flush>
            <Table
              label={t('system.sessions')}
              rows={sessions}
              keyOf={({ id }) => id}
              columns={[
                {
                  key: 'user',
                  head: t('signIn.name'),
                  cell: ({ user, own }) => (
                    <>
                      <bdi>{user}</bdi> {own && <Chip tone="acc">{t('sessions.this')}</Chip>}
                    </>
                  ),
                },
                { key: 'address', head: t('sessions.from'), cell: ({ address }) => <code>{address}</code> },
                {
                  key: 'agent',
                  head: t('sessions.agent'),
                  cell: ({ agent }) => <span title={agent}>{browserOf(agent)}</span>,
                  wide: true,
                },
                { key: 'created', head: t('sessions.began'), cell: ({ created }) => moment(created), wide: true },
                { key: 'seen', head: t('sessions.seen'), cell: ({ lastSeen }) => ago(lastSeen) },
                {
                  key: 'act',
                  head: '',
                  cell: ({ id, own }) => <ActButton act={() => end(id, own)}>{t('signOut')}</ActButton>,
                },
              ]}
            />
          </Card>
        </>
      )}
    </Awaited>
  );
}

/** The name that a person would say; whole agents are in the title. */
function browserOf(agent: string): string {
  const browser = /(Edg|Firefox|OPR|Chrome|Safari)\/(\d+)/.exec(agent);
  const system = /Android|iPhone|iPad|Windows|Mac OS X|Linux/.exec(agent)?.[0];
  if (!browser) return agent.slice(0, 40);
  return [`${browser[1]} ${browser[2]}`, system].filter(Boolean).join(t('comma'));
}
