import type { JSX } from 'preact';
import type { Right } from '../../box/session.ts';
import { CheckField } from '../../parts/controls.tsx';
import { t } from '../../words/index.ts';

/** All that may be allowed, in the order in which people think of it. */
export const RIGHTS = [
  'live',
  'playback',
  'export',
  'ptz',
  'record',
  'events',
  'lock',
  'state',
  'cameras',
  'disks',
  'settings',
  'users',
  'logs',
  'erase',
] as const satisfies readonly Right[];

export function RightsChoice({
  chosen,
  onChosen,
}: {
  chosen: readonly Right[];
  onChosen: (rights: Right[]) => void;
}): JSX.Element {
  return (
    <fieldset class="rights">
      <legend>{t('users.rights')}</legend>
      {RIGHTS.map((right) => (
        <CheckField
          key={right}
          label={t(`right.${right}`)}
          checked={chosen.includes(right)}
          onChecked={(on) => onChosen(on ? [...chosen, right] : chosen.filter((each) => each !== right))}
        />
      ))}
    </fieldset>
  );
}
