import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { operation, type Asker } from '../operation.ts';

/** The settings as docs/settings.md lists them; the schema of the settings checks them. */
const Document = z.record(z.string().max(100), z.unknown());
const Passphrase = z.string().min(12, 'must have at least 12 characters').max(200);

const Changed = z.object({
  /** What is in force now, secrets masked. */
  settings: Document,
  /** Paths that have another value than before. */
  changed: z.array(z.string()),
  /** Those among them that count from the next start on. */
  afterRestart: z.array(z.string()),
});

export const configGet = operation({
  name: 'config.get',
  title: 'The settings in force; secrets are masked',
  effect: 'read',
  right: 'settings',
  offline: true,
  input: z.object({}),
  output: Document,
  seen: seenSettings,
  handle: async (_input, box) => box.config.show(),
});

export const configSet = operation({
  name: 'config.set',
  title: 'Change settings: all that is named, or, if anything is wrong, nothing',
  effect: 'change',
  right: 'settings',
  offline: true,
  input: z.object({
    /**
     * JSON merge patch (RFC 7396): null takes away. Of a list of things with an id, an object by id changes single ones, a list
     * replaces all. What is sent back as it was shown, masks too, stays as it is.
     */
    patch: Document,
  }),
  output: Changed,
  subject: ({ patch }) => Object.keys(patch).join(' '),
  seen: (answer, asker) => ({ ...answer, settings: seenSettings(answer.settings, asker) }),
  handle: async ({ patch }, box, asker) => {
    // A list of cameras replaces the one there is, with those that the asker does not see.
    if (Object.hasOwn(patch, 'cameras')) mustSeeAll(asker);
    return box.config.change(patch);
  },
});

export const configExport = operation({
  name: 'config.export',
  title: 'All settings with their secrets, encrypted under a passphrase',
  effect: 'change',
  right: 'settings',
  offline: true,
  input: z.object({ passphrase: Passphrase }),
  output: z.object({ format: z.literal('ipvs-settings'), version: z.literal(1) }).catchall(z.unknown()),
  handle: async ({ passphrase }, box, asker) => {
    mustSeeAll(asker);
    return box.config.export(passphrase);
  },
});

export const configImport = operation({
  name: 'config.import',
  title: 'Put exported settings in force; the identity of the box stays',
  effect: 'change',
  right: 'settings',
  offline: true,
  input: z.object({ passphrase: z.string().max(200), sealed: Document }),
  output: Changed,
  handle: async ({ passphrase, sealed }, box, asker) => {
    mustSeeAll(asker);
    return box.config.import(passphrase, sealed);
  },
});

function mustSeeAll({ sees }: Asker): void {
  if (!sees(EVERY_CAMERA)) throw new BoxError('control.forbidden', { right: 'settings', cameras: 'not all are seen' });
}

/** The settings without the cameras that the asker may not know of. */
function seenSettings(settings: z.output<typeof Document>, { sees }: Asker): z.output<typeof Document> {
  const { cameras } = settings;
  if (!Array.isArray(cameras)) return settings;
  return { ...settings, cameras: (cameras as { id: string }[]).filter(({ id }) => sees(id)) };
}
