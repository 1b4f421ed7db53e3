import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Input, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { askAgain, useAsked } from '../../parts/asked.ts';
import { ActButton, Button, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Card } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { go } from '../../shell/route.ts';
import { t, tOf } from '../../words/index.ts';
import { LoginFields } from './login-fields.tsx';

type Standing = Output<'cameras.standing'>[number];
type Change = Omit<Input<'cameras.change'>, 'camera'>;

/** What people call a camera and where they look for it, its login, its addresses, and the way out. */
export function CameraEdit({ id, name }: { id: string; name: string }): JSX.Element {
  const [removes, setRemoves] = useState(false);
  const standing = useAsked('cameras.standing', {});
  const settings = useAsked('cameras.list', {});
  const own = standing.value?.find(({ camera }) => camera === id);
  const streams = settings.value?.find((each) => each.id === id)?.streams ?? [];
  return (
    <Card title={t('cameras.settings')}>
      {own && <Named key={id} own={own} />}
      {own && <Login own={own} />}
      {streams.map(({ id: stream, url, transport }) => (
        <p key={stream} class="sub">
          {tOf('stream', stream)} {transport.toUpperCase()} <code class="code">{url}</code>
        </p>
      ))}
      <div class="row">
        <Button kind="quiet" onPress={() => setRemoves(true)}>
          {t('cameras.remove')}
        </Button>
      </div>
      {removes && (
        <Confirm
          title={t('cameras.removeThis', { name })}
          verb={t('cameras.remove')}
          danger
          act={async () => {
            await ask('cameras.remove', { camera: id });
            tell(t('cameras.removed', { name }));
            go('/cameras');
          }}
          onClose={() => setRemoves(false)}
        >
          <p>{t('cameras.removeMeans')}</p>
        </Confirm>
      )}
    </Card>
  );
}

function wordsOf(text: string): string[] {
  const words = text.split(/[,;，；、]/).map((word) => word.trim());
  return [...new Set(words.filter((word) => word !== ''))];
}

/** The list beside it shows names, groups and labels, too. */
async function change(own: Standing, given: Change): Promise<void> {
  await ask('cameras.change', { camera: own.camera, ...given });
  await askAgain('cameras.standing', 'cameras.list');
  tell(t('saved'));
}

function Named({ own }: { own: Standing }): JSX.Element {
  const [name, setName] = useState(own.name);
  const [groups, setGroups] = useState(own.groups.join(', '));
  const [labels, setLabels] = useState(own.labels.join(', '));
  const [order, setOrder] = useState(String(own.order));
  const given = {
    name: name.trim(),
    groups: wordsOf(groups),
    labels: wordsOf(labels),
    order: Number(order),
  };
  const isSame =
    given.name === own.name &&
    given.order === own.order &&
    given.groups.join() === own.groups.join() &&
    given.labels.join() === own.labels.join();
  const isValid = given.name !== '' && /^\d{1,6}$/.test(order.trim());
  return (
    <div class="form">
      <TextField label={t('cameras.name')} value={name} onValue={setName} autocomplete="off" />
      <TextField
        label={t('cameras.groups')}
        hint={t('cameras.groups.hint')}
        value={groups}
        onValue={setGroups}
        autocomplete="off"
      />
      <TextField
        label={t('cameras.labels')}
        hint={t('cameras.labels.hint')}
        value={labels}
        onValue={setLabels}
        autocomplete="off"
      />
      <TextField
        label={t('cameras.order')}
        hint={t('cameras.order.hint')}
        type="number"
        value={order}
        onValue={setOrder}
      />
      <div class="row">
        <ActButton kind="primary" act={() => change(own, given)} disabled={isSame || !isValid}>
          {t('apply')}
        </ActButton>
        {may('settings') && (
          <a class="button" href={`/cameras/${own.camera}/plan`}>
            {t('cameras.mode')}
          </a>
        )}
      </div>
    </div>
  );
}

const NO_LOGIN = { username: '', password: '' };

/** Goes in and never comes out: what is there now is not shown. */
function Login({ own }: { own: Standing }): JSX.Element {
  const [wanted, setWanted] = useState(NO_LOGIN);
  const known = own.onvif?.address ?? '';
  const [address, setAddress] = useState(known);
  const username = wanted.username.trim();
  const login = username === '' ? {} : { ...wanted, username };
  const onvifUrl = onvifUrlOf(address.trim());
  const onvif = onvifUrl === known ? {} : { onvifUrl };
  const given = { ...login, ...onvif };
  const save = async (): Promise<void> => {
    await change(own, given);
    setWanted(NO_LOGIN);
  };
  return (
    <details class="details">
      <summary>{t('cameras.login')}</summary>
      <div class="form">
        <LoginFields login={wanted} onLogin={setWanted} hint={t('cameras.user.hint')} />
        <TextField
          label={t('cameras.onvif')}
          hint={t('cameras.onvif.hint')}
          value={address}
          onValue={setAddress}
          autocomplete="off"
          code
        />
        <div class="row">
          <ActButton act={save} disabled={Object.keys(given).length === 0}>
            {t('apply')}
          </ActButton>
        </div>
      </div>
    </details>
  );
}

/** A host alone is at the place where nearly every camera has its device service. */
function onvifUrlOf(text: string): string {
  if (text === '' || /^https?:\/\/[^/]+\/./.test(text)) return text;
  const host = text.replace(/^(https?:\/\/)?/, (scheme) => scheme || 'http://').replace(/\/$/, '');
  return `${host}/onvif/device_service`;
}
