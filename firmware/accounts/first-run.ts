import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BoxError, type Clock } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';
import type { AccountBook, SetUp } from './account-book.ts';
import type { PasswordHasher } from './password-hash.ts';
import { checkPassword } from './password-rules.ts';
import { newCode, sameCode } from './secrets.ts';
import { networkOf, type Tries } from './tries.ts';
import { hasAdministrator, putUser } from './users.ts';

const FILE = 'claim-code';
const GROUPS = 3;
const CODE = /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}$/;
const NETWORK = { free: 5, firstMs: 1000, mostMs: 60_000 };
const ANYBODY = { free: 50, firstMs: 1000, mostMs: 10_000 };

export interface Claim {
  readonly code: string;
  readonly user: string;
  readonly password: string;
  readonly setUp: SetUp;
}

/**
 * The first run: until there is an administrator, a code that stands in `claim-code` of the data folder makes one. The box has
 * been claimed as soon as `accounts.json` holds the administrator, and only without that file it can be claimed again.
 */
export class FirstRun {
  readonly #path: string;
  readonly #book: AccountBook;
  readonly #hasher: PasswordHasher;
  readonly #tries: Tries;
  readonly #clock: Pick<Clock, 'wallUs'>;
  #code: string | undefined;

  constructor(
    dataFolder: string,
    parts: { book: AccountBook; hasher: PasswordHasher; tries: Tries; clock: Pick<Clock, 'wallUs'> },
  ) {
    this.#path = join(dataFolder, FILE);
    this.#book = parts.book;
    this.#hasher = parts.hasher;
    this.#tries = parts.tries;
    this.#clock = parts.clock;
  }

  /** Accounts that cannot be read were made by somebody: the box is not up for being claimed again. */
  get claimed(): boolean {
    return this.#book.fault !== undefined || hasAdministrator(this.#book.state);
  }

  /** Undefined once it has been used. For whoever stands at the box, and for nobody else. */
  get code(): string | undefined {
    return this.claimed ? undefined : this.#code;
  }

  /** Makes the code, or finds that of an earlier start; ends what a power cut left of the first run. */
  async start(apply: (setUp: SetUp) => Promise<void>): Promise<void> {
    await this.#finish(apply);
    if (this.claimed) return rm(this.#path, { force: true });
    this.#code = await this.#kept();
    if (this.#code !== undefined) return;
    const code = newCode(GROUPS);
    await replaceFile(this.#path, `${code}\n`);
    this.#code = code;
  }

  /**
   * Makes the administrator and hands over to `apply` how the box is to be set up. Rejects with accounts.already-claimed,
   * accounts.bad-claim-code, accounts.too-many-tries, accounts.weak-password, and then nothing has changed.
   */
  async claim(
    { code, user, password, setUp }: Claim,
    address: string,
    apply: (setUp: SetUp) => Promise<void>,
  ): Promise<void> {
    if (this.claimed) throw new BoxError('accounts.already-claimed');
    const attempt = this.#tries.begin([
      { key: `claim ${networkOf(address)}`, rule: NETWORK },
      { key: 'claim', rule: ANYBODY },
    ]);
    if (this.#code === undefined || !sameCode(code, this.#code)) throw new BoxError('accounts.bad-claim-code');
    attempt.succeeded();
    checkPassword(password, [user, setUp.name]);
    const hash = await this.#hasher.hash(password);
    await this.#book.update((draft) => {
      if (hasAdministrator(draft)) throw new BoxError('accounts.already-claimed');
      putUser(draft, { name: user, hash, grants: { role: 'administrator' }, by: user, atUs: this.#clock.wallUs() });
      draft.setUp = setUp;
    });
    await rm(this.#path, { force: true });
    await this.#finish(apply);
  }

  /** Two files cannot change at once: what the settings do not hold yet waits in the accounts. */
  async #finish(apply: (setUp: SetUp) => Promise<void>): Promise<void> {
    const { setUp } = this.#book.state;
    if (!setUp) return;
    await apply(setUp);
    await this.#book.update((draft) => {
      delete draft.setUp;
    });
  }

  async #kept(): Promise<string | undefined> {
    try {
      const text = (await readFile(this.#path, 'utf8')).trim();
      return CODE.test(text) ? text : undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
