import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Input, type Output } from '../../box/client.ts';
import { cameras } from '../../box/live.ts';
import { me } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { Button, CheckField, SelectField, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { NewPasswordField } from '../../parts/form.tsx';
import { Awaited, Card, Chip, PageHead, Table } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { day } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { RIGHTS, RightsChoice } from './rights-choice.tsx';

type User = Output<'users.list'>[number];
type Role = Input<'users.add'>['role'];
type Right = (typeof RIGHTS)[number];
type Open = { kind: 'add' } | { kind: 'change' | 'password' | 'remove'; user: User };

const ROLES = ['administrator', 'operator', 'viewer', 'custom'] as const satisfies readonly Role[];
/** What somebody sees with a camera that they were given by name. */
const ALL_OF_CAMERA = ['live', 'playback', 'export', 'ptz'] as const;

/** Accounts, what each may do, and for which cameras. */
export function Users(): JSX.Element {
  const asked = useAsked('users.list', {});
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  return (
    <>
      <PageHead title={t('users.verdict', { n: asked.value?.length ?? 0 })} explain={t('users.explain')}>
        <Button kind="primary" icon="plus" onPress={() => setOpen({ kind: 'add' })}>
          {t('users.add')}
        </Button>
      </PageHead>
      <Awaited asked={asked}>
        {(users) => (
          <Card flush>
            <Table
              label={t('system.users')}
              rows={users}
              keyOf={({ name }) => name}
              columns={[
                {
                  key: 'name',
                  head: t('signIn.name'),
                  cell: ({ name, disabled }) => (
                    <>
                      <bdi>{name}</bdi> {name === me.value?.name && <Chip tone="acc">{t('users.you')}</Chip>}{' '}
                      {disabled && <Chip tone="warn">{t('users.disabled')}</Chip>}
                    </>
                  ),
                },
                { key: 'role', head: t('users.role'), cell: (user) => <RoleWords user={user} /> },
                {
                  key: 'factor',
                  head: t('users.secondFactor'),
                  cell: ({ secondFactor }) => (secondFactor ? t('yes') : t('no')),
                  wide: true,
                },
                {
                  key: 'sessions',
                  head: t('system.sessions'),
                  cell: ({ sessions }) => sessions,
                  number: true,
                  wide: true,
                },
                { key: 'set', head: t('users.passwordSet'), cell: ({ passwordSet }) => day(passwordSet), wide: true },
                {
                  key: 'act',
                  head: '',
                  cell: (user) => (
                    <div class="row end">
                      <Button kind="quiet" onPress={() => setOpen({ kind: 'change', user })}>
                        {t('change')}
                      </Button>
                      <Button kind="quiet" onPress={() => setOpen({ kind: 'password', user })}>
                        {t('signIn.password')}
                      </Button>
                      <Button kind="quiet" onPress={() => setOpen({ kind: 'remove', user })}>
                        {t('remove')}
                      </Button>
                    </div>
                  ),
                },
              ]}
            />
          </Card>
        )}
      </Awaited>
      {open?.kind === 'add' && <AddDialog again={asked.again} onClose={close} />}
      {open?.kind === 'change' && <ChangeDialog user={open.user} again={asked.again} onClose={close} />}
      {open?.kind === 'password' && <PasswordDialog user={open.user} again={asked.again} onClose={close} />}
      {open?.kind === 'remove' && (
        <Confirm
          title={t('users.removeThis', { name: open.user.name })}
          verb={t('remove')}
          danger
          name={open.user.name}
          act={async () => {
            await ask('users.remove', { user: open.user.name });
            await asked.again();
          }}
          onClose={close}
        >
          <p>{t('users.removeMeans')}</p>
        </Confirm>
      )}
    </>
  );
}

function RoleWords({ user }: { user: User }): JSX.Element {
  return (
    <>
      {tOf('role', user.role)}
      {user.cameras && <span class="sub">{t('users.someCameras', { n: user.cameras.length })}</span>}
      {user.rights && <span class="sub">{user.rights.map((right) => tOf('right', right)).join(t('comma'))}</span>}
    </>
  );
}

interface GrantsForm {
  readonly role: Role;
  readonly rights: readonly Right[];
  /** Undefined: all cameras, also later ones. */
  readonly cameras: readonly string[] | undefined;
}

function grantsOf({
  role,
  rights,
  cameras: chosen,
}: GrantsForm): Pick<Input<'users.add'>, 'role' | 'rights' | 'cameras'> {
  return {
    role,
    ...(role === 'custom' && { rights: [...rights] }),
    cameras:
      chosen && role !== 'administrator' ? chosen.map((camera) => ({ camera, rights: [...ALL_OF_CAMERA] })) : null,
  };
}

function GrantsFields({ form, set }: { form: GrantsForm; set: (form: GrantsForm) => void }): JSX.Element {
  const known = [...new Map(cameras.value.map(({ id, name }) => [id, name]))];
  const { role, rights, cameras: chosen } = form;
  return (
    <>
      <SelectField
        label={t('users.role')}
        hint={tOf('roleMeans', role)}
        value={role}
        onValue={(to) => set({ ...form, role: to as Role })}
        options={ROLES.map((value) => ({ value, label: t(`role.${value}`) }))}
      />
      {role === 'custom' && <RightsChoice chosen={rights} onChosen={(to) => set({ ...form, rights: to })} />}
      {role !== 'administrator' && (
        <>
          <CheckField
            label={t('users.allCameras')}
            checked={chosen === undefined}
            onChecked={(all) => set({ ...form, cameras: all ? undefined : [] })}
          />
          {chosen &&
            known.map(([id, name]) => (
              <CheckField
                key={id}
                label={name}
                checked={chosen.includes(id)}
                onChecked={(on) =>
                  set({ ...form, cameras: on ? [...chosen, id] : chosen.filter((each) => each !== id) })
                }
              />
            ))}
        </>
      )}
    </>
  );
}

interface DialogProps {
  readonly again: () => Promise<void>;
  readonly onClose: () => void;
}

function AddDialog({ again, onClose }: DialogProps): JSX.Element {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [form, setForm] = useState<GrantsForm>({ role: 'operator', rights: [], cameras: undefined });
  const act = async (): Promise<void> => {
    await ask('users.add', { user: user.trim(), password, ...grantsOf(form) });
    tell(t('users.added', { name: user.trim() }));
    await again();
  };
  return (
    <Confirm title={t('users.add')} verb={t('add')} act={act} onClose={onClose}>
      <TextField label={t('signIn.name')} value={user} onValue={setUser} autocomplete="off" required autofocus />
      <NewPasswordField value={password} onValue={setPassword} />
      <GrantsFields form={form} set={setForm} />
    </Confirm>
  );
}

function ChangeDialog({ user, again, onClose }: DialogProps & { user: User }): JSX.Element {
  const [form, setForm] = useState<GrantsForm>({
    role: user.role,
    rights: (user.rights ?? []).filter((right): right is Right => RIGHTS.includes(right)),
    cameras: user.cameras?.map(({ camera }) => camera),
  });
  const [disabled, setDisabled] = useState(user.disabled);
  const act = async (): Promise<void> => {
    await ask('users.change', { user: user.name, disabled, ...grantsOf(form) });
    tell(t('saved'));
    await again();
  };
  return (
    <Confirm title={user.name} verb={t('apply')} act={act} onClose={onClose}>
      <GrantsFields form={form} set={setForm} />
      <CheckField label={t('users.disable')} checked={disabled} onChecked={setDisabled} />
      <p>{t('users.changeMeans')}</p>
    </Confirm>
  );
}

function PasswordDialog({ user, again, onClose }: DialogProps & { user: User }): JSX.Element {
  const [password, setPassword] = useState('');
  const [removes, setRemoves] = useState(false);
  const act = async (): Promise<void> => {
    await ask('users.reset-password', { user: user.name, password, removeSecondFactor: removes });
    tell(t('saved'));
    await again();
  };
  return (
    <Confirm title={t('users.newPassword', { name: user.name })} verb={t('apply')} act={act} onClose={onClose}>
      <NewPasswordField value={password} onValue={setPassword} autofocus />
      {user.secondFactor && <CheckField label={t('users.removeFactor')} checked={removes} onChecked={setRemoves} />}
      <p>{t('users.passwordMeans')}</p>
    </Confirm>
  );
}
