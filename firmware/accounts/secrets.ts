import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** Letters and digits that nobody mistakes for one another (Crockford's base 32). */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 256 random bits for a cookie or header. */
export function newSecret(prefix = ''): string {
  return prefix + randomBytes(32).toString('base64url');
}

/** For naming things in lists and logs; not secret. */
export function newId(): string {
  return randomBytes(8).toString('hex');
}

/** What is kept of a secret that is random itself: nobody can go back from it. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Groups of four letters that a person can read and type; five bits each. */
export function newCode(groups: number): string {
  const group = (): string => Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}

/** A code as it was typed, without what people change in it: case, spaces, hyphens, O for 0, I and L for 1. */
export function typedCode(code: string): string {
  return code.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1');
}

/** In a time that does not tell where they differ. */
export function sameCode(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(typedCode(text)).digest();
  return timingSafeEqual(digest(one), digest(other));
}
