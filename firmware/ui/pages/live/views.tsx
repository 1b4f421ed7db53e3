import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { may } from '../../box/session.ts';
import { parts } from '../../shell/route.ts';
import { ActButton, Segments, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { t } from '../../words/index.ts';
import { dropView, openView, saveView, views, wall, type NamedView } from './view-store.ts';

/** The named view that is shown, if nothing was changed since; chosen among those of the box and one's own. */
export function ViewChoice(): JSX.Element | null {
  if (views.value.length === 0) return null;
  const shown = shownView();
  const options = (list: readonly NamedView[]): JSX.Element[] =>
    list.map(({ id, name }) => (
      <option key={id} value={id}>
        {name}
      </option>
    ));
  const [shared, own] = [true, false].map((each) => views.value.filter((view) => view.shared === each)) as [
    NamedView[],
    NamedView[],
  ];
  return (
    <select
      aria-label={t('wall.views')}
      value={shown?.id ?? ''}
      onChange={(event) => openView(event.currentTarget.value)}
    >
      {!shown && <option value="">{t('wall.unnamed')}</option>}
      {shared.length > 0 && <optgroup label={t('wall.views.box')}>{options(shared)}</optgroup>}
      {own.length > 0 && <optgroup label={t('wall.views.own')}>{options(own)}</optgroup>}
    </select>
  );
}

function shownView(): NamedView | undefined {
  const [, kind, id] = parts.value;
  const found = kind === 'view' ? views.value.find((view) => view.id === id) : undefined;
  return found && found.name === wall.value?.name ? found : undefined;
}

/** Keeps what hangs on the wall under a name, for oneself or for everybody. */
export function SaveView({ onClose }: { onClose: () => void }): JSX.Element {
  const [name, setName] = useState(wall.peek()?.name ?? '');
  const [shared, setShared] = useState(shownView()?.shared ?? false);
  const same = views.value.find((each) => each.name === name.trim() && each.shared === shared);
  const mayShare = may('settings');
  return (
    <Confirm
      title={t('wall.save')}
      verb={same ? t('wall.saveOver') : t('wall.saveIt')}
      act={() => saveView(name.trim(), shared)}
      onClose={onClose}
    >
      <TextField label={t('wall.viewName')} value={name} onValue={setName} autofocus required />
      {mayShare && (
        <Segments
          label={t('wall.viewFor')}
          value={shared ? 'box' : 'own'}
          options={(['own', 'box'] as const).map((value) => ({ value, label: t(`wall.viewFor.${value}`) }))}
          onValue={(wanted) => setShared(wanted === 'box')}
        />
      )}
      <p class="hint">{shared ? t('wall.viewFor.boxHint') : t('wall.viewFor.ownHint')}</p>
      {same && (!same.shared || mayShare) && (
        <ActButton
          kind="danger"
          act={async () => {
            await dropView(same);
            onClose();
          }}
        >
          {t('wall.dropView')}
        </ActButton>
      )}
    </Confirm>
  );
}
