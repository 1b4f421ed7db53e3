/** What the web door needs of the rest of the box; the supervisor fills it in. */
import type { z } from 'zod';
import type { ErrorCode } from '../base/index.ts';
import type { BoxStatus, Caller, DownloadDesk, Job, MediaDesk, OperationDescription, Task } from '../control/index.ts';

export interface AccountsPort {
  /** False until somebody has set the box up. */
  claimed(): boolean;
  /** Whoever holds the secret of this session. Undefined alike for one that is unknown, ended, revoked or tampered with. */
  session(secret: string, address: string): Caller | undefined;
  /** The same of an API token. */
  token(secret: string, address: string): Caller | undefined;
  /** Rejects, alike for an unknown name and a wrong password. */
  signIn(credentials: Credentials, from: Remote): Promise<SignedIn>;
  signOut(secret: string): Promise<void>;
  /** A sign of life of whoever watches pictures. */
  touch(caller: Caller): void;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Of an authenticator app, where the account wants one. */
  readonly code?: string | undefined;
}

/** Where somebody comes from. */
export interface Remote {
  readonly address: string;
  /** What the client calls itself; shown in lists of sessions. */
  readonly agent: string;
}

export interface SignedIn {
  /** Goes into the cookie and nowhere else. */
  readonly secret: string;
  readonly caller: Caller;
}

export interface JobsPort {
  begin(
    operation: Pick<OperationDescription, 'name' | 'cancellable'>,
    by: Caller,
    work: (task: Task) => Promise<unknown>,
  ): Job;
  /** Newest first, whoever began them. */
  list(): Promise<readonly Job[]>;
}

export interface WebPorts {
  readonly operations: readonly OperationDescription[];
  call(operation: string, input: unknown, caller: Caller, task?: Task): Promise<unknown>;
  /** Told what the door refused by itself, for the log. */
  refused(operation: string, caller: Caller, code: ErrorCode): void;
  readonly accounts: AccountsPort;
  readonly jobs: JobsPort;
  /** Pictures, live and recorded. */
  readonly media: Pick<MediaDesk, 'connect'>;
  /** The connection of somebody who followed the box is gone, whoever ended it. */
  left(caller: Caller): void;
  /** Exports that were prepared. */
  readonly downloads: Pick<DownloadDesk, 'open'>;
  /** Everything, whoever asks: the door shows each client its part. */
  status(): Promise<z.output<typeof BoxStatus>>;
  /** In the text format of Prometheus, about the cameras that the asker sees. */
  metrics(sees: (camera: string) => boolean): Promise<string>;
  /** Whether the box can do its work now. */
  ready(): boolean;
  /** Where weaknesses are to be reported, as a URI; empty: nobody has said. */
  securityContact(): string;
  readonly version: string;
  log(event: string, detail: Record<string, unknown>): void;
}
