import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { CheckField, CopyText, Segments, TextField } from '../../parts/controls.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { rtspAddresses, type RtspOverview } from '../../parts/rtsp-address.tsx';
import { t } from '../../words/index.ts';

export type Made = Output<'rtsp.passwords.create'>;

/** A name and a password for one player or recorder. */
export function MakeLogin(props: {
  cameras: RtspOverview['cameras'];
  onClose: () => void;
  onMade: (made: Made) => Promise<void>;
}): JSX.Element {
  const { cameras, onClose, onMade } = props;
  const [label, setLabel] = useState('');
  const [days, setDays] = useState('');
  const [which, setWhich] = useState('all');
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const some = which === 'some';
  const act = async (): Promise<void> => {
    const term = Number(days) > 0 ? { days: Number(days) } : {};
    await onMade(
      await ask('rtsp.passwords.create', { label: label.trim(), ...(some && { cameras: [...chosen] }), ...term }),
    );
  };
  return (
    <Confirm
      title={t('rtsp.make')}
      verb={t('rtsp.makeIt')}
      act={act}
      onClose={onClose}
      disabled={some && chosen.length === 0}
    >
      <p>{t('rtsp.makeMeans')}</p>
      <TextField
        label={t('rtsp.label')}
        hint={t('rtsp.label.hint')}
        value={label}
        onValue={setLabel}
        autocomplete="off"
        required
        autofocus
      />
      <Segments
        label={t('nav.cameras')}
        value={which}
        options={[
          { value: 'all', label: t('rtsp.allCameras') },
          { value: 'some', label: t('rtsp.someCameras') },
        ]}
        onValue={setWhich}
      />
      {some && (
        <fieldset class="rights">
          <legend>{t('nav.cameras')}</legend>
          {cameras.map(({ camera, name }) => (
            <CheckField
              key={camera}
              label={name}
              checked={chosen.includes(camera)}
              onChecked={(on) => setChosen(on ? [...chosen, camera] : chosen.filter((each) => each !== camera))}
            />
          ))}
        </fieldset>
      )}
      <TextField label={t('tokens.days')} hint={t('rtsp.days.hint')} type="number" value={days} onValue={setDays} />
    </Confirm>
  );
}

/** Told this once: what is typed into the player, in parts and as one address. */
export function MadeLogin(props: { made: Made; overview: RtspOverview; onClose: () => void }): JSX.Element {
  const { made, overview, onClose } = props;
  const path = overview.cameras.find(({ camera }) => made.cameras?.includes(camera) ?? true)?.streams[0]?.path;
  const [address] = path === undefined ? [] : rtspAddresses(overview, path, made).toReversed();
  return (
    <Dialog title={t('rtsp.made')} onClose={onClose}>
      <div class="secret-shown">
        <div>
          <h3>{t('signIn.name')}</h3>
          <CopyText text={made.user} />
        </div>
        <div>
          <h3>{t('signIn.password')}</h3>
          <CopyText text={made.password} />
        </div>
        {address !== undefined && (
          <div>
            <h3>{t('rtsp.example')}</h3>
            <CopyText text={address} />
          </div>
        )}
        <p class="hint">{t('rtsp.once')}</p>
      </div>
    </Dialog>
  );
}
