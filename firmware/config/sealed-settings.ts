import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import * as z from 'zod';
import { BoxError } from '../base/index.ts';
import { checkSettings } from './check.ts';
import { currentVersion, migrate, MIGRATIONS, type Document } from './migrations.ts';
import type { Settings, SettingsDraft } from './schema.ts';

/** 32 MiB and some tenths of a second on a small board for each guess (RFC 7914). */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const KEY_BYTES = 32;
const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);
const base64 = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/);

const Sealed = z.strictObject({
  format: z.literal('ipvs-settings'),
  version: z.literal(1),
  // Only what the box itself writes: nobody makes it derive a key for an hour.
  kdf: z.strictObject({
    name: z.literal('scrypt'),
    N: z.literal(COST.N),
    r: z.literal(COST.r),
    p: z.literal(COST.p),
    salt: base64(64),
  }),
  cipher: z.strictObject({ name: z.literal('aes-256-gcm'), iv: base64(32), tag: base64(32) }),
  data: base64(4_000_000),
});
type Sealed = z.output<typeof Sealed>;

/** All settings, secrets too, readable only with the passphrase: scrypt, then AES-256-GCM over the settings with their version. */
export async function sealSettings(settings: Settings, passphrase: string): Promise<Sealed> {
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const key = await derive(passphrase.normalize('NFC'), salt, KEY_BYTES, { ...COST, maxmem: 64 << 20 });
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from('ipvs-settings 1'));
  const text = JSON.stringify({ version: currentVersion(MIGRATIONS), ...settings });
  const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return {
    format: 'ipvs-settings',
    version: 1,
    kdf: { name: 'scrypt', N: 32_768, r: 8, p: 3, salt: salt.toString('base64') },
    cipher: { name: 'aes-256-gcm', iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64') },
    data: data.toString('base64'),
  };
}

/**
 * The settings of an export, brought to the version of this firmware and checked. Rejects with config.not-opened (alike for a wrong
 * passphrase and for damage), config.invalid, config.unknown-key.
 */
export async function openSettings(given: unknown, passphrase: string): Promise<SettingsDraft> {
  const { kdf, cipher, data } = sealedOf(given);
  const key = await derive(passphrase.normalize('NFC'), Buffer.from(kdf.salt, 'base64'), KEY_BYTES, {
    ...COST,
    maxmem: 64 << 20,
  });
  let document: Document;
  try {
    const options = { authTagLength: 16 };
    const opener = createDecipheriv('aes-256-gcm', key, Buffer.from(cipher.iv, 'base64'), options)
      .setAAD(Buffer.from('ipvs-settings 1'))
      .setAuthTag(Buffer.from(cipher.tag, 'base64'));
    const text = Buffer.concat([opener.update(Buffer.from(data, 'base64')), opener.final()]).toString('utf8');
    document = JSON.parse(text) as Document;
  } catch (cause) {
    throw new BoxError('config.not-opened', { reason: 'the passphrase is wrong, or the export is damaged' }, { cause });
  }
  const { version: _, ...settings } = migrate(document, MIGRATIONS);
  return checkSettings(settings);
}

/** The parts of an export, before anything is spent on opening it. Throws config.not-opened. */
export function sealedOf(given: unknown): Sealed {
  const sealed = Sealed.safeParse(given);
  if (!sealed.success) throw new BoxError('config.not-opened', { reason: 'it is not an export of settings' });
  return sealed.data;
}
