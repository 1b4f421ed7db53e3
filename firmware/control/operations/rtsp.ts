import { z } from 'zod';
import { operation, type KnownCamera } from '../operation.ts';
import { RtspOverview, RtspPassword, rtspPasswordOf } from '../rtsp-shapes.ts';
import { theCamera } from './cameras.ts';

const OneId = z.object({ id: z.string().min(1).max(60) });

export const rtspShow = operation({
  name: 'rtsp.show',
  title: 'Show where players and recorders get live streams from the box, and who takes one now',
  effect: 'read',
  right: 'live',
  offline: false,
  input: z.object({}),
  output: RtspOverview,
  seen: ({ cameras, readers, ...rest }, { caller }) => ({
    ...rest,
    cameras: cameras.filter(({ camera }) => caller.may('live', camera)),
    // Who watches and from where is for those who manage users.
    readers: readers.filter(({ camera }) => caller.may('users') && caller.may('live', camera)),
  }),
  handle: async (_input, box) => {
    const { readers, ...ports } = box.rtsp.show();
    const cameras = box.settings.cameras().map(({ id, name, streams }) => ({
      camera: id,
      name,
      streams: streams.map((stream) => ({ stream: stream.id, path: `/${id}/${stream.id}` })),
    }));
    return { ...ports, cameras, readers: [...readers] };
  },
});

export const rtspPasswordsList = operation({
  name: 'rtsp.passwords.list',
  title: 'List the RTSP passwords: those who may manage users see all, others their own',
  effect: 'read',
  right: 'live',
  offline: true,
  input: z.object({}),
  output: z.array(RtspPassword),
  seen: (passwords, { sees }) =>
    passwords.map(({ cameras, ...rest }) => (cameras ? { ...rest, cameras: cameras.filter(sees) } : rest)),
  handle: async (_input, { accounts }, { caller }) => {
    const own = accounts.sessions.userIdOf(caller) === undefined ? undefined : caller.name;
    return accounts.rtspPasswords
      .list()
      .filter(({ owner }) => caller.may('users') || (own !== undefined && owner === own))
      .map(rtspPasswordOf);
  },
});

export const rtspPasswordsCreate = operation({
  name: 'rtsp.passwords.create',
  title: 'Make a name and password for a player or recorder, which may watch live and nothing else; told this once',
  effect: 'change',
  right: 'live',
  offline: true,
  input: z.object({
    /** What it is for. */
    label: z
      .string()
      .trim()
      .max(60)
      .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u, 'must be letters that can be seen')
      .default(''),
    /** Ids or names; left out: every camera that you may watch, also later ones. */
    cameras: z.array(z.string().min(1).max(100)).min(1).max(256).optional(),
    /** From now; without it the password holds until it is revoked. */
    days: z.number().positive().max(3660).optional(),
  }),
  output: RtspPassword.extend({ password: z.string() }),
  subject: ({ label }) => label,
  cameras: ({ cameras = [] }, known) => cameras.flatMap((camera) => theCamera({ camera }, known)),
  handle: async ({ cameras, ...wanted }, box, { caller }) => {
    const known = (): readonly KnownCamera[] => box.settings.cameras();
    const ids = cameras && [...new Set(cameras.flatMap((camera) => theCamera({ camera }, known)))];
    const { made, password } = await box.accounts.rtspPasswords.create({ ...wanted, cameras: ids }, caller);
    return { ...rtspPasswordOf(made), password };
  },
});

export const rtspPasswordsRevoke = operation({
  name: 'rtsp.passwords.revoke',
  title: 'Revoke an RTSP password: your own, or any if you may manage users; streams that were opened with it end',
  effect: 'change',
  right: 'live',
  offline: true,
  input: OneId,
  output: OneId,
  subject: ({ id }) => id,
  handle: async ({ id }, { accounts }, { caller }) => {
    await accounts.rtspPasswords.revoke(id, caller);
    return { id };
  },
});
