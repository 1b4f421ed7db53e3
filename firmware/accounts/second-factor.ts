import { Secret, TOTP } from 'otpauth';
import type { UserRecord } from './account-book.ts';
import { digestOf, newCode, typedCode } from './secrets.ts';

/** What every authenticator app takes for granted (RFC 6238 with the defaults of RFC 4226). */
const PERIOD_S = 30;
const DIGITS = 6;
/** Steps before and after the present one that count too: clocks differ. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
const RECOVERY_GROUPS = 4;

type SecondFactor = NonNullable<UserRecord['secondFactor']>;

/** What an authenticator app is told once: the secret, to be typed, and the same as the address of a QR code. */
export interface Enrolment {
  readonly secret: string;
  readonly url: string;
}

export function newEnrolment(box: string, user: string): Enrolment {
  const totp = new TOTP({
    issuer: box,
    label: user,
    secret: new Secret({ size: 20 }),
    digits: DIGITS,
    period: PERIOD_S,
  });
  return { secret: totp.secret.base32, url: totp.toString() };
}

/** The second factor and the recovery codes in clear, once the app has shown a right code. Undefined if it is not right. */
export function confirmed(
  secret: string,
  code: string,
  wallUs: number,
): { factor: SecondFactor; recoveryCodes: string[] } | undefined {
  const step = stepOf(secret, code, wallUs);
  if (step === undefined) return undefined;
  const recoveryCodes = Array.from({ length: RECOVERY_CODES }, () => newCode(RECOVERY_GROUPS));
  const recovery = recoveryCodes.map((each) => digestOf(typedCode(each)));
  return { factor: { secret, lastStep: step, recovery }, recoveryCodes };
}

/** The second factor after this code was used; undefined if the code is wrong or was used before. */
export function afterCode(factor: SecondFactor, code: string, wallUs: number): SecondFactor | undefined {
  const step = stepOf(factor.secret, code, wallUs);
  if (step !== undefined) return step > factor.lastStep ? { ...factor, lastStep: step } : undefined;
  const digest = digestOf(typedCode(code));
  if (!factor.recovery.includes(digest)) return undefined;
  return { ...factor, recovery: factor.recovery.filter((each) => each !== digest) };
}

function stepOf(secret: string, code: string, wallUs: number): number | undefined {
  const digits = code.replaceAll(/\s/g, '');
  if (!/^\d{6}$/.test(digits)) return undefined;
  const timestamp = Math.floor(wallUs / 1000);
  const delta = TOTP.validate({
    token: digits,
    secret: Secret.fromBase32(secret),
    digits: DIGITS,
    period: PERIOD_S,
    timestamp,
    window: WINDOW,
  });
  return delta === null ? undefined : Math.floor(timestamp / 1000 / PERIOD_S) + delta;
}
