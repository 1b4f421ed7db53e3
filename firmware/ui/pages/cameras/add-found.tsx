import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Input, type Output } from '../../box/client.ts';
import { Button, SelectField } from '../../parts/controls.tsx';
import { explain, FaultNote, type Fault } from '../../parts/fault.tsx';
import { Card } from '../../parts/show.tsx';
import { number } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';
import { LoginFields } from './login-fields.tsx';

type Answer = Output<'cameras.add-many'>;
export type Verdict = Answer['added'][number];
type Mode = NonNullable<Input<'cameras.add-many'>['mode']>;

/** One login for all that are chosen; what the box says of each goes to its row. */
export function AddFound(props: {
  cameras: readonly { address: string; name: string }[];
  told: (added: readonly Verdict[]) => void;
}): JSX.Element {
  const { cameras, told } = props;
  const [login, setLogin] = useState({ username: 'admin', password: '' });
  const [mode, setMode] = useState('continuous');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const [answer, setAnswer] = useState<Answer>();
  const add = async (evenIfShort: boolean): Promise<void> => {
    if (busy || cameras.length === 0) return;
    setBusy(true);
    setFault(undefined);
    setAnswer(undefined);
    try {
      const given = { cameras: [...cameras], ...login, mode: mode as Mode, evenIfShort };
      const answered = await ask('cameras.add-many', given);
      setAnswer(answered);
      told(answered.added);
    } catch (error) {
      setFault(explain(error));
    } finally {
      setBusy(false);
    }
  };
  const failed = answer?.added.filter(({ error }) => error).length ?? 0;
  const short = fault?.code === 'cameras.no-room';
  return (
    <Card title={t('find.login', { n: cameras.length })}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void add(false);
        }}
      >
        <p class="quiet-text">{t('find.loginHint')}</p>
        <LoginFields login={login} onLogin={setLogin} />
        <SelectField
          label={t('cameras.mode')}
          value={mode}
          onValue={setMode}
          options={['continuous', 'schedule', 'event', 'manual'].map((value) => ({
            value,
            label: tOf('mode', value),
          }))}
        />
        <FaultNote
          fault={fault}
          {...(short && { act: <Button onPress={() => add(true)}>{t('find.addAnyway')}</Button> })}
        />
        {busy && <p role="status">{t('find.tries', { n: cameras.length })}</p>}
        {answer && (
          <p role="status">
            {t('find.result', { n: answer.added.length - failed, failed })}{' '}
            {answer.room.days !== undefined && t('find.keeps', { n: number(Math.floor(answer.room.days)) })}
          </p>
        )}
        <Button type="submit" kind="primary" icon="plus" busy={busy} disabled={cameras.length === 0}>
          {t('find.add', { n: cameras.length })}
        </Button>
      </form>
    </Card>
  );
}
