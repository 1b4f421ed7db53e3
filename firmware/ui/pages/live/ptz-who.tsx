import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { boxNow } from '../../box/client.ts';
import { me } from '../../box/session.ts';
import { statusOf } from '../../media/my-cameras.ts';
import { Button } from '../../parts/controls.tsx';
import { Chip } from '../../parts/show.tsx';
import { t } from '../../words/index.ts';
import type { Steering } from './steering.ts';

/** As the box ranks those who steer; whoever has chosen rights has no role to be named. */
const ROLES = new Map([
  [3, 'ptz.who.administrator'],
  [2, 'ptz.who.operator'],
] as const);

function nameAndRole({ by, priority }: { readonly by: string; readonly priority: number }): string {
  const role = ROLES.get(priority as 2 | 3);
  return role === undefined ? by : t(role, { name: by });
}

/** Who steers: oneself and how long yet, or somebody else and what can be done about it. `says`: it is read out as it changes. */
export function Who({ steering, says = false }: { steering: Steering; says?: boolean }): JSX.Element {
  const by = steering.state.value?.steering;
  const { fault } = steering;
  return (
    <span class="ptz-who" {...(says && { role: 'status' })} onPointerDown={(event) => event.stopPropagation()}>
      {fault.value ? (
        <Chip tone="warn">{fault.value.what}</Chip>
      ) : by?.mine === true ? (
        <Mine steering={steering} by={by} />
      ) : by ? (
        <Others steering={steering} by={by} />
      ) : (
        <Chip icon="move">{t('ptz.free')}</Chip>
      )}
    </span>
  );
}

type By = NonNullable<NonNullable<Steering['state']['value']>['steering']>;

function Mine({ steering, by }: { steering: Steering; by: By }): JSX.Element {
  const [first] = by.asks;
  return (
    <>
      <Chip tone="acc" icon="move">
        <span>
          {t('ptz.mine')}
          {steering.wish.value === undefined && <Left untilMs={Date.parse(by.until)} over={() => steering.look()} />}
        </span>
      </Chip>
      {first && (
        <>
          <Chip tone="warn">{t('ptz.asks', { name: nameAndRole(first) })}</Chip>
          <Button onPress={() => steering.letGo()}>{t('ptz.letGo')}</Button>
        </>
      )}
    </>
  );
}

function Others({ steering, by }: { steering: Steering; by: By }): JSX.Element {
  const name = nameAndRole(by);
  return (
    <>
      <Chip tone={steering.isTaken.value ? 'warn' : 'plain'} icon="move">
        {steering.isTaken.value ? t('ptz.taken', { name }) : t('ptz.others', { name })}
      </Chip>
      {by.asked ? <Chip>{t('ptz.asked')}</Chip> : <Button onPress={() => steering.askFor()}>{t('ptz.ask')}</Button>}
      {by.takes && <Button onPress={() => steering.take()}>{t('ptz.take')}</Button>}
    </>
  );
}

/** Counts down; not read out, or it would be every second. */
function Left({ untilMs, over }: { untilMs: number; over: () => void }): JSX.Element {
  const [leftS, setLeftS] = useState(() => secondsTo(untilMs));
  useEffect(() => {
    const count = (): void => {
      const next = secondsTo(untilMs);
      setLeftS(next);
      if (next === 0) over();
    };
    count();
    const timer = setInterval(count, 1000);
    return () => clearInterval(timer);
  }, [untilMs]);
  return (
    <span class="ptz-left" aria-hidden="true">
      {t('ptz.left.in', { n: leftS })}
    </span>
  );
}

function secondsTo(atMs: number): number {
  return Math.max(0, Math.ceil((atMs - boxNow()) / 1000));
}

/** On the picture of a camera that is not steered from this window: who does. */
export function SteeredBy({ camera }: { camera: string }): JSX.Element | null {
  const by = statusOf(camera)?.steering;
  if (!by || by.by === me.value?.name) return null;
  return (
    <span class="ptz-other">
      <Chip icon="move">{t('ptz.others', { name: nameAndRole(by) })}</Chip>
    </span>
  );
}
