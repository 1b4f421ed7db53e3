import { MASK, maskSecrets } from '../base/index.ts';

const MAX_DETAIL_CHARS = 2000;
const MAX_TEXT_CHARS = 200;
const MAX_SUBJECT_CHARS = 200;
/** Claim codes, one-time codes, keys, certificates and pictures: worth nothing in a log, and some of them are secrets. */
const UNLOGGED = /code$|^ca$|key$|pem$|^jpeg$/i;
/** Whom a webhook reaches stands in its path as well as any key does; where a camera keeps its stream is told. */
const OF_A_STREAM = /^rtsp(?:s|h|sh)?:/i;

/** What was asked for, as an audit line may hold it. Undefined if it was nothing. */
export function detailOf(input: unknown): Record<string, unknown> | undefined {
  if (typeof input !== 'object' || input === null || Object.keys(input).length === 0) return undefined;
  const detail = shortened(maskSecrets(input)) as Record<string, unknown>;
  return JSON.stringify(detail).length <= MAX_DETAIL_CHARS ? detail : { shortened: Object.keys(detail).slice(0, 20) };
}

export function subjectOf(text: string): string {
  return text.slice(0, MAX_SUBJECT_CHARS);
}

function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT_CHARS);
  if (Array.isArray(value)) return value.map(shortened);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !UNLOGGED.test(key));
  return Object.fromEntries(
    kept.map(([key, member]) => [key.slice(0, 100), shortened(key === 'url' ? withoutPath(member) : member)]),
  );
}

/** Scheme and host of an address, also of one that somebody typed without a scheme. */
function withoutPath(url: unknown): unknown {
  if (typeof url !== 'string' || OF_A_STREAM.test(url)) return url;
  const place = /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#\s]*/i.exec(url)?.[0] ?? '';
  return place === url ? url : `${place}/${MASK}`;
}
