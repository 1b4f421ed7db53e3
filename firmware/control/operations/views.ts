import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { operation, type Asker } from '../operation.ts';
import { Id } from '../shapes.ts';
import { findCamera } from './cameras.ts';

const ViewId = z.string().min(1).max(60);
const Place = z.union([Id, z.literal('')]);
const Shown = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be letters that can be seen'),
  /** How many tiles the wall has. */
  places: z.int().min(1).max(64),
  /** Absent: the window's own layout of so many tiles. The first tile is as wide and high as `large` of the others. */
  layout: z
    .object({ columns: z.int().min(1).max(8), rows: z.int().min(1).max(8), large: z.int().min(1).max(8) })
    .optional(),
  /** One for each place; empty where nothing hangs. */
  cameras: z.array(Place).max(64),
};

const View = z.object({
  id: ViewId,
  ...Shown,
  /** Everybody's, kept as the box's; false: one's own. */
  shared: z.boolean(),
});

function placesOf({ columns, rows, large }: { columns: number; rows: number; large: number }): number {
  return columns * rows - large * large + 1;
}

/** Whose views somebody has besides those of the box; undefined for machines and the command line. */
function ownerOf({ caller }: Asker): string | undefined {
  return caller.kind === 'session' ? caller.name : undefined;
}

/** Views of the box are for all cameras and everybody: who arranges them must be allowed to set the box up. */
function mustArrange({ caller, sees }: Asker): void {
  if (!caller.may('settings') || !sees(EVERY_CAMERA)) throw new BoxError('control.forbidden', { right: 'settings' });
}

export const viewsList = operation({
  name: 'views.list',
  title: "List the named views of the live wall: the box's, and one's own",
  effect: 'read',
  right: 'live',
  offline: true,
  input: z.object({}),
  output: z.array(View),
  // Where a camera hangs that somebody does not see, they find an empty place.
  seen: (views, { sees }) =>
    views.map((view) => ({ ...view, cameras: view.cameras.map((camera) => (sees(camera) ? camera : '')) })),
  handle: async (_input, box, asker) =>
    box.views.list(ownerOf(asker)).map(({ owner, ...view }) => ({ ...view, shared: owner === '' })),
});

export const viewsSave = operation({
  name: 'views.save',
  title: 'Keep an arrangement of the live wall under a name, for oneself or, as that of the box, for everybody',
  effect: 'change',
  right: 'live',
  offline: true,
  input: z.object({ ...Shown, shared: z.boolean().default(false) }),
  output: View,
  cameras: ({ cameras }, known) => cameras.filter(Boolean).map((camera) => findCamera(known(), camera).id),
  handle: async ({ shared, ...shown }, box, asker) => {
    if (shared) mustArrange(asker);
    const { layout, places } = shown;
    if (layout && (layout.large > Math.min(layout.columns, layout.rows) || placesOf(layout) !== places)) {
      throw new BoxError('control.bad-input', { faults: ['layout: must have as many tiles as places says'] });
    }
    const owner = shared ? '' : ownerOf(asker);
    if (owner === undefined) throw new BoxError('accounts.not-for-machines');
    const before = box.views.list(owner).find((view) => view.owner === owner && view.name === shown.name);
    const id = before?.id ?? randomUUID();
    await box.views.save({ id, owner, ...shown });
    return { id, shared, ...shown };
  },
});

export const viewsRemove = operation({
  name: 'views.remove',
  title: 'Forget a named view of the live wall',
  effect: 'change',
  right: 'live',
  offline: true,
  input: z.object({ id: ViewId }),
  output: z.object({ id: ViewId }),
  subject: ({ id }) => id,
  handle: async ({ id }, box, asker) => {
    const own = ownerOf(asker);
    const found = box.views.list(own).find((view) => view.id === id);
    if (found?.owner === '') mustArrange(asker);
    await box.views.remove(id, found?.owner ?? own ?? '');
    return { id };
  },
});
