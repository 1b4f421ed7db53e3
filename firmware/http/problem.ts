import { ERROR_CODES, type BoxError, type ErrorCode, type ErrorKind } from '../base/index.ts';
import { WORDS_ZH } from '../notices/index.ts';

export type Language = 'en' | 'zh-CN';

/** RFC 9457, with the code of the box beside the URI that is made of it. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  /** What it is about: a camera, a path, faults of the input. */
  readonly context: Readonly<Record<string, unknown>>;
}

const STATUS_BY_KIND: Readonly<Record<ErrorKind, number>> = {
  caller: 400,
  missing: 404,
  later: 503,
  lost: 500,
  bug: 500,
};

/** Where the kind says too little for a client of HTTP. */
const STATUS_BY_CODE: Readonly<Partial<Record<ErrorCode, number>>> = {
  'control.not-signed-in': 401,
  'control.forbidden': 403,
  'control.camera-exists': 409,
  'control.box-runs': 409,
  'control.too-many-jobs': 429,
  'control.job-goes-on': 409,
  'exports.quota': 429,
  'accounts.refused': 401,
  'accounts.code-needed': 401,
  'accounts.bad-claim-code': 403,
  'accounts.not-for-machines': 403,
  'accounts.too-many-tries': 429,
  'accounts.already-claimed': 409,
  'accounts.user-exists': 409,
  'accounts.last-administrator': 409,
  'http.unclaimed': 403,
  'http.foreign-origin': 403,
  'http.foreign-host': 403,
  'http.no-such-path': 404,
  'http.wrong-method': 405,
  'http.too-large': 413,
  'http.not-json': 415,
  'http.too-many-requests': 429,
};

function statusOf(code: ErrorCode): number {
  return STATUS_BY_CODE[code] ?? STATUS_BY_KIND[ERROR_CODES[code].kind];
}

export function problemOf(error: BoxError, language: Language): ProblemDocument {
  const { code, context } = error;
  const words = (language === 'zh-CN' ? WORDS_ZH[code] : undefined) ?? error;
  return {
    type: `urn:ipvs:error:${code}`,
    title: words.what,
    status: statusOf(code),
    detail: words.advice,
    code,
    context,
  };
}

/** The language that a client wants most of those the box speaks (RFC 9110 section 12.5.4). */
export function languageOf(acceptLanguage: string | undefined): Language {
  const wishes = (acceptLanguage ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/);
      const quality = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1);
      return { tag, quality: Number.isFinite(quality) ? quality : 0 };
    })
    .filter(({ tag, quality }) => /^(?:en|zh)(?:-|$)/.test(tag) && quality > 0)
    .toSorted((one, other) => other.quality - one.quality);
  return wishes[0]?.tag.startsWith('zh') ? 'zh-CN' : 'en';
}
