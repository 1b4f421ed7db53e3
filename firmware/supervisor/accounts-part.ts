import { Accounts, type AuditPort } from '../accounts/index.ts';
import { asBoxError, systemClock } from '../base/index.ts';
import type { SettingsStore } from '../config/index.ts';
import type { Problems } from '../telemetry/index.ts';
import { settingsPort } from './settings-port.ts';

export interface AccountsPartOptions {
  readonly store: SettingsStore;
  readonly audit: AuditPort;
  readonly problems: Problems;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** The accounts of a box that starts. Whatever is wrong with them is a problem for people; recording goes on. */
export async function openAccounts({ store, audit, problems, log }: AccountsPartOptions): Promise<Accounts> {
  const accounts = await Accounts.open({ dataFolder: store.folder, clock: systemClock, audit, log });
  const raise = (error: unknown): void => {
    const { code, context } = asBoxError(error, 'accounts.not-written');
    problems.raise(code, 'box', 'error', context);
  };
  if (accounts.fault) raise(accounts.fault);
  await accounts.firstRun.start((setUp) => settingsPort(store).setUp(setUp)).catch(raise);
  return accounts;
}
