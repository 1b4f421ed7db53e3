import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { may, type Right } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { Button, CopyText, Segments, SelectField, TextField } from '../../parts/controls.tsx';
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
  const [shown, setShown] = useState<{ secret: string; view: string | undefined }>();
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
          made={async (secret, view) => {
            setShown({ secret, view });
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
      {shown && (
        <Dialog
          title={shown.view === undefined ? t('tokens.secret') : t('tokens.screenLink')}
          onClose={() => setShown(undefined)}
        >
          <div class="secret-shown">
            <CopyText
              text={
                shown.view === undefined
                  ? shown.secret
                  : `${location.origin}/live/view/${shown.view}#token=${shown.secret}`
              }
            />
            <p class="hint">{shown.view === undefined ? t('tokens.secretOnce') : t('tokens.screenOnce')}</p>
          </div>
        </Dialog>
      )}
    </>
  );
}

type Made = (secret: string, view: string | undefined) => Promise<void>;

function AddToken({ onClose, made }: { onClose: () => void; made: Made }): JSX.Element {
  const [kind, setKind] = useState('program');
  const [name, setName] = useState('');
  const [rights, setRights] = useState<readonly Right[]>(['state']);
  const [days, setDays] = useState('365');
  const shared = useAsked('views.list', may('live') ? {} : undefined).value?.filter((view) => view.shared) ?? [];
  const [chosen, setChosen] = useState<string>();
  const view = chosen ?? shared[0]?.id;
  const screen = kind === 'screen';
  const act = async (): Promise<void> => {
    const own = { rights: [...rights], ...(Number(days) > 0 && { days: Number(days) }) };
    const { secret } = await ask('tokens.add', { name: name.trim(), ...(screen ? { rights: ['live'] } : own) });
    await made(secret, screen ? view : undefined);
  };
  return (
    <Confirm
      title={t('tokens.add')}
      verb={t('add')}
      act={act}
      onClose={onClose}
      disabled={screen && view === undefined}
    >
      <Segments
        label={t('tokens.for')}
        value={kind}
        options={(['program', 'screen'] as const).map((value) => ({ value, label: t(`tokens.for.${value}`) }))}
        onValue={setKind}
      />
      <TextField
        label={t('cameras.name')}
        hint={t('tokens.name.hint')}
        value={name}
        onValue={setName}
        autocomplete="off"
        required
        autofocus
      />
      {screen ? (
        <>
          <p>{t('tokens.screenMeans')}</p>
          {view === undefined ? (
            <p class="hint bad">{t('tokens.noView')}</p>
          ) : (
            <SelectField
              label={t('tokens.screenView')}
              value={view}
              options={shared.map((each) => ({ value: each.id, label: each.name }))}
              onValue={setChosen}
            />
          )}
        </>
      ) : (
        <>
          <TextField
            label={t('tokens.days')}
            hint={t('tokens.days.hint')}
            type="number"
            value={days}
            onValue={setDays}
          />
          <RightsChoice chosen={rights} onChosen={setRights} />
        </>
      )}
    </Confirm>
  );
}
