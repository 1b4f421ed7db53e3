import { BoxError, type Clock } from '../base/index.ts';
import type { AccountBook, AccountState, UserRecord } from './account-book.ts';
import type { Caller } from './caller.ts';
import type { PasswordHasher } from './password-hash.ts';
import { checkPassword } from './password-rules.ts';
import { guessesOf, nameKey } from './guesses.ts';
import { allowanceOf, covers, type Grants } from './rights.ts';
import { confirmed, newEnrolment, type Enrolment } from './second-factor.ts';
import { newId } from './secrets.ts';
import type { Tries } from './tries.ts';

const MAX_USERS = 200;
/** An enrolment that nobody has confirmed is forgotten. */
const MAX_ENROLMENTS = 50;

export interface UserView extends Grants {
  readonly name: string;
  readonly disabled: boolean;
  readonly secondFactor: boolean;
  readonly sessions: number;
  readonly createdUs: number;
  readonly passwordAtUs: number;
  readonly passwordBy: string;
}

export interface UserChange {
  readonly role?: Grants['role'] | undefined;
  readonly rights?: Grants['rights'];
  readonly cameras?: Grants['cameras'];
  readonly disabled?: boolean | undefined;
}

/** Who may sign in. Whatever changes what somebody may do, or how they prove who they are, ends their sessions. */
export class Users {
  readonly #book: AccountBook;
  readonly #hasher: PasswordHasher;
  readonly #tries: Tries;
  readonly #clock: Pick<Clock, 'wallUs'>;
  /** Secrets of second factors that are not confirmed yet, by user id. */
  readonly #enrolments = new Map<string, string>();

  constructor(book: AccountBook, hasher: PasswordHasher, tries: Tries, clock: Pick<Clock, 'wallUs'>) {
    this.#book = book;
    this.#hasher = hasher;
    this.#tries = tries;
    this.#clock = clock;
  }

  list(): UserView[] {
    const { users, sessions } = this.#book.state;
    return users.map((user) => ({
      name: user.name,
      role: user.role,
      rights: user.rights,
      cameras: user.cameras,
      disabled: user.disabled,
      secondFactor: user.secondFactor !== undefined,
      sessions: sessions.filter((session) => session.user === user.id).length,
      createdUs: user.createdUs,
      passwordAtUs: user.passwordAtUs,
      passwordBy: user.passwordBy,
    }));
  }

  /** Rejects with accounts.user-exists, accounts.weak-password, accounts.administrator-first, control.forbidden. */
  async add(name: string, password: string, grants: Grants, by: Caller): Promise<UserView> {
    checkGiving(by, grants);
    checkPassword(password, [name]);
    const hash = await this.#hasher.hash(password);
    await this.#book.update((draft) => {
      if (grants.role !== 'administrator' && !hasAdministrator(draft)) {
        throw new BoxError('accounts.administrator-first', { user: name });
      }
      putUser(draft, { name, hash, grants, by: by.name, atUs: this.#clock.wallUs() });
    });
    return this.#view(name);
  }

