import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Input, type Output } from '../../box/client.ts';
import { Button, SelectField, TextField } from '../../parts/controls.tsx';
import { explain, FaultNote, type Fault } from '../../parts/fault.tsx';
import { Icon } from '../../parts/icon.tsx';
import { Card, Facts, PageHead } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { go } from '../../shell/route.ts';
import { codecName } from '../../words/camera-words.ts';
import { bits, bytes, number } from '../../words/format.ts';
import { faultWords, t, tOf } from '../../words/index.ts';
import { LoginFields } from './login-fields.tsx';
import { MakerPatterns } from './patterns.tsx';

type Mode = NonNullable<Input<'cameras.add'>['mode']>;
type Transport = NonNullable<Input<'cameras.add'>['transport']>;
type Found = Output<'cameras.test'>;

const SECONDS_A_DAY = 86_400;
const TEST_S = 5;

/** By address: what the camera sends is looked at first, and shown before anything is added. */
export function AddCamera(): JSX.Element {
  const [form, setForm] = useState({
    name: '',
    url: 'rtsp://',
    subUrl: '',
    username: '',
    password: '',
    mode: 'continuous',
    transport: 'tcp',
  });
  const [found, setFound] = useState<Found>();
  const [fault, setFault] = useState<Fault>();
  const [busy, setBusy] = useState<'test' | 'add'>();
  const set = (changes: Partial<typeof form>): void => {
    setForm((before) => ({ ...before, ...changes }));
    if ('url' in changes || 'username' in changes || 'password' in changes) setFound(undefined);
  };
  const attempt = async (what: 'test' | 'add', act: () => Promise<void>): Promise<void> => {
    if (busy) return;
    setBusy(what);
    setFault(undefined);
    try {
      await act();
    } catch (error) {
      setFault(explain(error));
    } finally {
      setBusy(undefined);
    }
  };
  const { username, password, url } = form;
  const test = (): Promise<void> =>
    attempt('test', async () =>
      setFound(
        await ask('cameras.test', {
          url: url.trim(),
          username,
          password,
          transport: form.transport as Transport,
          seconds: TEST_S,
        }),
      ),
    );
  const add = (): Promise<void> =>
    attempt('add', async () => {
      const added = await ask('cameras.add', {
        name: form.name.trim(),
        url: url.trim(),
        ...(form.subUrl.trim() === '' ? {} : { subUrl: form.subUrl.trim() }),
        username,
        password,
        mode: form.mode as Mode,
        transport: form.transport as Transport,
      });
      tell(t('cameras.added', { name: added.name }));
      go(`/cameras/${added.id}`);
    });
  /** By the address of its device service: the camera itself says what it sends, and what it is called. */
  const addOnvif = (evenIfShort: boolean): Promise<void> =>
    attempt('add', async () => {
      const { added } = await ask('cameras.add-many', {
        cameras: [{ address: url.trim(), name: form.name.trim() }],
        username,
        password,
        mode: form.mode as Mode,
        evenIfShort,
      });
      const { camera, name = '', error } = added[0]!;
      if (camera === undefined) {
        if (error) setFault({ ...error, ...faultWords(error), details: [] });
        return;
      }
      tell(t('cameras.added', { name }));
      go(`/cameras/${camera}`);
    });
  const isOnvif = /^https?:\/\/./.test(url.trim());
  const canTest = /^rtsps?h?:\/\/./.test(url.trim());
  const ready = isOnvif || (form.name.trim() !== '' && canTest);
  return (
    <>
      <PageHead title={t('cameras.addTitle')} explain={t('cameras.addExplain')}>
        <a class="button" href="/cameras/add">
          {t('cancel')}
        </a>
      </PageHead>
      <form
        class="split"
        onSubmit={(event) => {
          event.preventDefault();
          void (isOnvif ? addOnvif(false) : found ? add() : test());
        }}
      >
        <Card title={t('cameras.where')}>
          <div class="form two">
            <TextField
              label={t('cameras.name')}
              hint={t('cameras.name.hint')}
              value={form.name}
              onValue={(name) => set({ name })}
              autocomplete="off"
              required
              autofocus
            />
            <MakerPatterns fill={set} />
            <TextField
              label={t('cameras.url')}
              hint={t('cameras.url.hint')}
              value={url}
              onValue={(to) => set({ url: to })}
              autocomplete="off"
              required
              code
            />
            <LoginFields login={form} onLogin={set} />
            <TextField
              label={t('cameras.subUrl')}
              hint={t('cameras.subUrl.hint')}
              value={form.subUrl}
              onValue={(subUrl) => set({ subUrl })}
              autocomplete="off"
              code
            />
            <SelectField
              label={t('cameras.mode')}
              value={form.mode}
              onValue={(mode) => set({ mode })}
              options={['continuous', 'schedule', 'event', 'manual'].map((value) => ({
                value,
                label: tOf('mode', value),
              }))}
            />
            <SelectField
              label={t('cameras.transport')}
              value={form.transport}
              onValue={(transport) => set({ transport })}
              options={['tcp', 'udp', 'auto'].map((value) => ({ value, label: tOf('transport', value) }))}
            />
          </div>
        </Card>
        <div class="stack">
          <Card title={t('cameras.found')}>
            {isOnvif && <p class="quiet-text">{t('cameras.onvifSays')}</p>}
            {!isOnvif && !found && busy !== 'test' && !fault && <p class="quiet-text">{t('cameras.foundNothing')}</p>}
            {busy === 'test' && <p role="status">{t('cameras.testing', { s: TEST_S })}</p>}
            <FaultNote
              fault={fault}
              {...(fault?.code === 'cameras.no-room' && {
                act: <Button onPress={() => addOnvif(true)}>{t('find.addAnyway')}</Button>,
              })}
            />
            {found && <FoundFacts found={found} />}
            {!isOnvif && (
              <Button icon="search" busy={busy === 'test'} disabled={!canTest} onPress={test}>
                {found ? t('cameras.testAgain') : t('cameras.test')}
              </Button>
            )}
            <Button
              kind="primary"
              icon="plus"
              busy={busy === 'add'}
              disabled={!ready}
              onPress={() => (isOnvif ? addOnvif(false) : add())}
            >
              {found || isOnvif ? t('cameras.addRecord') : t('cameras.addUntested')}
            </Button>
          </Card>
        </div>
      </form>
    </>
  );
}

