import { createHash } from 'node:crypto';
import { BoxError, type Clock } from '../base/index.ts';
import type { AccountBook, RtspPasswordRecord } from './account-book.ts';
import type { Caller } from './caller.ts';
import { allowanceOf, bothOf, type Allowance } from './rights.ts';
import { newCode, newId } from './secrets.ts';
import type { Sessions } from './sessions.ts';
import { networkOf } from './tries.ts';
import { checkGiving } from './users.ts';

/** What is hashed with name and password; it is shown by clients that ask a person for them. */
export const RTSP_REALM = 'IPVS box';
/** 100 random bits: nobody finds them by trying, however fast the hash is. */
const GROUPS = 5;
const MAX_PASSWORDS = 200;
const MAX_NETWORKS = 8;
const DAY_US = 86_400_000_000;

export const DIGEST_ALGORITHMS = ['sha256', 'md5'] as const;
export type DigestAlgorithm = (typeof DIGEST_ALGORITHMS)[number];

export interface RtspPasswordView {
  readonly id: string;
  /** What the client sends as user name. */
  readonly user: string;
  /** What it is for, in the words of who made it. */
  readonly label: string;
  /** The user who made it; empty if it was made at the box itself. */
  readonly owner: string;
  /** Ids; undefined: all that its owner may watch. */
  readonly cameras: readonly string[] | undefined;
  readonly createdUs: number;
  readonly expiresUs: number | undefined;
  /** Since the box was started. */
  readonly lastUs: number | undefined;
}

export interface NewRtspPassword {
  readonly label: string;
  readonly cameras?: readonly string[] | undefined;
  readonly days?: number | undefined;
}

/**
 * Names and passwords for players and recorders, which can do nothing but look live. Digest authentication needs more of a password
 * than a slow hash, so people's own passwords are never used for it: these are random, told once, and kept as what RFC 7616 calls H(A1).
 */
export class RtspPasswords {
  readonly #book: AccountBook;
  readonly #sessions: Sessions;
  readonly #clock: Pick<Clock, 'wallUs'>;
  readonly #lastUs = new Map<string, number>();
  /** From where each has come in since the start, by id. */
  readonly #networks = new Map<string, Set<string>>();
  readonly #allowances = new WeakMap<RtspPasswordRecord, Allowance>();

  constructor(book: AccountBook, sessions: Sessions, clock: Pick<Clock, 'wallUs'>) {
    this.#book = book;
    this.#sessions = sessions;
    this.#clock = clock;
  }

  list(): RtspPasswordView[] {
    const { state, index } = this.#book;
    return state.rtspPasswords.map(({ id, user, label, owner, cameras, createdUs, expiresUs }) => {
      const ownerName = index.users.get(owner)?.name ?? '';
      return { id, user, label, owner: ownerName, cameras, createdUs, expiresUs, lastUs: this.#lastUs.get(id) };
    });
  }

  /** The password is told this once. Rejects with accounts.not-for-machines, accounts.too-many, control.forbidden. */
  async create(wanted: NewRtspPassword, by: Caller): Promise<{ made: RtspPasswordView; password: string }> {
    const { label, cameras, days } = wanted;
    const owner = by.kind === 'local' ? '' : this.#sessions.userIdOf(by);
    // A machine that may watch must not let others in.
    if (owner === undefined) throw new BoxError('accounts.not-for-machines');
    if (cameras || owner === '') checkGiving(by, { role: 'custom', rights: ['live'], cameras: gives(cameras) });
    const password = newCode(GROUPS).replaceAll('-', '').toLowerCase();
    const createdUs = this.#clock.wallUs();
    const id = newId();
    const user = `rtsp-${id.slice(0, 8)}`;
    await this.#book.update((draft) => {
      if (draft.rtspPasswords.length >= MAX_PASSWORDS) throw new BoxError('accounts.too-many', { most: MAX_PASSWORDS });
      if (draft.rtspPasswords.some((each) => each.user === user)) throw new BoxError('accounts.busy');
      draft.rtspPasswords.push({
        id,
        user,
        label,
        owner,
        ...(cameras ? { cameras: [...cameras] } : {}),
        ha1: { md5: ha1Of('md5', user, password), sha256: ha1Of('sha256', user, password) },
        createdUs,
        ...(days === undefined ? {} : { expiresUs: createdUs + days * DAY_US }),
      });
    });
    return { made: this.list().find((each) => each.id === id)!, password };
  }

  /** One's own, or with the right `users` any that does no more than one may. Rejects with accounts.no-such-rtsp-password, control.forbidden. */
  async revoke(id: string, by: Caller): Promise<void> {
    const own = this.#sessions.userIdOf(by);
    await this.#book.update((draft) => {
      const found = draft.rtspPasswords.find((each) => each.id === id);
      const isOwn = own !== undefined && found?.owner === own;
      if (!found || (!isOwn && !by.may('users'))) throw new BoxError('accounts.no-such-rtsp-password', { id });
      if (!isOwn) checkGiving(by, { role: 'custom', rights: ['live'], cameras: gives(found.cameras) });
      draft.rtspPasswords = draft.rtspPasswords.filter((each) => each !== found);
    });
    this.#lastUs.delete(id);
    this.#networks.delete(id);
  }

  /** What is kept of the one with this name, while it holds. */
  find(user: string): RtspPasswordRecord | undefined {
    return this.#book.state.rtspPasswords.find((each) => each.user === user && this.#allowanceOf(each.id));
  }

  /** Networks from which it has come in: guesses of others do not slow it down there. */
  networksOf(id: string): readonly string[] {
    return [...(this.#networks.get(id) ?? [])];
  }

  /** Whoever has proved to know the password. */
  callerOf({ id, user, label }: RtspPasswordRecord, address: string): Caller {
    this.#lastUs.set(id, this.#clock.wallUs());
    const networks = this.#networks.get(id) ?? new Set();
    if (networks.size < MAX_NETWORKS) this.#networks.set(id, networks.add(networkOf(address)));
    const holds = (): boolean => this.#allowanceOf(id) !== undefined;
    return {
      kind: 'token',
      name: label === '' ? user : `${label} (${user})`,
      id,
      address,
      get signedIn() {
        return holds();
      },
      may: (right, camera) => this.#allowanceOf(id)?.may(right, camera) ?? false,
    };
  }

  #allowanceOf(id: string): Allowance | undefined {
    const record = this.#book.state.rtspPasswords.find((each) => each.id === id);
    if (!record || (record.expiresUs !== undefined && record.expiresUs <= this.#clock.wallUs())) return undefined;
    let own = this.#allowances.get(record);
    if (!own) {
      own = allowanceOf({ role: 'custom', rights: ['live'], cameras: gives(record.cameras) });
      this.#allowances.set(record, own);
    }
    if (record.owner === '') return own;
    const owner = this.#sessions.allowanceOfUser(record.owner);
    return owner && bothOf(own, owner);
  }
}

function gives(cameras: readonly string[] | undefined): { camera: string; rights: ['live'] }[] | undefined {
  return cameras?.map((camera) => ({ camera, rights: ['live'] }));
}

function ha1Of(algorithm: DigestAlgorithm, user: string, password: string): string {
  return createHash(algorithm).update(`${user}:${RTSP_REALM}:${password}`).digest('hex');
}
