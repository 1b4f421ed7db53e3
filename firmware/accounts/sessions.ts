import { BoxError, type Clock } from '../base/index.ts';
import type { AccountBook, AccountState, SessionRecord, UserRecord } from './account-book.ts';
import type { AuditPort } from './audit-port.ts';
import type { Caller } from './caller.ts';
import { guessesOf } from './guesses.ts';
import type { PasswordHasher } from './password-hash.ts';
import { allowanceOf, type Allowance } from './rights.ts';
import { afterCode } from './second-factor.ts';
import { digestOf, newId, newSecret } from './secrets.ts';
import { networkOf, type Tries } from './tries.ts';
import { checkGiving, findUser, sameUser } from './users.ts';

/** OWASP ASVS 5.0, 7.3: at most so long without a sign of life, and at most so long at all. */
const IDLE_US = 30 * 60 * 1_000_000;
const ABSOLUTE_US = 12 * 3600 * 1_000_000;
/** How old the last sign of life in the file may be; after a restart a session counts from there. */
const WRITE_SEEN_US = 5 * 60 * 1_000_000;
const MAX_PER_USER = 20;
const MAX_NETWORKS = 8;
const MAX_AGENT_CHARS = 200;

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Of an authenticator app, or a recovery code, where the account wants one. */
  readonly code?: string | undefined;
}

export interface SessionView {
  readonly id: string;
  readonly user: string;
  readonly address: string;
  /** What the client calls itself. */
  readonly agent: string;
  readonly createdUs: number;
  readonly lastUs: number;
}

/** When a session began and was last heard of, on the clock that nobody sets. */
interface Pulse {
  readonly beganUs: number;
  lastUs: number;
  writtenUs: number;
}

interface Parts {
  readonly book: AccountBook;
  readonly hasher: PasswordHasher;
  readonly tries: Tries;
  readonly audit: AuditPort;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Lets people in, and knows who is in. Only digests of the secrets are kept. */
export class Sessions {
  readonly #parts: Parts;
  readonly #pulses = new Map<string, Pulse>();
  readonly #allowances = new WeakMap<UserRecord, Allowance>();

  constructor(parts: Parts) {
    this.#parts = parts;
    const wallUs = parts.clock.wallUs();
    const monoUs = parts.clock.monoUs();
    for (const { id, createdUs, lastUs } of parts.book.state.sessions) {
      // A clock that was set back meanwhile makes no session younger than new.
      const ago = (thenUs: number): number => monoUs - Math.max(0, wallUs - thenUs);
      this.#pulses.set(id, { beganUs: ago(createdUs), lastUs: ago(lastUs), writtenUs: ago(lastUs) });
    }
  }

  /**
   * The secret goes to the client and nowhere else. Rejects with accounts.refused (alike for an unknown name, a wrong password, a
   * wrong code and a disabled user), accounts.code-needed, accounts.too-many-tries, accounts.busy, accounts.unreadable.
   */
  async signIn(
    credentials: Credentials,
    from: { readonly address: string; readonly agent: string },
  ): Promise<{ secret: string; caller: Caller }> {
    const { book, audit, clock } = this.#parts;
    const user = findUser(book.state, credentials.name);
    // Names that nobody has are not written down: people type passwords into the wrong field.
    const who = { who: user?.name ?? 'unknown', kind: 'session', address: from.address } as const;
    const note = (result: 'ok' | BoxError['code'], id?: string): void =>
      audit.note({
        atUs: clock.wallUs(),
        ...who,
        operation: 'sessions.sign-in',
        ...(id === undefined ? {} : { subject: id }),
        result,
      });
    try {
      if (book.fault) throw book.fault;
      const made = await this.#begin(user, credentials, from);
      note('ok', made.caller.id);
      return made;
    } catch (error) {
      note(error instanceof BoxError ? error.code : 'box.bug');
      throw error;
    }
  }

