import { BoxError, type ErrorCode } from '../../base/index.ts';
import { hasCode, type SoapFault, type SoapReply } from './reply.ts';

const LOGIN = [
  'NotAuthorized',
  'SenderNotAuthorized',
  'FailedAuthentication',
  'InvalidSecurity',
  'InvalidSecurityToken',
  'FailedCheck',
];
const ABSENT = [
  'ActionNotSupported',
  'OptionalActionNotImplemented',
  'UnknownAction',
  'NoSuchService',
  'DestinationUnreachable',
];
const BUSY = [
  'BlockedThreadUpperLimit',
  'MaxNVTProfiles',
  'MaxPullPoints',
  'ResourceUnavailable',
  'OutofMemory',
  'ServiceTooBusy',
];

/** The camera did not take the login (ONVIF Core section 5.9, WS-Security section 12). */
export function isLoginFault(fault: SoapFault): boolean {
  return LOGIN.some((name) => hasCode(fault, name));
}

/** The error for a reply that is no answer. Carries the fault's codes, never its text: some cameras echo what they were sent. */
export function errorOf(reply: SoapReply, status: number, context: Record<string, unknown>): BoxError {
  if (reply.kind === 'fault') {
    const codes = reply.codes.map((code) => code.replaceAll(/[^\w:.-]/g, '').slice(0, 60));
    return new BoxError(codeOf(reply), { ...context, status, codes });
  }
  if (status === 401) return new BoxError('onvif.unauthorized', context);
  if (status === 403) return new BoxError('onvif.forbidden', context);
  if (status === 503) return new BoxError('onvif.busy', { ...context, status });
  // A page, or nothing, where a service should be: it is not there (also when the status says that all is well).
  const isAbsent = reply.kind === 'not-soap' && (reply.content === 'html' || [404, 405, 501].includes(status));
  return new BoxError(isAbsent ? 'onvif.not-supported' : 'onvif.bad-answer', { ...context, status });
}

function codeOf(fault: SoapFault): ErrorCode {
  if (isLoginFault(fault)) return 'onvif.unauthorized';
  if (ABSENT.some((name) => hasCode(fault, name))) return 'onvif.not-supported';
  return BUSY.some((name) => hasCode(fault, name)) ? 'onvif.busy' : 'onvif.refused';
}
