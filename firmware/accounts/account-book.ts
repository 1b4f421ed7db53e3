import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { asBoxError, BoxError } from '../base/index.ts';
import { replaceFile } from '../config/index.ts';
import { isPasswordHash } from './password-hash.ts';
import { CAMERA_RIGHTS, RIGHTS, ROLES } from './rights.ts';

const FILE = 'accounts.json';
const MAX_BYTES = 4 * 1024 * 1024;

const cameras = z.array(z.strictObject({ camera: z.string(), rights: z.array(z.enum(CAMERA_RIGHTS)) })).optional();
const us = z.number();

const user = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  role: z.enum(ROLES),
  rights: z.array(z.enum(RIGHTS)).optional(),
  cameras,
  disabled: z.boolean(),
  /** PHC string. */
  password: z.string().refine(isPasswordHash, 'is no argon2id hash'),
  passwordAtUs: us,
  /** Who set it: the user's own name, that of another, or `local`. */
  passwordBy: z.string(),
  /** Networks from which this user has signed in, the newest last: attempts of others elsewhere do not slow it down there. */
  networks: z.array(z.string()),
  secondFactor: z
    .strictObject({
      secret: z.string(),
      /** The newest time step whose code was used: none is taken twice (RFC 6238 section 5.2). */
      lastStep: z.number(),
      /** Digests of the codes that are left. */
      recovery: z.array(z.string()),
    })
    .optional(),
  createdUs: us,
});

const session = z.strictObject({
  id: z.string().min(1),
  digest: z.string().min(1),
  user: z.string(),
  createdUs: us,
  lastUs: us,
  address: z.string(),
  agent: z.string(),
});

const token = z.strictObject({
  id: z.string().min(1),
  digest: z.string().min(1),
  name: z.string(),
  /** Id of the user who made it; it ends with that user and never does more. Empty: made at the box itself. */
  owner: z.string(),
  rights: z.array(z.enum(RIGHTS)),
  cameras,
  createdUs: us,
  expiresUs: us.optional(),
});

const rtspPassword = z.strictObject({
  id: z.string().min(1),
  user: z.string().min(1),
  label: z.string(),
  /** Id of the user who made it; it ends with that user and never shows more than they may see. Empty: made at the box itself. */
  owner: z.string(),
  cameras: z.array(z.string()).optional(),
  /** H(user:realm:password) of RFC 7616 section 3.4.2, hexadecimal: as good as the password for RTSP, and for nothing else. */
  ha1: z.strictObject({ md5: z.string().length(32), sha256: z.string().length(64) }),
  createdUs: us,
  expiresUs: us.optional(),
});

const setUp = z.strictObject({ name: z.string(), timeZone: z.string(), language: z.enum(['en', 'zh-CN']) });

const document = z.strictObject({
  version: z.literal(1),
  users: z.array(user),
  sessions: z.array(session),
  tokens: z.array(token),
  rtspPasswords: z.array(rtspPassword).default([]),
  /** What the first run has chosen and the settings do not hold yet. */
  setUp: setUp.optional(),
});

export type UserRecord = z.output<typeof user>;
export type SessionRecord = z.output<typeof session>;
export type TokenRecord = z.output<typeof token>;
export type RtspPasswordRecord = z.output<typeof rtspPassword>;
export type SetUp = z.output<typeof setUp>;
export type AccountState = z.output<typeof document>;

/** The same, found by key. */
export interface AccountIndex {
  readonly users: ReadonlyMap<string, UserRecord>;
  readonly sessions: ReadonlyMap<string, SessionRecord>;
  readonly sessionsByDigest: ReadonlyMap<string, SessionRecord>;
  readonly tokens: ReadonlyMap<string, TokenRecord>;
  readonly tokensByDigest: ReadonlyMap<string, TokenRecord>;
}

const EMPTY: AccountState = { version: 1, users: [], sessions: [], tokens: [], rtspPasswords: [] };

/** Users, sessions and tokens: in memory, and durable in `accounts.json` of the data folder, each change whole or not at all. */
export class AccountBook {
  readonly #path: string;
  #state: AccountState;
  #index: AccountIndex;
  #lastUpdate: Promise<unknown> = Promise.resolve();
  /** Why the file cannot be used. Nobody can sign in then, and nothing is written over it. */
  readonly fault: BoxError | undefined;

  private constructor(path: string, state: AccountState, fault: BoxError | undefined) {
    this.#path = path;
    this.#state = state;
    this.#index = indexOf(state);
    this.fault = fault;
  }

  /** A file that cannot be used is a `fault`, not an error: recording goes on without it. */
  static async open(dataFolder: string): Promise<AccountBook> {
    const path = join(dataFolder, FILE);
    try {
      return new AccountBook(path, await read(path), undefined);
    } catch (error) {
      return new AccountBook(path, EMPTY, asBoxError(error, 'accounts.unreadable'));
    }
  }

  /** Never changed in place; another object after each update. */
  get state(): AccountState {
    return this.#state;
  }

  get index(): AccountIndex {
    return this.#index;
  }

  /**
   * Changes a copy, makes it durable, and only then puts it in force. Updates run one after another. Rejects with what `change`
   * throws, accounts.unreadable or accounts.not-written, and then nothing has changed.
   */
  update<T>(change: (draft: AccountState) => T): Promise<T> {
    const update = this.#lastUpdate.then(() => this.#apply(change));
    // The failure belongs to the caller of this update, not to the next one.
    this.#lastUpdate = update.then(
      () => undefined,
      () => undefined,
    );
    return update;
  }

  /** When all updates that were asked for are over. */
  async settled(): Promise<void> {
    await this.#lastUpdate;
  }

  async #apply<T>(change: (draft: AccountState) => T): Promise<T> {
    if (this.fault) throw this.fault;
    const draft = structuredClone(this.#state);
    const result = change(draft);
    try {
      await replaceFile(this.#path, `${JSON.stringify(document.parse(draft), undefined, 2)}\n`);
    } catch (error) {
      throw asBoxError(error, 'accounts.not-written');
    }
    this.#state = draft;
    this.#index = indexOf(draft);
    return result;
  }
}

function indexOf({ users, sessions, tokens }: AccountState): AccountIndex {
  return {
    users: new Map(users.map((each) => [each.id, each])),
    sessions: new Map(sessions.map((each) => [each.id, each])),
    sessionsByDigest: new Map(sessions.map((each) => [each.digest, each])),
    tokens: new Map(tokens.map((each) => [each.id, each])),
    tokensByDigest: new Map(tokens.map((each) => [each.digest, each])),
  };
}

async function read(path: string): Promise<AccountState> {
  let text;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw error;
  }
  return parseAccounts(text, path);
}

/** What the text of the file says. Throws accounts.unreadable, which names `path` and quotes nothing. */
export function parseAccounts(text: string, path: string): AccountState {
  if (text.length > MAX_BYTES) throw new BoxError('accounts.unreadable', { file: path, reason: 'it is too large' });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // What the parser says of it holds pieces of the file.
    throw new BoxError('accounts.unreadable', { file: path, reason: 'it is not JSON' });
  }
  const checked = document.safeParse(value);
  if (checked.success) return checked.data;
  const faults = checked.error.issues.slice(0, 5).map((issue) => issue.path.map(String).join('.'));
  throw new BoxError('accounts.unreadable', { file: path, faults });
}
