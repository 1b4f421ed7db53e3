import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import type { Right } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { Button, CopyText, TextField } from '../../parts/controls.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { Awaited, Card, Empty, PageHead, Table } from '../../parts/show.tsx';
import { ago, day } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { RightsChoice } from './rights-choice.tsx';

type Token = Output<'tokens.list'>[number];

/** What machines use instead of a name and a password. */
export function Tokens(): JSX.Element {
  const asked = useAsked('tokens.list', {});
  const [adds, setAdds] = useState(false);
  const [revokes, setRevokes] = useState<Token>();
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <PageHead title={t('tokens.verdict', { n: asked.value?.length ?? 0 })} explain={t('tokens.explain')}>
        <Button kind="primary" icon="plus" onPress={() => setAdds(true)}>
          {t('tokens.add')}
        </Button>
      </PageHead>
      <Awaited asked={asked}>
        {(tokens) => (
          <Card flush>
            {tokens.length === 0 ? (
              <Empty>{t('tokens.none')}</Empty>
            ) : (
              <Table
                label={t('system.tokens')}
                rows={tokens}
                keyOf={({ id }) => id}
                columns={[
                  { key: 'name', head: t('cameras.name'), cell: ({ name }) => <bdi>{name}</bdi> },
                  { key: 'owner', head: t('tokens.owner'), cell: ({ owner }) => <bdi>{owner}</bdi>, wide: true },
                  {
                    key: 'rights',
                    head: t('users.rights'),
                    cell: ({ rights }) => rights.map((right) => tOf('right', right)).join(t('comma')),
                  },
                  {
                    key: 'expires',
                    head: t('tokens.expires'),
                    cell: ({ expires }) => (expires === undefined ? t('tokens.never') : day(expires)),
                  },
                  { key: 'used', head: t('tokens.used'), cell: ({ lastUsed }) => ago(lastUsed), wide: true },
                  {
                    key: 'act',
                    head: '',
                    cell: (token) => (
                      <Button kind="quiet" onPress={() => setRevokes(token)}>
                        {t('tokens.revoke')}
                      </Button>
                    ),
                  },
                ]}
              />
            )}
          </Card>
        )}
      </Awaited>
      {adds && (
        <AddToken
          onClose={() => setAdds(false)}
          made={async (made) => {
            setSecret(made);
            await asked.again();
          }}
        />
      )}
      {revokes && (
        <Confirm
          title={t('tokens.revokeThis', { name: revokes.name })}
          verb={t('tokens.revoke')}
          danger
          act={async () => {
            await ask('tokens.revoke', { id: revokes.id });
            await asked.again();
          }}
          onClose={() => setRevokes(undefined)}
        >
          <p>{t('tokens.revokeMeans')}</p>
        </Confirm>
      )}
      {secret !== undefined && (
        <Dialog title={t('tokens.secret')} onClose={() => setSecret(undefined)}>
          <div class="secret-shown">
            <CopyText text={secret} />
            <p class="hint">{t('tokens.secretOnce')}</p>
          </div>
        </Dialog>
      )}
    </>
  );
}

function AddToken({ onClose, made }: { onClose: () => void; made: (secret: string) => Promise<void> }): JSX.Element {
  const [name, setName] = useState('');
  const [rights, setRights] = useState<readonly Right[]>(['state']);
  const [days, setDays] = useState('365');
  const act = async (): Promise<void> => {
    const token = await ask('tokens.add', {
      name: name.trim(),
      rights: [...rights],
      ...(Number(days) > 0 && { days: Number(days) }),
    });
    await made(token.secret);
  };
  return (
    <Confirm title={t('tokens.add')} verb={t('add')} act={act} onClose={onClose}>
      <TextField
        label={t('cameras.name')}
        hint={t('tokens.name.hint')}
        value={name}
        onValue={setName}
        autocomplete="off"
        required
        autofocus
      />
      <TextField label={t('tokens.days')} hint={t('tokens.days.hint')} type="number" value={days} onValue={setDays} />
      <RightsChoice chosen={rights} onChosen={setRights} />
    </Confirm>
  );
}
