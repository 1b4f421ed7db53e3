import type { JSX } from 'preact';
import { useAsked } from '../../parts/asked.ts';
import { Awaited, Card, Chip, Empty, PageHead, Table } from '../../parts/show.tsx';
import { query, setQuery } from '../../shell/route.ts';
import { cameras } from '../../box/live.ts';
import { moment, since } from '../../words/format.ts';
import { t } from '../../words/index.ts';

const STATES = ['recording', 'online', 'offline', 'failing'] as const;
const TONES = { recording: 'plain', online: 'plain', offline: 'bad', failing: 'warn' } as const;

/** How many cameras are connected, recording, failing; which, and since when. */
export function Terminals(): JSX.Element {
  const asked = useAsked('terminals.statistics', {}, { everyMs: 5000 });
  const wanted = STATES.find((each) => each === query.value.get('show'));
  return (
    <Awaited asked={asked}>
      {({ total, online, recording, failing, offline, terminals }) => {
        const shown = terminals.filter(({ state }) => wanted === undefined || state === wanted);
        return (
          <>
            <PageHead
              title={t('terminals.verdict', { n: online, of: total })}
              explain={t('terminals.explain', { recording, failing, offline })}
            />
            <div class="chips" role="group" aria-label={t('filter')}>
              <button
                type="button"
                class="filter"
                aria-pressed={wanted === undefined}
                onClick={() => setQuery({ show: undefined })}
              >
                {t('cameras.show.all')} <b>{total}</b>
              </button>
              {STATES.map((state) => (
                <button
                  key={state}
                  type="button"
                  class="filter"
                  aria-pressed={wanted === state}
                  onClick={() => setQuery({ show: state })}
                >
                  {t(`terminal.${state}`)} <b>{terminals.filter((each) => each.state === state).length}</b>
                </button>
              ))}
            </div>
            <Card flush>
              {shown.length === 0 ? (
                <Empty>{t('cameras.noneSuch')}</Empty>
              ) : (
                <Table
                  label={t('system.terminals')}
                  rows={shown}
                  keyOf={({ camera }) => camera}
                  href={({ camera }) => `/cameras/${camera}`}
                  sort={query.value.get('sort') ?? undefined}
                  onSort={(sort) => setQuery({ sort })}
                  columns={[
                    {
                      key: 'name',
                      head: t('cameras.name'),
                      cell: ({ name }) => <bdi>{name}</bdi>,
                      by: ({ name }) => name,
                    },
                    {
                      key: 'state',
                      head: t('cameras.state'),
                      cell: ({ state }) => (
                        <Chip tone={TONES[state]} {...(TONES[state] === 'plain' ? {} : { icon: 'warning' as const })}>
                          {t(`terminal.${state}`)}
                        </Chip>
                      ),
                      by: ({ state }) => state,
                    },
                    {
                      key: 'streams',
                      head: t('terminals.streams'),
                      cell: ({ camera }) => cameras.value.filter(({ id }) => id === camera).length,
                      number: true,
                      wide: true,
                    },
                    {
                      key: 'since',
                      head: t('terminals.since'),
                      cell: ({ since: from }) => <span title={moment(from)}>{since(from)}</span>,
                      by: ({ since: from }) => from,
                    },
                  ]}
                />
              )}
            </Card>
          </>
        );
      }}
    </Awaited>
  );
}
