import type { BoxError, Clock } from '../base/index.ts';
import { AccountBook } from './account-book.ts';
import type { AuditPort } from './audit-port.ts';
import type { Caller } from './caller.ts';
import { DigestLogin } from './digest-login.ts';
import { FirstRun } from './first-run.ts';
import { PasswordHasher } from './password-hash.ts';
import { RtspPasswords } from './rtsp-passwords.ts';
import { Sessions, type Credentials } from './sessions.ts';
import { Tokens } from './tokens.ts';
import { Tries } from './tries.ts';
import { Users } from './users.ts';

export interface AccountsOptions {
  readonly dataFolder: string;
  readonly clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  readonly audit: AuditPort;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** Who may do what on this box. */
export class Accounts {
  readonly users: Users;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly rtspPasswords: RtspPasswords;
  readonly firstRun: FirstRun;
  readonly #book: AccountBook;
  readonly #digest: ConstructorParameters<typeof DigestLogin>[0];

  private constructor(book: AccountBook, { dataFolder, clock, audit, log }: AccountsOptions) {
    const hasher = new PasswordHasher();
    const tries = new Tries(clock);
    this.#book = book;
    this.users = new Users(book, hasher, tries, clock);
    this.sessions = new Sessions({ book, hasher, tries, audit, clock, log });
    this.tokens = new Tokens(book, this.sessions, clock);
    this.rtspPasswords = new RtspPasswords(book, this.sessions, clock);
    this.#digest = { passwords: this.rtspPasswords, tries, audit, clock };
    this.firstRun = new FirstRun(dataFolder, { book, hasher, tries, clock });
  }

  /** Reads what there is and writes nothing. One process at a time: the lock of the data folder sees to that. */
  static async open(options: AccountsOptions): Promise<Accounts> {
    return new Accounts(await AccountBook.open(options.dataFolder), options);
  }

  /** Why nobody can sign in: the file of accounts cannot be used. */
  get fault(): BoxError | undefined {
    return this.#book.fault;
  }

  /** False until somebody has set the box up. */
  claimed(): boolean {
    return this.firstRun.claimed;
  }

  /** `Sessions.signIn`. */
  signIn(
    credentials: Credentials,
    from: { readonly address: string; readonly agent: string },
  ): Promise<{ secret: string; caller: Caller }> {
    return this.sessions.signIn(credentials, from);
  }

  signOut(secret: string): Promise<void> {
    return this.sessions.signOut(secret);
  }

  session(secret: string, address: string): Caller | undefined {
    return this.sessions.session(secret, address);
  }

  token(secret: string, address: string): Caller | undefined {
    return this.tokens.token(secret, address);
  }

  /** Digest authentication with RTSP passwords, for one connection. */
  digestLogin(address: string): DigestLogin {
    return new DigestLogin(this.#digest, address);
  }

  /** Whether what a caller came in with still holds: to be asked of everything that stays open. */
  holds(caller: Caller): boolean {
    return caller.signedIn;
  }

  /** Whoever watches pictures is there, though nothing is asked meanwhile. */
  touch(caller: Caller): void {
    if (caller.kind === 'session') this.sessions.touch(caller.id);
  }

  /** When everything that was changed is durable. */
  async stop(): Promise<void> {
    await this.#book.settled();
  }
}