  /** Whoever holds the secret; undefined alike for one that is unknown, has ended or was tampered with. Counts as a sign of life. */
  session(secret: string, address: string): Caller | undefined {
    const digest = digestOf(secret);
    const found = this.#parts.book.index.sessionsByDigest.get(digest);
    if (!found || !this.#lives(found.id)) return undefined;
    this.#seen(found);
    return this.#callerOf(found, address);
  }

  /** A sign of life: whoever watches pictures is there. */
  touch(id: string): void {
    const found = this.#parts.book.index.sessions.get(id);
    if (found && this.#lives(id)) this.#seen(found);
  }

  list(): SessionView[] {
    const { state, index } = this.#parts.book;
    return state.sessions
      .filter(({ id }) => this.#lives(id))
      .map(({ id, user, address, agent, createdUs, lastUs }) => {
        return { id, user: index.users.get(user)?.name ?? '', address, agent, createdUs, lastUs };
      });
  }

  /** Whether the session still holds. */
  holds(id: string): boolean {
    return this.#lives(id) && this.#userOf(id) !== undefined;
  }

  /** Id of the user whose session this is; undefined for other callers and when it has ended. */
  userIdOf(caller: Caller): string | undefined {
    return caller.kind === 'session' && this.#lives(caller.id) ? this.#userOf(caller.id)?.id : undefined;
  }

  /** One's own, or with the right `users` that of anybody who may do no more. Rejects with accounts.no-such-session, control.forbidden. */
  async end(id: string, by: Caller): Promise<void> {
    const own = this.userIdOf(by);
    await this.#parts.book.update((draft) => {
      const found = draft.sessions.find((each) => each.id === id);
      if (!found || (found.user !== own && !by.may('users'))) {
        throw new BoxError('accounts.no-such-session', { session: id });
      }
      const user = draft.users.find((each) => each.id === found.user);
      if (user && user.id !== own) checkGiving(by, user);
      draft.sessions = draft.sessions.filter((each) => each !== found);
    });
    this.#pulses.delete(id);
  }

  /** Ends the session of this secret, if there is one. */
  async signOut(secret: string): Promise<void> {
    const digest = digestOf(secret);
    const { book, audit, clock } = this.#parts;
    const found = book.index.sessionsByDigest.get(digest);
    if (!found) return;
    const { name: who = '' } = book.index.users.get(found.user) ?? {};
    await book.update((draft) => {
      draft.sessions = draft.sessions.filter((each) => each.digest !== digest);
    });
    this.#pulses.delete(found.id);
    const line = { who, kind: 'session', address: found.address, operation: 'sessions.sign-out' } as const;
    audit.note({ atUs: clock.wallUs(), ...line, subject: found.id, result: 'ok' });
  }

  /** What a user may do now. */
  allowanceOfUser(id: string): Allowance | undefined {
    const user = this.#parts.book.index.users.get(id);
    if (!user || user.disabled) return undefined;
    let allowance = this.#allowances.get(user);
    if (!allowance) this.#allowances.set(user, (allowance = allowanceOf(user)));
    return allowance;
  }

  async #begin(
    user: UserRecord | undefined,
    { name, password, code }: Credentials,
    { address, agent }: { address: string; agent: string },
  ): Promise<{ secret: string; caller: Caller }> {
    const { book, hasher, tries, clock } = this.#parts;
    const attempt = tries.begin(guessesOf(name).from(address, user?.networks ?? []));
    const right = await hasher.verify(password, user?.password).catch((error: unknown) => {
      attempt.uncount();
      throw error;
    });
    if (!user || !right || user.disabled) throw new BoxError('accounts.refused');
    if (user.secondFactor && !code) {
      attempt.uncount();
      throw new BoxError('accounts.code-needed');
    }
    const secret = newSecret();
    const wallUs = clock.wallUs();
    const id = newId();
    const record: SessionRecord = {
      id,
      digest: digestOf(secret),
      user: user.id,
      createdUs: wallUs,
      lastUs: wallUs,
      address,
      agent: agent.slice(0, MAX_AGENT_CHARS),
    };
    try {
      await book.update((draft) => {
        const found = sameUser(draft, user);
        if (found.secondFactor) {
          const after = afterCode(found.secondFactor, code ?? '', wallUs);
          if (!after) throw new BoxError('accounts.refused');
          found.secondFactor = after;
        }
        const network = networkOf(address);
        found.networks = [...found.networks.filter((each) => each !== network), network].slice(-MAX_NETWORKS);
        this.#put(draft, record);
      });
    } catch (error) {
      this.#pulses.delete(id);
      throw error;
    }
    attempt.succeeded();
    return { secret, caller: this.#callerOf(record, address) };
  }

  /** The new session, without those that have ended and those that are too many. */
  #put(draft: AccountState, record: SessionRecord): void {
    const alive = draft.sessions.filter(({ id }) => this.#lives(id));
    const own = alive.filter(({ user }) => user === record.user);
    const over = new Set(own.slice(0, Math.max(0, own.length + 1 - MAX_PER_USER)));
    draft.sessions = [...alive.filter((each) => !over.has(each)), record];
    const kept = new Set(draft.sessions.map(({ id }) => id));
    for (const id of this.#pulses.keys()) if (!kept.has(id)) this.#pulses.delete(id);
    const nowUs = this.#parts.clock.monoUs();
    this.#pulses.set(record.id, { beganUs: nowUs, lastUs: nowUs, writtenUs: nowUs });
  }

  #callerOf({ id, user }: SessionRecord, address: string): Caller {
    const name = this.#parts.book.index.users.get(user)?.name ?? '';
    const holds = (): boolean => this.holds(id);
    const may: Caller['may'] = (right, camera) => holds() && (this.allowanceOfUser(user)?.may(right, camera) ?? false);
    return {
      kind: 'session',
      name,
      id,
      address,
      get signedIn() {
        return holds();
      },
      may,
    };
  }

  #userOf(session: string): UserRecord | undefined {
    const { sessions, users } = this.#parts.book.index;
    const user = users.get(sessions.get(session)?.user ?? '');
    return user?.disabled === false ? user : undefined;
  }

  #lives(id: string): boolean {
    const pulse = this.#pulses.get(id);
    if (!pulse) return false;
    const nowUs = this.#parts.clock.monoUs();
    return nowUs - pulse.lastUs < IDLE_US && nowUs - pulse.beganUs < ABSOLUTE_US;
  }

  #seen({ id }: SessionRecord): void {
    const pulse = this.#pulses.get(id);
    if (!pulse) return;
    pulse.lastUs = this.#parts.clock.monoUs();
    if (pulse.lastUs - pulse.writtenUs < WRITE_SEEN_US) return;
    pulse.writtenUs = pulse.lastUs;
    const wallUs = this.#parts.clock.wallUs();
    this.#parts.book
      .update((draft) => {
        const found = draft.sessions.find((each) => each.id === id);
        if (found) found.lastUs = wallUs;
      })
      .catch((error: unknown) => this.#parts.log('accounts.not-written', { reason: String(error) }));
  }
}
