import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { StreamAddresses, type RtspOverview } from '../../parts/rtsp-address.tsx';
import { Awaited, Card, Empty, PageHead, Table } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { ago, bytes, day, number, since } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { MadeLogin, MakeLogin, type Made } from './rtsp-login.tsx';

type Login = Output<'rtsp.passwords.list'>[number];

const EVERY_MS = 5000;

const listens = ({ port, securePort }: RtspOverview): boolean => port > 0 || securePort > 0;

/** Live streams for players and other recorders: where they are, who may have them, who takes one now. */
export function RtspOutput(): JSX.Element {
  const overview = useAsked('rtsp.show', {}, { everyMs: EVERY_MS });
  const logins = useAsked('rtsp.passwords.list', {}, { everyMs: EVERY_MS });
  const [makes, setMakes] = useState(false);
  const [made, setMade] = useState<Made>();
  const [revokes, setRevokes] = useState<Login>();
  return (
    <>
      <PageHead title={overview.value ? verdict(overview.value) : t('system.rtsp')} explain={t('rtsp.explain')}>
        <Button kind="primary" icon="plus" onPress={() => setMakes(true)}>
          {t('rtsp.make')}
        </Button>
      </PageHead>
      <Awaited asked={overview}>
        {(shown) => (
          <>
            <Switch shown={shown} again={overview.again} />
            <Awaited asked={logins}>{(all) => <Logins all={all} overview={shown} onRevoke={setRevokes} />}</Awaited>
            {listens(shown) && <Addresses shown={shown} again={overview.again} />}
            {shown.readers.length > 0 && <Readers shown={shown} />}
            {makes && (
              <MakeLogin
                cameras={shown.cameras}
                onClose={() => setMakes(false)}
                onMade={async (login) => {
                  setMade(login);
                  await logins.again();
                }}
              />
            )}
            {made && <MadeLogin made={made} overview={shown} onClose={() => setMade(undefined)} />}
          </>
        )}
      </Awaited>
      {revokes && (
        <Confirm
          title={t('tokens.revokeThis', { name: nameOf(revokes) })}
          verb={t('tokens.revoke')}
          danger
          act={async () => {
            await ask('rtsp.passwords.revoke', { id: revokes.id });
            await logins.again();
          }}
          onClose={() => setRevokes(undefined)}
        >
          <p>{t('rtsp.revokeMeans')}</p>
        </Confirm>
      )}
    </>
  );
}

function verdict(shown: RtspOverview): string {
  if (!listens(shown)) return shown.enabled ? t('rtsp.noPort') : t('rtsp.off');
  // Who watches is told to those who manage users; nobody else learns that nobody does.
  return may('users') ? t('rtsp.readersNow', { n: shown.readers.length }) : t('rtsp.on');
}

const nameOf = ({ label, user }: Pick<Login, 'label' | 'user'>): string => (label === '' ? user : label);

/** What to do while nothing is given out. */
function Switch({ shown, again }: { shown: RtspOverview; again: () => Promise<void> }): JSX.Element | null {
  if (listens(shown)) return null;
  if (shown.enabled) return <p class="note warn">{t('rtsp.noPortMeans')}</p>;
  return (
    <div class="note">
      <p>{may('settings') ? t('rtsp.offMeans') : t('rtsp.offAsk')}</p>
      {may('settings') && (
        <div class="row">
          <ActButton act={() => switchTo(true, again)}>{t('rtsp.switchOn')}</ActButton>
        </div>
      )}
    </div>
  );
}

async function switchTo(enabled: boolean, again: () => Promise<void>): Promise<void> {
  await ask('config.set', { patch: { rtspServer: { enabled } } });
  tell(t('saved'));
  await again();
}

