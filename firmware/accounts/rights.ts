/** Rights over one camera each: a list of cameras may narrow them. */
export const CAMERA_RIGHTS = ['live', 'playback', 'export', 'ptz'] as const;

/** Everything that may be allowed. The rights after those of cameras are over what the box does with the cameras that one sees. */
export const RIGHTS = [
  ...CAMERA_RIGHTS,
  'record',
  'events',
  'lock',
  'cameras',
  'disks',
  'settings',
  'users',
  'logs',
  'state',
  'erase',
] as const;

export type CameraRight = (typeof CAMERA_RIGHTS)[number];
export type Right = (typeof RIGHTS)[number];

export const ROLES = ['administrator', 'operator', 'viewer', 'custom'] as const;
export type Role = (typeof ROLES)[number];

/** What each role may do; `custom` says it itself. */
const RIGHTS_OF: Readonly<Record<Exclude<Role, 'custom'>, readonly Right[]>> = {
  administrator: RIGHTS,
  operator: ['live', 'playback', 'export', 'ptz', 'record', 'events', 'lock', 'state'],
  viewer: ['live', 'playback', 'state'],
};

/** Stands for every camera, also those that are added later; no camera has this id. */
export const EVERY_CAMERA = '*';

/** What somebody was given. `cameras` absent: all of them, also those that are added later. */
export interface Grants {
  readonly role: Role;
  /** Of the role `custom` only. */
  readonly rights?: readonly Right[] | undefined;
  readonly cameras?: readonly { readonly camera: string; readonly rights: readonly CameraRight[] }[] | undefined;
}

/** What grants come to: `may` as a `Caller` answers it. */
export interface Allowance {
  /** Without a camera: whether the right is there at all, for at least one camera if it is one over cameras. */
  readonly may: (right: Right, camera?: string) => boolean;
}

export const NOTHING: Allowance = { may: () => false };

/** What a user with these grants may do. Administrators see every camera, whatever list they were given. */
export function allowanceOf(grants: Grants): Allowance {
  const rights: ReadonlySet<Right> = new Set(grants.role === 'custom' ? grants.rights : RIGHTS_OF[grants.role]);
  if (grants.role === 'administrator' || !grants.cameras) return { may: (right) => rights.has(right) };
  const byCamera = new Map(
    grants.cameras.map((each) => [each.camera, new Set<Right>(each.rights.filter((right) => rights.has(right)))]),
  );
  return {
    may: (right, camera) => {
      if (!rights.has(right)) return false;
      if (!isCameraRight(right)) return camera === undefined || byCamera.has(camera);
      if (camera !== undefined) return byCamera.get(camera)?.has(right) ?? false;
      return [...byCamera.values()].some((each) => each.has(right));
    },
  };
}

/** What both allow: a token never does more than the user who made it. */
export function bothOf(one: Allowance, other: Allowance): Allowance {
  return { may: (right, camera) => one.may(right, camera) && other.may(right, camera) };
}

/** Whether the first may do everything that the grants allow: nobody gives away what they do not have. */
export function covers(who: Allowance, grants: Grants): boolean {
  const given = allowanceOf(grants);
  const narrowed = grants.role === 'administrator' ? undefined : grants.cameras;
  const cameras = narrowed ? narrowed.map(({ camera }) => camera) : [EVERY_CAMERA];
  return RIGHTS.every((right) => {
    if (given.may(right) && !who.may(right)) return false;
    return cameras.every((camera) => !given.may(right, camera) || who.may(right, camera));
  });
}

/** Whether somebody may know at all that a camera exists: with any right, over it or over what the box does with it. */
export function seesCamera(who: Allowance, camera: string): boolean {
  return RIGHTS.some((right) => who.may(right, camera));
}

function isCameraRight(right: Right): right is CameraRight {
  return (CAMERA_RIGHTS as readonly Right[]).includes(right);
}
