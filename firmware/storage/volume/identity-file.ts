import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';

export const IDENTITY_FILE = 'ipvs-volume.json';
export const NEW_IDENTITY_FILE = `${IDENTITY_FILE}.new`;
export const IDENTITY_VERSION = 1;

export interface VolumeIdentity {
  readonly version: typeof IDENTITY_VERSION;
  /** uuid of the volume. */
  readonly volume: string;
  /** uuid of the box that it belongs to. */
  readonly box: string;
  /** When it was made, UTC microseconds as the box believed them. */
  readonly createdUs: number;
}

export type IdentityJudgement =
  | { readonly kind: 'sound'; readonly identity: VolumeIdentity }
  /** Made by a firmware that knows more than this one. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' };

/** What the text of an identity file says. */
export function judgeIdentity(text: string): IdentityJudgement {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'damaged' };
    throw error;
  }
  if (typeof value !== 'object' || value === null) return { kind: 'damaged' };
  const { version, volume, box, createdUs } = value as Record<string, unknown>;
  if (Number.isSafeInteger(version) && (version as number) > IDENTITY_VERSION) {
    return { kind: 'newer', version: version as number };
  }
  if (version !== IDENTITY_VERSION || !isUuid(volume) || !isUuid(box) || !Number.isSafeInteger(createdUs)) {
    return { kind: 'damaged' };
  }
  return { kind: 'sound', identity: { version, volume, box, createdUs: createdUs as number } };
}

/** Writes the identity file of a folder durably but for the folder's own sync, and never half. */
export async function writeIdentity(root: string, identity: VolumeIdentity): Promise<void> {
  const file = await open(join(root, NEW_IDENTITY_FILE), 'w', 0o640);
  try {
    await file.writeFile(`${JSON.stringify(identity, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(join(root, NEW_IDENTITY_FILE), join(root, IDENTITY_FILE));
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value);
}