function Logins(props: {
  all: readonly Login[];
  overview: RtspOverview;
  onRevoke: (login: Login) => void;
}): JSX.Element {
  const { all, overview, onRevoke } = props;
  const camerasOf = ({ cameras }: Login): string =>
    cameras
      ? cameras.map((id) => overview.cameras.find(({ camera }) => camera === id)?.name ?? id).join(t('comma'))
      : t('rtsp.allCameras');
  return (
    <Card title={t('rtsp.passwords')} flush>
      {all.length === 0 ? (
        <Empty>{t('rtsp.none')}</Empty>
      ) : (
        <Table
          label={t('rtsp.passwords')}
          rows={all}
          keyOf={({ id }) => id}
          columns={[
            {
              key: 'label',
              head: t('rtsp.label'),
              cell: (login) => <bdi>{nameOf(login)}</bdi>,
            },
            { key: 'user', head: t('signIn.name'), cell: ({ user }) => <code>{user}</code> },
            { key: 'cameras', head: t('nav.cameras'), cell: (login) => <bdi>{camerasOf(login)}</bdi>, wide: true },
            ...(may('users')
              ? [
                  {
                    key: 'owner',
                    head: t('tokens.owner'),
                    cell: ({ owner }: Login) => <bdi>{owner === '' ? t('via.local') : owner}</bdi>,
                    wide: true,
                  },
                ]
              : []),
            {
              key: 'expires',
              head: t('tokens.expires'),
              cell: ({ expires }) => (expires === undefined ? t('tokens.never') : day(expires)),
            },
            { key: 'used', head: t('tokens.used'), cell: ({ lastUsed }) => ago(lastUsed), wide: true },
            {
              key: 'act',
              head: '',
              cell: (login) => (
                <Button kind="quiet" onPress={() => onRevoke(login)}>
                  {t('tokens.revoke')}
                </Button>
              ),
            },
          ]}
        />
      )}
    </Card>
  );
}

function Addresses({ shown, again }: { shown: RtspOverview; again: () => Promise<void> }): JSX.Element {
  const rows = shown.cameras.flatMap(({ camera, name, streams }) =>
    streams.map(({ stream, path }) => ({ key: `${camera}/${stream}`, name, stream, path })),
  );
  return (
    <Card
      title={t('rtsp.addresses')}
      aside={
        may('settings') && (
          <ActButton kind="quiet" act={() => switchTo(false, again)}>
            {t('rtsp.switchOff')}
          </ActButton>
        )
      }
      flush
    >
      <Table
        label={t('rtsp.addresses')}
        rows={rows}
        keyOf={({ key }) => key}
        columns={[
          {
            key: 'camera',
            head: t('files.camera'),
            cell: ({ name, stream }) => (
              <>
                <bdi>{name}</bdi>
                {t('comma')}
                {tOf('stream', stream)}
              </>
            ),
          },
          {
            key: 'address',
            head: t('rtsp.address'),
            cell: ({ path }) => <StreamAddresses overview={shown} path={path} />,
          },
        ]}
      />
    </Card>
  );
}

/** Who takes a stream at this moment. */
function Readers({ shown }: { shown: RtspOverview }): JSX.Element {
  const nameOfCamera = (id: string): string => shown.cameras.find(({ camera }) => camera === id)?.name ?? id;
  return (
    <Card title={t('rtsp.readers')} flush>
      <Table
        label={t('rtsp.readers')}
        rows={shown.readers}
        keyOf={({ user, camera, stream, address, since: from }) => `${user} ${camera} ${stream} ${address} ${from}`}
        columns={[
          { key: 'user', head: t('rtsp.label'), cell: ({ user }) => <bdi>{user}</bdi> },
          {
            key: 'camera',
            head: t('files.camera'),
            cell: ({ camera, stream }) => (
              <>
                <bdi>{nameOfCamera(camera)}</bdi>
                {t('comma')}
                {tOf('stream', stream)}
              </>
            ),
          },
          {
            key: 'from',
            head: t('sessions.from'),
            cell: ({ address, transport }) => <code>{`${address} ${transport.toUpperCase()}`}</code>,
          },
          { key: 'since', head: t('sessions.began'), cell: ({ since: from }) => since(from), wide: true },
          { key: 'sent', head: t('rtsp.sent'), cell: ({ sentBytes }) => bytes(sentBytes), number: true },
          {
            key: 'dropped',
            head: t('rtsp.dropped'),
            cell: ({ droppedPictures }) => number(droppedPictures),
            number: true,
            wide: true,
          },
        ]}
      />
    </Card>
  );
}
