import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Segments, SelectField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { t } from '../../words/index.ts';
import { columnsOf, MOST_SIDE, placesOf, resize, wall, type Layout } from './view-store.ts';

const LARGE = [1, 2, 3, 4];

/** As the wall is now, as far as it can be said so. */
function layoutNow(): Layout {
  const now = wall.peek();
  if (!now) return { columns: 3, rows: 3, large: 1 };
  if (now.layout) return now.layout;
  const columns = columnsOf(now);
  // The layouts with a large tile are square, and it leaves one row and column to the others.
  return { columns, rows: columns, large: now.size === columns * columns ? 1 : columns - 1 };
}

/** How many tiles the wall has beside and below each other, and whether the first is large; with a small picture of it. */
export function LayOut({ ids, onClose }: { ids: readonly string[]; onClose: () => void }): JSX.Element {
  const [layout, setLayout] = useState(layoutNow);
  const { columns, rows, large } = layout;
  const change = (next: Partial<Layout>): void => {
    const all = { ...layout, ...next };
    setLayout({ ...all, large: Math.min(all.large, all.columns, all.rows) });
  };
  const sides = Array.from({ length: MOST_SIDE }, (_, at) => String(at + 1)).map((value) => ({ value, label: value }));
  const places = placesOf(layout);
  return (
    <Confirm title={t('wall.layOut')} verb={t('apply')} act={async () => resize(places, ids, layout)} onClose={onClose}>
      <div class="form two">
        <SelectField
          label={t('wall.columns')}
          value={String(columns)}
          options={sides}
          onValue={(value) => change({ columns: Number(value) })}
        />
        <SelectField
          label={t('wall.rows')}
          value={String(rows)}
          options={sides}
          onValue={(value) => change({ rows: Number(value) })}
        />
      </div>
      <div class="field">
        <span>{t('wall.large')}</span>
        <Segments
          label={t('wall.large')}
          value={String(large)}
          options={LARGE.filter((each) => each <= Math.min(columns, rows)).map((each) => ({
            value: String(each),
            label: each === 1 ? t('wall.large.no') : `${each} × ${each}`,
          }))}
          onValue={(value) => change({ large: Number(value) })}
        />
      </div>
      <div
        class="wall-plan"
        style={{ '--columns': columns, '--rows': rows, '--large': large }}
        role="img"
        aria-label={t('wall.size', { n: places })}
      >
        {Array.from({ length: places }, (_, at) => (
          <i key={at} />
        ))}
      </div>
      <p class="hint">{t('wall.size', { n: places })}</p>
    </Confirm>
  );
}
