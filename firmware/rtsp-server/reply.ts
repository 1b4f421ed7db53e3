import { asBoxError, type ErrorCode } from '../base/index.ts';

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  453: 'Not Enough Bandwidth',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'RTSP Version Not Supported',
  551: 'Option Not Supported',
};

/** What is answered to a request, beside what every answer says. */
export interface Reply {
  readonly status: number;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly body?: string;
}

export function reasonOf(status: number): string {
  return REASONS[status] ?? 'Error';
}

const STATUS: Partial<Record<ErrorCode, number>> = {
  'accounts.refused': 401,
  'accounts.stale-challenge': 401,
  'control.not-signed-in': 401,
  'control.no-such-camera': 404,
  'control.forbidden': 404,
  'live.no-such-stream': 404,
  'rtsp-server.too-many': 453,
};
const RETRY_S = '5';

/** Anything else may be better in a moment, but for what is wrong with the firmware. */
export function replyTo(error: unknown): Reply {
  const { code, kind, context } = asBoxError(error, 'box.bug');
  if (kind === 'bug') return { status: 500 };
  const status = STATUS[code] ?? 503;
  const waitS = context['waitS'];
  if (status !== 503) return { status };
  return { status, headers: [['Retry-After', typeof waitS === 'number' ? String(waitS) : RETRY_S]] };
}
