/** Accounts of a folder of their own, with a clock that the test moves. */
import { TOTP, Secret } from 'otpauth';
import { Accounts, LOCAL, type AuditLine } from '../../firmware/accounts/index.ts';
import { tempFolder, type Teardown } from './temp-folder.ts';

export const PASSWORD = 'violet-tram-crossing';
export const OTHER_PASSWORD = 'granite under the pier';
const SET_UP = { name: 'Depot', timeZone: 'Europe/Berlin', language: 'en' } as const;
const BEGIN_US = Date.UTC(2026, 4, 1, 8) * 1000;

export interface AccountLab {
  readonly folder: string;
  readonly accounts: Accounts;
  readonly lines: AuditLine[];
  /** Lets time pass on both clocks. */
  readonly pass: (seconds: number) => void;
  /** Sets the clock on the wall, as a person would. */
  readonly setClock: (seconds: number) => void;
  /** As the next process would find them. */
  readonly reopen: () => Promise<Accounts>;
  /** The secret and the caller of a sign-in from an address. */
  readonly signIn: (
    name: string,
    password?: string,
    more?: { address?: string; code?: string },
  ) => ReturnType<Accounts['signIn']>;
  readonly codeOf: (secret: string) => string;
}

/** `claimed`: with the administrator `owner`. */
export async function accountLab(t: Teardown, options: { claimed: boolean } = { claimed: true }): Promise<AccountLab> {
  const folder = await tempFolder(t, 'accounts');
  const lines: AuditLine[] = [];
  let wallUs = BEGIN_US;
  let monoUs = 1_000_000;
  const open = (): Promise<Accounts> =>
    Accounts.open({
      dataFolder: folder,
      clock: { wallUs: () => wallUs, monoUs: () => monoUs },
      audit: { note: (line) => lines.push(line) },
      log: () => {},
    });
  const accounts = await open();
  if (options.claimed) await accounts.users.add('owner', PASSWORD, { role: 'administrator' }, LOCAL);
  return {
    folder,
    accounts,
    lines,
    reopen: open,
    pass: (seconds) => {
      wallUs += seconds * 1e6;
      monoUs += seconds * 1e6;
    },
    setClock: (seconds) => {
      wallUs += seconds * 1e6;
    },
    signIn: (name, password = PASSWORD, { address = '192.0.2.1', code } = {}) =>
      accounts.signIn({ name, password, code }, { address, agent: 'test' }),
    codeOf: (secret) => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: wallUs / 1000 }),
  };
}

export function claimOf(code: string): Parameters<Accounts['firstRun']['claim']>[0] {
  return { code, user: 'owner', password: PASSWORD, setUp: SET_UP };
}