function FoundFacts({ found }: { found: Found }): JSX.Element {
  const { video, fps, bitsPerSecond, keyFrameIntervalS, audio, clockOffsetS, packetsLost, warnings } = found;
  return (
    <>
      <p class="with-icon ok">
        <Icon name="check" size="s" />
        {t('cameras.answers')}
      </p>
      <Facts
        of={[
          [t('cameras.codec'), codecName(video.codec)],
          [t('cameras.resolution'), `${video.width}×${video.height}`],
          [t('cameras.fps'), number(fps, 1)],
          [t('cameras.gop'), keyFrameIntervalS === undefined ? '–' : t('unit.s', { n: number(keyFrameIntervalS, 1) })],
          [t('cameras.audio'), audio?.toUpperCase() ?? t('none')],
          [t('cameras.rate'), bits(bitsPerSecond)],
          [t('cameras.perDay'), bytes((bitsPerSecond / 8) * SECONDS_A_DAY)],
          [t('cameras.lost'), number(packetsLost)],
          ...(clockOffsetS === undefined
            ? []
            : [[t('cameras.clockOffset'), t('unit.s', { n: number(clockOffsetS, 1) })] as const]),
        ]}
      />
      {warnings.map(({ code, text }) => (
        <p key={code} class="note warn">
          {tOf('warning', code, text)}
        </p>
      ))}
    </>
  );
}
