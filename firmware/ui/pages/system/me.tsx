import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { findSession, me } from '../../box/session.ts';
import { ActButton, Button, CheckField, CopyText } from '../../parts/controls.tsx';
import { Confirm, Dialog } from '../../parts/dialog.tsx';
import { ActForm, CodeField, NewPasswordField, PasswordField, useFields } from '../../parts/form.tsx';
import { Card, FormCard, PageHead } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { keysOn, switchKeys } from '../../shell/key-state.ts';
import { LookChoices } from '../../shell/look-choices.tsx';
import { t, tOf } from '../../words/index.ts';

/** One's own password, authenticator app, language and looks. */
export function MyAccount(): JSX.Element {
  return (
    <>
      <PageHead
        title={<bdi>{me.value?.name}</bdi>}
        explain={me.value?.rights.map((right) => tOf('right', right)).join(t('comma'))}
      />
      <div class="masonry">
        <Password />
        <SecondFactor />
        <Looks />
      </div>
    </>
  );
}

function Password(): JSX.Element {
  const { values, field, set } = useFields({ oldPassword: '', password: '' });
  const change = async (): Promise<void> => {
    await ask('users.change-password', values);
    set({ oldPassword: '', password: '' });
    tell(t('me.passwordChanged'));
    // All sessions end with it, this one too.
    await findSession();
  };
  return (
    <ActForm title={t('me.password')} user={me.value?.name ?? ''} verb={t('me.changePassword')} act={change}>
      <PasswordField label={t('me.oldPassword')} {...field('oldPassword')} />
      <NewPasswordField label={t('me.newPassword')} {...field('password')} />
      <p class="hint">{t('me.passwordMeans')}</p>
    </ActForm>
  );
}

type Begun = Output<'users.second-factor.begin'>;

function SecondFactor(): JSX.Element {
  const [password, setPassword] = useState('');
  const [begun, setBegun] = useState<Begun>();
  const [codes, setCodes] = useState<readonly string[]>();
  const [code, setCode] = useState('');
  const [removes, setRemoves] = useState(false);
  return (
    <FormCard title={t('me.factor')} user={me.value?.name ?? ''}>
      <p class="quiet-text">{t('me.factorWhy')}</p>
      <PasswordField value={password} onValue={setPassword} />
      <div class="row">
        <ActButton
          disabled={password === ''}
          act={async () => {
            setBegun(await ask('users.second-factor.begin', { password }));
          }}
        >
          {t('me.factorBegin')}
        </ActButton>
        <Button kind="quiet" disabled={password === ''} onPress={() => setRemoves(true)}>
          {t('me.factorRemove')}
        </Button>
      </div>
      {begun && !codes && (
        <Confirm
          title={t('me.factor')}
          verb={t('me.factorConfirm')}
          act={async () => {
            const { recoveryCodes } = await ask('users.second-factor.confirm', { code: code.replaceAll(' ', '') });
            setCodes(recoveryCodes);
          }}
          onClose={() => setBegun(undefined)}
        >
          <p>{t('me.factorHow')}</p>
          <CopyText text={begun.secret} />
          <p>
            <a href={begun.url}>{t('me.factorOpen')}</a>
          </p>
          <CodeField value={code} onValue={setCode} />
        </Confirm>
      )}
      {codes && (
        <Dialog
          title={t('me.codes')}
          onClose={() => {
            setCodes(undefined);
            void findSession();
          }}
        >
          <div class="secret-shown">
            <p>{t('me.codesMean')}</p>
            <ul class="codes">
              {codes.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
            <CopyText text={codes.join('\n')}>{t('me.codesAll')}</CopyText>
          </div>
        </Dialog>
      )}
      {removes && (
        <Confirm
          title={t('me.factorRemove')}
          verb={t('remove')}
          danger
          act={async () => {
            await ask('users.second-factor.remove', { password });
            await findSession();
          }}
          onClose={() => setRemoves(false)}
        >
          <p>{t('me.factorRemoveMeans')}</p>
        </Confirm>
      )}
    </FormCard>
  );
}

function Looks(): JSX.Element {
  return (
    <Card title={t('me.looks')}>
      <LookChoices />
      <CheckField label={t('me.keys')} hint={t('me.keys.hint')} checked={keysOn.value} onChecked={switchKeys} />
    </Card>
  );
}
