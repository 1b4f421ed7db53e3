import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { BoxError } from '../base/index.ts';

/** OWASP's least memory for argon2id (RFC 9106) that still leaves a small ARM board its recording: 19 MiB, two passes, one lane. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;
const SALT_BYTES = 16;

/** Hashing has its own thread each time; more at once would take processor and memory from recording. */
const AT_ONCE = 2;
const MAX_WAITING = 32;

const STORED = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

interface Parts {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly nonce: Buffer;
  readonly tag: Buffer;
}

/** Makes and checks password hashes, few at a time, never on the main thread. */
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #nobody = stored({
    memory: MEMORY_KIB,
    passes: PASSES,
    parallelism: LANES,
    nonce: randomBytes(SALT_BYTES),
    tag: randomBytes(TAG_BYTES),
  });

  /** As `$argon2id$v=19$m=...,t=...,p=...$salt$tag` (PHC string format). Rejects with accounts.busy. */
  async hash(password: string): Promise<string> {
    const parts = { memory: MEMORY_KIB, passes: PASSES, parallelism: LANES, nonce: randomBytes(SALT_BYTES) };
    return stored({ ...parts, tag: await this.#derive(password, { ...parts, tagLength: TAG_BYTES }) });
  }

  /**
   * Whether the password is the one that was hashed. Without a hash it takes as long and says no, so that time does not tell
   * whether there is such a user. Rejects with accounts.busy.
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const { tag, ...parts } = partsOf(hash ?? this.#nobody);
    const derived = await this.#derive(password, { ...parts, tagLength: tag.length });
    return timingSafeEqual(derived, tag) && hash !== undefined;
  }

  async #derive(password: string, parts: Omit<Parts, 'tag'> & { tagLength: number }): Promise<Buffer> {
    await this.#turn();
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        argon2('argon2id', { ...parts, message: normal(password) }, (error, tag) => {
          if (error) reject(error);
          else resolve(tag);
        });
      });
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#running >= AT_ONCE) {
      if (this.#waiting.length >= MAX_WAITING) throw new BoxError('accounts.busy');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}

/** The same letters however a keyboard composes them (NIST SP 800-63B 5.1.1.2). */
function normal(password: string): string {
  return password.normalize('NFKC');
}

function stored({ memory, passes, parallelism, nonce, tag }: Parts): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;
}

function partsOf(hash: string): Parts {
  const [, memory, passes, parallelism, nonce, tag] = STORED.exec(hash) ?? [];
  if (!nonce || !tag) throw new BoxError('accounts.unreadable', { reason: 'a password hash has an unknown form' });
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    nonce: Buffer.from(nonce, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

/** Whether a stored hash has the form that `verify` can check. */
export function isPasswordHash(hash: string): boolean {
  return STORED.test(hash);
}
