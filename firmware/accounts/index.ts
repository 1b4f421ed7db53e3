/** Who may do what: users, roles and rights, sessions, tokens, the first run. Runs in: main. */
export { Accounts } from './accounts.ts';
export type { SetUp } from './account-book.ts';
export type { AuditLine, AuditPort } from './audit-port.ts';
export { anonymous, LOCAL, type Caller } from './caller.ts';
export type { DigestLogin, DigestRequest } from './digest-login.ts';
export { allowanceOf, CAMERA_RIGHTS, EVERY_CAMERA, RIGHTS, ROLES, seesCamera, type Right } from './rights.ts';
export type { RtspPasswordView } from './rtsp-passwords.ts';
export type { SessionView } from './sessions.ts';
export type { TokenView } from './tokens.ts';
export type { UserView } from './users.ts';
