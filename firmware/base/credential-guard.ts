import { createHmac, randomBytes } from 'node:crypto';

import type { Credentials } from './authenticator.ts';
import type { Clock } from './clock.ts';
import { Backoff } from './retry.ts';

/** What a refused login means for the one whose login it was. */
export type RefusalVerdict =
  | 'wrong-password'
  /** These credentials have worked before: cameras also answer like this when they serve as many clients as they can. */
  | 'too-many-clients';

/** Whether a login may be tried now. */
export type Admission =
  | { readonly go: true }
  /** "refused": it is known to be wrong; "being-tried": somebody is just finding out. */
  | { readonly go: false; readonly why: 'refused' | 'being-tried'; readonly waitMs: number };

/** Names an account of a device together with the password tried; holds no readable part of them. */
export type LoginKey = string & { readonly __login: never };

interface Login {
  /** They have been accepted, so they are right until the settings change. */
  proven: boolean;
  refusals: number;
  blockedUntilUs: number;
  /** Somebody is just finding out whether they are right. */
  tryingUntilUs: number;
  backoff: Backoff;
}

const FIRST_PAUSE_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;
const TRIAL_LIMIT_US = 30e6;
const RECHECK_MS = 1_000;
const MAX_LOGINS = 4096;
/** After so many refusals in a row a password that once worked counts as changed in the camera. */
const REFUSALS_TO_DOUBT = 6;

/**
 * Keeps the box from locking its own account: cameras block a user or an address after a few wrong passwords. One guard is
 * shared by all links (and by ONVIF); it lets one attempt at a time find out whether a login is right, and after a confirmed
 * refusal none before minutes have passed. Another password is another login and waits for nothing.
 */
export class CredentialGuard {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #salt = randomBytes(16);
  readonly #logins = new Map<LoginKey, Login>();

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock;
    this.#random = random;
  }

  key(host: string, port: number, credentials: Credentials): LoginKey {
    const text = JSON.stringify([host.toLowerCase(), port, credentials.user, credentials.password]);
    return createHmac('sha256', this.#salt).update(text).digest('base64') as LoginKey;
  }

  /** After `go` one of `accepted`, `refused` and `undecided` must follow. */
  admit(key: LoginKey): Admission {
    const blockedMs = this.blockedMs(key);
    if (blockedMs > 0) return { go: false, why: 'refused', waitMs: blockedMs };
    const login = this.#login(key);
    if (login.proven) return { go: true };
    const nowUs = this.#clock.monoUs();
    if (login.tryingUntilUs > nowUs) return { go: false, why: 'being-tried', waitMs: RECHECK_MS };
    login.tryingUntilUs = nowUs + TRIAL_LIMIT_US;
    return { go: true };
  }

  /** Milliseconds until a refused login may be tried again; 0 if it may be tried now. */
  blockedMs(key: LoginKey): number {
    const leftUs = this.#login(key).blockedUntilUs - this.#clock.monoUs();
    return leftUs > 0 ? Math.ceil(leftUs / 1000) : 0;
  }

  /** The camera took the login. */
  accepted(key: LoginKey): void {
    const login = this.#login(key);
    login.proven = true;
    login.refusals = 0;
    login.tryingUntilUs = 0;
    login.blockedUntilUs = 0;
    login.backoff.reset();
  }

  /** The camera refused an answer to a fresh challenge. */
  refused(key: LoginKey): RefusalVerdict {
    const login = this.#login(key);
    login.tryingUntilUs = 0;
    login.refusals++;
    if (login.proven && login.refusals < REFUSALS_TO_DOUBT) return 'too-many-clients';
    login.proven = false;
    const waitMs = login.backoff.attempts === 0 ? this.#firstPause(login) : login.backoff.nextMs();
    login.blockedUntilUs = this.#clock.monoUs() + waitMs * 1000;
    return 'wrong-password';
  }

  /** The attempt ended before the login was judged. */
  undecided(key: LoginKey): void {
    this.#login(key).tryingUntilUs = 0;
  }

  /** Forgets a block, because a person asks for a new attempt. */
  release(key: LoginKey): void {
    this.#logins.delete(key);
  }

  /** The first pause is the shortest one, without jitter. */
  #firstPause(login: Login): number {
    login.backoff.nextMs();
    return FIRST_PAUSE_MS;
  }

  #login(key: LoginKey): Login {
    let login = this.#logins.get(key);
    if (!login) {
      if (this.#logins.size >= MAX_LOGINS) this.#logins.delete(this.#logins.keys().next().value!);
      const backoff = new Backoff({ minMs: FIRST_PAUSE_MS, maxMs: LONGEST_PAUSE_MS, random: this.#random });
      login = { proven: false, refusals: 0, blockedUntilUs: 0, tryingUntilUs: 0, backoff };
      this.#logins.set(key, login);
    }
    return login;
  }
}
