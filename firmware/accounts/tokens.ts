import { BoxError, type Clock } from '../base/index.ts';
import type { AccountBook, TokenRecord } from './account-book.ts';
import type { Caller } from './caller.ts';
import { allowanceOf, bothOf, type Allowance, type Grants, type Right } from './rights.ts';
import { digestOf, newId, newSecret } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import { checkGiving } from './users.ts';

/** So that scanners of source code and logs know what they have found. */
const PREFIX = 'ipvs_';
const MAX_TOKENS = 200;
const DAY_US = 86_400_000_000;
/** What a token that never ends may do: a wall of screens, a collector of figures. */
const ENDLESS: readonly Right[] = ['live', 'state'];

export interface TokenView {
  readonly id: string;
  readonly name: string;
  /** The user who made it; empty if it was made at the box itself. */
  readonly owner: string;
  readonly rights: readonly Right[];
  readonly cameras: Grants['cameras'];
  readonly createdUs: number;
  readonly expiresUs: number | undefined;
  /** Since the box was started. */
  readonly lastUs: number | undefined;
}

export interface NewToken {
  readonly name: string;
  readonly rights: readonly Right[];
  readonly cameras?: Grants['cameras'];
  /** Without an end only for what looks on. */
  readonly days?: number | undefined;
}

/** Secrets by which machines may do a few things, for a time. Only digests are kept. */
export class Tokens {
  readonly #book: AccountBook;
  readonly #sessions: Sessions;
  readonly #clock: Pick<Clock, 'wallUs'>;
  readonly #lastUs = new Map<string, number>();
  readonly #allowances = new WeakMap<TokenRecord, Allowance>();

  constructor(book: AccountBook, sessions: Sessions, clock: Pick<Clock, 'wallUs'>) {
    this.#book = book;
    this.#sessions = sessions;
    this.#clock = clock;
  }

  list(): TokenView[] {
    const { state, index } = this.#book;
    return state.tokens.map(({ id, name, owner, rights, cameras, createdUs, expiresUs }) => {
      const ownerName = index.users.get(owner)?.name ?? '';
      return { id, name, owner: ownerName, rights, cameras, createdUs, expiresUs, lastUs: this.#lastUs.get(id) };
    });
  }

  /** The secret is told this once. Rejects with accounts.not-for-machines, accounts.endless, accounts.too-many, control.forbidden. */
  async add(wanted: NewToken, by: Caller): Promise<{ token: TokenView; secret: string }> {
    const { name, rights, cameras, days } = wanted;
    const owner = by.kind === 'local' ? '' : this.#sessions.userIdOf(by);
    // A token that leaked must not outlive itself by making others.
    if (owner === undefined) throw new BoxError('accounts.not-for-machines');
    if (days === undefined && !rights.every((right) => ENDLESS.includes(right))) {
      throw new BoxError('accounts.endless', { allowed: ENDLESS });
    }
    checkGiving(by, { role: 'custom', rights, cameras });
    const secret = newSecret(PREFIX);
    const createdUs = this.#clock.wallUs();
    const id = newId();
    await this.#book.update((draft) => {
      if (draft.tokens.length >= MAX_TOKENS) throw new BoxError('accounts.too-many', { most: MAX_TOKENS });
      draft.tokens.push({
        id,
        digest: digestOf(secret),
        name,
        owner,
        rights: [...rights],
        ...(cameras ? { cameras: cameras.map((each) => ({ camera: each.camera, rights: [...each.rights] })) } : {}),
        createdUs,
        ...(days === undefined ? {} : { expiresUs: createdUs + days * DAY_US }),
      });
    });
    return { token: this.list().find((each) => each.id === id)!, secret };
  }

  /** Rejects with accounts.no-such-token, control.forbidden for one that may do more than who asks. */
  async revoke(id: string, by: Caller): Promise<void> {
    await this.#book.update((draft) => {
      const found = draft.tokens.find((each) => each.id === id);
      if (!found) throw new BoxError('accounts.no-such-token', { id });
      checkGiving(by, { role: 'custom', rights: found.rights, cameras: found.cameras });
      draft.tokens = draft.tokens.filter((each) => each !== found);
    });
    this.#lastUs.delete(id);
  }

  /** Whoever holds the secret; undefined alike for one that is unknown, has ended or was tampered with. */
  token(secret: string, address: string): Caller | undefined {
    if (!secret.startsWith(PREFIX)) return undefined;
    const digest = digestOf(secret);
    const found = this.#book.index.tokensByDigest.get(digest);
    if (!found || !this.holds(found.id)) return undefined;
    const { id, name } = found;
    this.#lastUs.set(id, this.#clock.wallUs());
    const holds = (): boolean => this.holds(id);
    return {
      kind: 'token',
      name,
      id,
      address,
      get signedIn() {
        return holds();
      },
      may: (right, camera) => this.#allowanceOf(id)?.may(right, camera) ?? false,
    };
  }

  holds(id: string): boolean {
    return this.#allowanceOf(id) !== undefined;
  }

  #allowanceOf(id: string): Allowance | undefined {
    const record = this.#book.index.tokens.get(id);
    if (!record || (record.expiresUs !== undefined && record.expiresUs <= this.#clock.wallUs())) return undefined;
    let own = this.#allowances.get(record);
    if (!own) this.#allowances.set(record, (own = allowanceOf({ ...record, role: 'custom' })));
    if (record.owner === '') return own;
    const owner = this.#sessions.allowanceOfUser(record.owner);
    return owner && bothOf(own, owner);
  }
}
