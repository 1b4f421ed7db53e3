import { z } from 'zod';
import { CAMERA_RIGHTS, RIGHTS, ROLES, type Right, type TokenView, type UserView } from '../accounts/index.ts';
import { Id, isoOf } from './shapes.ts';

/** Control, format and line characters would let a name disguise itself in lists and logs. */
const VISIBLE = /^[^\p{C}\p{Zl}\p{Zp}]*$/u;

export const UserName = z.string().trim().min(1).max(60).regex(VISIBLE, 'must be letters that can be seen');
/** Of somebody new: what jobs and logs call the box itself, or a token, is nobody's name. */
export const NewUserName = UserName.refine(
  (name) => !/^(?:local$|token\/)/.test(name.normalize('NFKC').toLowerCase()),
  'must not be what the box calls itself or a token: local, token/...',
);
/** Its rules are checked where it is set. */
export const Password = z.string().min(1).max(1000);
export const Code = z.string().min(1).max(60);
const AnyRight = z.enum(RIGHTS);

/** The cameras that somebody may see at all, and what they may do with each. */
const CameraList = z.array(z.object({ camera: Id, rights: z.array(z.enum(CAMERA_RIGHTS)).max(10) })).max(1000);

/** What is given: a role, for `custom` its rights, and a list of cameras that narrows it; null or none: all cameras. */
export const GrantsInput = {
  role: z.enum(ROLES),
  rights: z.array(AnyRight).max(RIGHTS.length).optional(),
  cameras: CameraList.nullable().optional(),
};

export const TokenScope = {
  rights: z.array(AnyRight).min(1).max(RIGHTS.length),
  cameras: CameraList.nullable().optional(),
};

const Grants = { rights: z.array(AnyRight).optional(), cameras: CameraList.optional() };

export const User = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  ...Grants,
  disabled: z.boolean(),
  secondFactor: z.boolean(),
  sessions: z.number(),
  created: z.string(),
  passwordSet: z.string(),
  /** Name of who set it; `local`: somebody at the box itself. */
  passwordSetBy: z.string(),
});

export const Session = z.object({
  id: z.string(),
  user: z.string(),
  address: z.string(),
  agent: z.string(),
  created: z.string(),
  lastSeen: z.string(),
  /** The one in which this is asked. */
  own: z.boolean(),
});

export const Token = z.object({
  id: z.string(),
  name: z.string(),
  owner: z.string(),
  rights: z.array(AnyRight),
  cameras: CameraList.optional(),
  created: z.string(),
  expires: z.string().optional(),
  lastUsed: z.string().optional(),
});

export function userOf(view: UserView): z.input<typeof User> {
  const { rights, cameras, createdUs, passwordAtUs, passwordBy, ...rest } = view;
  return {
    ...rest,
    ...(rights ? { rights: [...rights] } : {}),
    ...camerasOf(cameras),
    created: isoOf(createdUs),
    passwordSet: isoOf(passwordAtUs),
    passwordSetBy: passwordBy,
  };
}

export function tokenOf({ rights, cameras, createdUs, expiresUs, lastUs, ...rest }: TokenView): z.input<typeof Token> {
  return {
    ...rest,
    rights: [...rights] as Right[],
    ...camerasOf(cameras),
    created: isoOf(createdUs),
    ...(expiresUs === undefined ? {} : { expires: isoOf(expiresUs) }),
    ...(lastUs === undefined ? {} : { lastUsed: isoOf(lastUs) }),
  };
}

function camerasOf(cameras: UserView['cameras']): { cameras?: z.input<typeof CameraList> } {
  return cameras ? { cameras: cameras.map(({ camera, rights }) => ({ camera, rights: [...rights] })) } : {};
}

/** What was given, without the cameras that the asker may not know of. */
export function seenGrants<T extends { cameras?: z.output<typeof CameraList> | undefined }>(
  given: T,
  sees: (camera: string) => boolean,
): T {
  return given.cameras ? { ...given, cameras: given.cameras.filter(({ camera }) => sees(camera)) } : given;
}
