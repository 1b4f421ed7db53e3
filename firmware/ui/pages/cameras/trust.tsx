import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, boxNow, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button, CopyText, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { downloadJpeg } from '../../parts/download.ts';
import { Card, Facts } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { number, since } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';

type Standing = Output<'cameras.standing'>[number];

const EVERY_MS = 10_000;
/** Characters of a check sum that are shown; all of it is copied. */
const SUM_SHOWN = 17;
/** A clock within this is right; more would mislead who reads the time in the picture. */
const CLOCK_AGREES_S = 2;

/** Who the camera is, whether it still is that one, how its clock is, and what can be asked of it. */
export function CameraTrust({ id, name }: { id: string; name: string }): JSX.Element | null {
  const asked = useAsked('cameras.standing', {}, { everyMs: EVERY_MS });
  const own = asked.value?.find(({ camera }) => camera === id);
  if (!own) return null;
  return (
    <>
      {own.trust === 'untrusted' && <Changed own={own} name={name} again={asked.again} />}
      <Card title={t('trust.title')}>
        <Identity own={own} />
        {own.onvif && <Contact own={own} onvif={own.onvif} name={name} again={asked.again} />}
      </Card>
    </>
  );
}

/** What was remembered beside what is there now: one decision. */
function Changed({ own, name, again }: { own: Standing; name: string; again: () => Promise<void> }): JSX.Element {
  const [confirms, setConfirms] = useState(false);
  return (
    <Card title={t('trust.changed')}>
      <p class="note bad">
        {own.untrustedSince !== undefined && <strong>{since(own.untrustedSince)} </strong>}
        {t('trust.means')}
      </p>
      <Changes of={own.changes} />
      {may('cameras') && (
        <div class="row">
          <Button onPress={() => setConfirms(true)}>{t('trust.confirm')}</Button>
        </div>
      )}
      {confirms && (
        <Confirm
          title={t('trust.confirmThis', { name })}
          verb={t('trust.confirm')}
          act={async () => {
            await ask('cameras.confirm', { camera: own.camera });
            await again();
            tell(t('trust.confirmed', { name }));
          }}
          onClose={() => setConfirms(false)}
        >
          <p>{t('trust.confirmMeans')}</p>
          <Changes of={own.changes} />
        </Confirm>
      )}
    </Card>
  );
}

function Changes({ of }: { of: Standing['changes'] }): JSX.Element {
  return (
    <div class="table" tabIndex={0} role="region" aria-label={t('trust.changed')}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t('trust.what')}</th>
            <th scope="col">{t('trust.pinned')}</th>
            <th scope="col">{t('trust.found')}</th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ field, pinned, found }) => (
            <tr key={field}>
              <td data-label={t('trust.what')}>{tOf('identity', field)}</td>
              <td data-label={t('trust.pinned')}>
                <bdi class="code">{pinned || '–'}</bdi>
              </td>
              <td data-label={t('trust.found')}>
                <bdi class="code">{found || '–'}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Identity({ own }: { own: Standing }): JSX.Element {
  const { identity, onvif } = own;
  const { maker, model, serial, mac, certificate } = identity;
  const told = (
    [
      [t('find.model'), [maker, model].filter(Boolean).join(' ')],
      [t('identity.serial'), serial],
      [t('identity.mac'), mac],
      [t('trust.firmware'), onvif?.firmware ?? ''],
      [t('find.address'), onvif?.address ?? ''],
    ] as const
  ).filter(([, value]) => value !== '');
  return (
    <>
      <p class="quiet-text">{tOf('trust.is', own.trust)}</p>
      <Facts
        of={[
          ...told.map(([words, value]) => [words, <bdi key={words}>{value}</bdi>] as const),
          ...(certificate === ''
            ? []
            : [
                [
                  t('identity.certificate'),
                  <CopyText key="certificate" text={certificate}>{`${certificate.slice(0, SUM_SHOWN)}…`}</CopyText>,
                ] as const,
              ]),
        ]}
      />
    </>
  );
}

function Contact(props: {
  own: Standing;
  onvif: NonNullable<Standing['onvif']>;
  name: string;
  again: () => Promise<void>;
}): JSX.Element {
  const { own, onvif, name, again } = props;
  const [restarts, setRestarts] = useState(false);
  const [follows, setFollows] = useState(false);
  const [server, setServer] = useState('');
  const { camera } = own;
  const offset = onvif.clockOffsetS;
  const off = offset !== undefined && Math.abs(offset) > CLOCK_AGREES_S;
  const words = onvif.error && faultWords(onvif.error);
  const able = may('cameras') && own.trust !== 'untrusted' && onvif.phase === 'online';
  return (
    <>
      {words && (
        <p class="note warn">
          <strong>{words.what}</strong> {words.advice}
        </p>
      )}
      <Facts
        of={[
          [t('trust.contact'), tOf('onvif', onvif.phase)],
          ...(onvif.clockSource === undefined
            ? []
            : [[t('trust.clockSource'), tOf('clockSource', onvif.clockSource)] as const]),
          [t('trust.events'), tOf('hears', onvif.events)],
          [
            t('cameras.clockOffset'),
            offset === undefined ? '–' : t('unit.s', { n: number(offset, 1) }),
            off ? 'warn' : undefined,
          ],
        ]}
      />
      {able && (
        <div class="row">
          <ActButton
            icon="clock"
            act={async () => {
              const { offsetS } = await ask('cameras.clock', { camera, set: 'now' });
              await again();
              tell(offsetS === undefined ? t('trust.clockSet') : t('trust.clockIs', { n: number(offsetS, 1) }));
            }}
          >
            {t('trust.setClock')}
          </ActButton>
          <Button kind="quiet" icon="clock" onPress={() => setFollows(true)}>
            {t('trust.timeServer')}
          </Button>
          <ActButton kind="quiet" icon="download" act={() => saveSnapshot(camera)}>
            {t('trust.snapshot')}
          </ActButton>
          <Button kind="quiet" icon="refresh" onPress={() => setRestarts(true)}>
            {t('trust.restart')}
          </Button>
        </div>
      )}
      {follows && (
        <Confirm
          title={t('trust.timeServerOf', { name })}
          verb={t('trust.follow')}
          disabled={server.trim() === ''}
          act={async () => {
            await ask('cameras.clock', { camera, set: 'ntp', server: server.trim() });
            await again();
            tell(t('trust.follows', { name, server: server.trim() }));
          }}
          onClose={() => setFollows(false)}
        >
          <TextField
            label={t('trust.server')}
            hint={t('trust.server.hint')}
            value={server}
            onValue={setServer}
            autocomplete="off"
            code
          />
        </Confirm>
      )}
      {restarts && (
        <Confirm
          title={t('trust.restartThis', { name })}
          verb={t('trust.restart')}
          danger
          act={async () => {
            await ask('cameras.reboot', { camera });
            tell(t('trust.restarted', { name }));
          }}
          onClose={() => setRestarts(false)}
        >
          <p>{t('trust.restartMeans')}</p>
        </Confirm>
      )}
    </>
  );
}

/** A picture as the camera itself makes it, without the box's own reading of the stream. */
async function saveSnapshot(camera: string): Promise<void> {
  const { jpeg } = await ask('cameras.snapshot', { camera });
  downloadJpeg(`${camera}-${new Date(boxNow()).toISOString().slice(0, 19).replaceAll(':', '-')}.jpg`, jpeg);
}