  /** Rejects with accounts.no-such-user, accounts.last-administrator, control.forbidden. */
  async change(name: string, change: UserChange, by: Caller): Promise<UserView> {
    await this.#book.update((draft) => {
      const user = userNamed(draft, name);
      checkGiving(by, user);
      const { role, rights, cameras, disabled } = change;
      if (role !== undefined) {
        user.role = role;
        delete user.rights;
        if (role === 'custom') user.rights = [...(rights ?? [])];
      } else if (rights !== undefined && user.role === 'custom') user.rights = [...rights];
      if ('cameras' in change) {
        delete user.cameras;
        if (cameras) user.cameras = cameras.map((each) => ({ camera: each.camera, rights: [...each.rights] }));
      }
      if (disabled !== undefined) user.disabled = disabled;
      checkGiving(by, user);
      if (!hasAdministrator(draft)) throw new BoxError('accounts.last-administrator', { user: name });
      endSessions(draft, user.id);
    });
    return this.#view(name);
  }

  /** Sessions and tokens of the user end too. Rejects with accounts.no-such-user, accounts.last-administrator, control.forbidden. */
  async remove(name: string, by: Caller): Promise<void> {
    await this.#book.update((draft) => {
      const user = userNamed(draft, name);
      checkGiving(by, user);
      draft.users = draft.users.filter((each) => each !== user);
      if (!hasAdministrator(draft)) throw new BoxError('accounts.last-administrator', { user: name });
      endSessions(draft, user.id);
      endTokens(draft, user.id);
      this.#enrolments.delete(user.id);
    });
  }

  /**
   * Sets a new password for somebody who has lost theirs: sessions and tokens end, waits after wrong passwords are forgotten, a
   * user who was disabled is enabled again if the box itself is where it is asked. Rejects as `add` does.
   */
  async resetPassword(
    name: string,
    password: string,
    options: { removeSecondFactor: boolean },
    by: Caller,
  ): Promise<UserView> {
    const { name: exact } = userNamed(this.#book.state, name);
    checkPassword(password, [exact]);
    const hash = await this.#hasher.hash(password);
    const id = await this.#book.update((draft) => {
      const user = userNamed(draft, name);
      checkGiving(by, user);
      this.#setPassword(user, hash, by.name);
      if (options.removeSecondFactor) delete user.secondFactor;
      if (by.kind === 'local') user.disabled = false;
      endSessions(draft, user.id);
      endTokens(draft, user.id);
      return user.id;
    });
    this.#enrolments.delete(id);
    this.#tries.forget(guessesOf(exact).prefix);
    return this.#view(name);
  }

  /** Somebody changes their own password; all their sessions end. Rejects with accounts.refused, accounts.weak-password. */
  async changePassword(id: string, old: string, password: string, address: string): Promise<void> {
    const user = await this.#proven(id, old, address);
    checkPassword(password, [user.name]);
    if (old.normalize('NFKC') === password.normalize('NFKC')) {
      throw new BoxError('accounts.weak-password', { faults: ['must not be the old one'] });
    }
    const hash = await this.#hasher.hash(password);
    await this.#book.update((draft) => {
      const found = sameUser(draft, user);
      this.#setPassword(found, hash, found.name);
      endSessions(draft, id);
    });
  }

  /** Begins a second factor, or begins it anew. It is in force when it has been confirmed. Rejects with accounts.refused. */
  async beginSecondFactor(id: string, password: string, box: string, address: string): Promise<Enrolment> {
    const user = await this.#proven(id, password, address);
    const enrolment = newEnrolment(box, user.name);
    this.#enrolments.delete(id);
    this.#enrolments.set(id, enrolment.secret);
    for (const oldest of this.#enrolments.keys()) {
      if (this.#enrolments.size <= MAX_ENROLMENTS) break;
      this.#enrolments.delete(oldest);
    }
    return enrolment;
  }

  /** Puts it in force and gives the recovery codes, this once; all sessions of the user end. Rejects with accounts.refused. */
  async confirmSecondFactor(id: string, code: string): Promise<string[]> {
    const secret = this.#enrolments.get(id);
    const result = secret === undefined ? undefined : confirmed(secret, code, this.#clock.wallUs());
    if (!result) throw new BoxError('accounts.refused');
    await this.#book.update((draft) => {
      const user = draft.users.find((each) => each.id === id);
      if (!user) throw new BoxError('accounts.refused');
      user.secondFactor = result.factor;
      endSessions(draft, id);
    });
    this.#enrolments.delete(id);
    return result.recoveryCodes;
  }

  /** All sessions of the user end. Rejects with accounts.refused. */
  async removeSecondFactor(id: string, password: string, address: string): Promise<void> {
    const user = await this.#proven(id, password, address);
    await this.#book.update((draft) => {
      delete sameUser(draft, user).secondFactor;
      endSessions(draft, id);
    });
  }

  /** The user, if the password is right; guesses are slowed down as at the door. */
  async #proven(id: string, password: string, address: string): Promise<UserRecord> {
    const user = this.#book.state.users.find((each) => each.id === id);
    if (!user) throw new BoxError('accounts.refused');
    const attempt = this.#tries.begin(guessesOf(user.name).from(address, user.networks));
    if (!(await this.#hasher.verify(password, user.password))) throw new BoxError('accounts.refused');
    attempt.succeeded();
    return user;
  }

  #setPassword(user: UserRecord, hash: string, by: string): void {
    user.password = hash;
    user.passwordAtUs = this.#clock.wallUs();
    user.passwordBy = by;
  }

  #view(name: string): UserView {
    const { name: exact } = userNamed(this.#book.state, name);
    return this.list().find((each) => each.name === exact)!;
  }
}

/** Throws accounts.no-such-user. */
function userNamed(state: AccountState, name: string): UserRecord {
  const found = findUser(state, name);
  if (!found) throw new BoxError('accounts.no-such-user', { user: name });
  return found;
}

export function findUser(state: AccountState, name: string): UserRecord | undefined {
  const key = nameKey(name);
  return state.users.find((each) => nameKey(each.name) === key);
}

/** The user as it is now, unless its password has become another meanwhile: then what was proven is proven no more. */
export function sameUser(draft: AccountState, user: UserRecord): UserRecord {
  const found = draft.users.find(({ id, password }) => id === user.id && password === user.password);
  if (!found || found.disabled) throw new BoxError('accounts.refused');
  return found;
}

/** Whether the box has been set up: then there is somebody who may do everything, and there will always be. */
export function hasAdministrator(state: AccountState): boolean {
  return state.users.some(({ role, disabled }) => role === 'administrator' && !disabled);
}

export function putUser(
  draft: AccountState,
  made: { name: string; hash: string; grants: Grants; by: string; atUs: number },
): void {
  const { name, hash, grants, by, atUs } = made;
  if (findUser(draft, name)) throw new BoxError('accounts.user-exists', { user: name });
  if (draft.users.length >= MAX_USERS) throw new BoxError('accounts.too-many', { most: MAX_USERS });
  const { role, rights, cameras } = grants;
  draft.users.push({
    id: newId(),
    name,
    role,
    ...(role === 'custom' ? { rights: [...(rights ?? [])] } : {}),
    ...(cameras ? { cameras: cameras.map((each) => ({ camera: each.camera, rights: [...each.rights] })) } : {}),
    disabled: false,
    password: hash,
    passwordAtUs: atUs,
    passwordBy: by,
    networks: [],
    createdUs: atUs,
  });
}

/**
 * Nobody gives what they do not have, nor changes somebody who may do more than they may. Machines have nothing to do with those who
 * let others in: a token that leaked must not outlive itself through a user that it made.
 */
export function checkGiving(by: Caller, grants: Grants): void {
  if (by.kind === 'token' && allowanceOf(grants).may('users')) throw new BoxError('accounts.not-for-machines');
  if (!covers(by, grants)) throw new BoxError('control.forbidden', { right: 'users' });
}

function endSessions(draft: AccountState, user: string): void {
  draft.sessions = draft.sessions.filter((session) => session.user !== user);
}

/** Those of machines, and the passwords for RTSP. */
function endTokens(draft: AccountState, user: string): void {
  draft.tokens = draft.tokens.filter((token) => token.owner !== user);
  draft.rtspPasswords = draft.rtspPasswords.filter((password) => password.owner !== user);
}
