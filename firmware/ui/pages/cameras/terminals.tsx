import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { Button } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Card } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { t } from '../../words/index.ts';

const EVERY_MS = 5_000;

/** The terminals of a camera: what its inputs say, and its outputs to be switched. Nothing where it has none. */
export function CameraTerminals({ id }: { id: string }): JSX.Element | null {
  const standing = useAsked('cameras.standing', {}, { everyMs: EVERY_MS });
  const own = standing.value?.find(({ camera }) => camera === id);
  const able = own?.onvif?.phase === 'online' && own.trust !== 'untrusted';
  const inputs = useAsked('cameras.inputs', able ? { camera: id } : undefined, { everyMs: EVERY_MS });
  const relays = useAsked('cameras.relays', able ? { camera: id } : undefined);
  const [asks, setAsks] = useState<{ relay: string; active: boolean }>();
  const ins = able ? (inputs.value ?? []) : [];
  const outs = able ? (relays.value ?? []) : [];
  if (ins.length === 0 && outs.length === 0) return null;
  return (
    <Card title={t('io.title')}>
      {ins.map(({ input, active }) => (
        <p key={input} class="row between">
          <span>
            {t('io.input')} <bdi class="code">{input}</bdi>
          </span>
          <span class={active ? 'warn' : 'quiet-text'}>{active ? t('io.active') : t('io.idle')}</span>
        </p>
      ))}
      {outs.map(({ relay }) => (
        <div key={relay} class="row between">
          <span>
            {t('io.output')} <bdi class="code">{relay}</bdi>
          </span>
          {may('ptz') && (
            <span class="row">
              <Button onPress={() => setAsks({ relay, active: true })}>{t('io.on')}</Button>
              <Button onPress={() => setAsks({ relay, active: false })}>{t('io.off')}</Button>
            </span>
          )}
        </div>
      ))}
      {asks && (
        <Confirm
          title={t(asks.active ? 'io.onThis' : 'io.offThis', { name: asks.relay })}
          verb={t(asks.active ? 'io.on' : 'io.off')}
          act={async () => {
            await ask('cameras.relay', { camera: id, ...asks });
            tell(t('io.switched', { name: asks.relay }));
          }}
          onClose={() => setAsks(undefined)}
        >
          <p>{t('io.means')}</p>
        </Confirm>
      )}
    </Card>
  );
}
