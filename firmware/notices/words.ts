import { ERROR_CODES, type ErrorCode } from '../base/index.ts';
import type { NoticeSettings } from '../config/index.ts';
import type { Severity } from '../telemetry/index.ts';
import type { Channel, Message } from './channel.ts';
import { byGravity, inert, RANK, type ItemState, type Notice, type NoticeItem } from './notice.ts';
import { WORDS_ZH } from './words-zh.ts';

type Language = NoticeSettings['language'];

/** What is needed to put a notice into words. */
export interface Wording {
  readonly language: Language;
  readonly timeZone: string;
  readonly box: { readonly id: string; readonly name: string };
  /** What people call a subject such as `camera/front`; undefined if only its id is known. */
  readonly nameOf: (subject: string) => string | undefined;
}

interface Phrases {
  readonly severity: Readonly<Record<Severity, string>>;
  readonly state: Readonly<Record<ItemState, string>>;
  readonly kinds: Readonly<Record<string, string>>;
  readonly box: string;
  readonly test: string;
  readonly testText: string;
  readonly summary: string;
  readonly more: (count: number) => string;
  readonly since: string;
  readonly times: (count: number) => string;
  readonly colon: string;
}

const PHRASES: Readonly<Record<Language, Phrases>> = {
  en: {
    severity: { error: 'Error', warning: 'Warning', notice: 'Notice' },
    state: { standing: '', over: 'Over', happened: '' },
    kinds: { camera: 'camera', volume: 'volume', disk: 'disk', channel: 'channel', group: 'group' },
    box: 'box',
    test: 'Test notice',
    testText: 'This is a test. Notices of this box arrive here.',
    summary: 'Summary',
    more: (count) => `and ${count} more; ipvs status lists what stands now`,
    since: 'since',
    times: (count) => `${count} times`,
    colon: ': ',
  },
  'zh-CN': {
    severity: { error: '错误', warning: '警告', notice: '提示' },
    state: { standing: '', over: '已恢复', happened: '' },
    kinds: { camera: '摄像机', volume: '存储卷', disk: '硬盘', channel: '通知通道', group: '分组' },
    box: '本机',
    test: '测试通知',
    testText: '这是一条测试通知。本机的通知可以送达此处。',
    summary: '汇总',
    more: (count) => `另有 ${count} 条；当前状态请用 ipvs status 查看`,
    since: '始于',
    times: (count) => `共 ${count} 次`,
    colon: '：',
  },
};

/** What happened and what to do, in the language; English where a code has no words in it. */
function wordsOf(code: ErrorCode, language: Language): { what: string; advice: string } {
  const { what, advice } = (language === 'zh-CN' ? WORDS_ZH[code] : undefined) ?? ERROR_CODES[code];
  return { what, advice };
}

/** The items that a channel is told of: grave enough, and not its own failure. */
export function itemsFor(items: readonly NoticeItem[], channel: Pick<Channel, 'id' | 'minSeverity'>): NoticeItem[] {
  return items.filter(
    ({ code, subject, severity }) =>
      RANK[severity] <= RANK[channel.minSeverity] &&
      !(code === 'notices.undelivered' && subject === `channel/${channel.id}`),
  );
}

/** A notice as one channel tells it. */
export function messageOf(notice: Notice, channel: Pick<Channel, 'id' | 'minSeverity'>, wording: Wording): Message {
  const items = itemsFor(notice.items, channel).sort(byGravity);
  const phrases = PHRASES[wording.language];
  const lines = items.map((item) => paragraph(item, wording, phrases));
  if (notice.kind === 'test') lines.push(phrases.testText);
  if (notice.more > 0) lines.push(phrases.more(notice.more));
  const footer = `-- \n${wording.box.name}, ${timeOf(notice.atUs, wording)}`;
  return {
    id: notice.id,
    atUs: notice.atUs,
    title: `[${inert(wording.box.name)}] ${headline(notice, items, wording, phrases)}`,
    text: `${[...lines, footer].join('\n\n')}\n`,
    facts: {
      version: 1,
      kind: notice.kind,
      at: isoOf(notice.atUs),
      box: { id: wording.box.id, name: wording.box.name },
      severity: items[0]?.severity ?? 'notice',
      items: items.map((item) => factsOf(item, wording)),
      more: notice.more,
    },
  };
}

function headline(notice: Notice, items: readonly NoticeItem[], wording: Wording, phrases: Phrases): string {
  if (notice.kind === 'test') return phrases.test;
  const [first] = items;
  if (!first) return phrases.summary;
  const others = items.length - 1 + notice.more;
  const start = notice.kind === 'summary' ? `${phrases.summary}${phrases.colon}` : '';
  return `${start}${labelOf(first, phrases)}${phrases.colon}${subjectOf(first.subject, wording, phrases)}${phrases.colon}${wordsOf(first.code, wording.language).what}${others > 0 ? ` (+${others})` : ''}`;
}

function paragraph(item: NoticeItem, wording: Wording, phrases: Phrases): string {
  const { what, advice } = wordsOf(item.code, wording.language);
  const times = item.times > 1 ? `, ${phrases.times(item.times)}` : '';
  const details = Object.entries(item.context).map(([key, value]) => `  ${key}: ${value}`);
  return [
    `${labelOf(item, phrases)}${phrases.colon}${subjectOf(item.subject, wording, phrases)}`,
    what,
    ...(item.state === 'over' ? [] : [advice]),
    `(${phrases.since} ${timeOf(item.sinceUs, wording)}${times}; ${item.code})`,
    ...details,
  ].join('\n');
}

function labelOf({ severity, state }: NoticeItem, phrases: Phrases): string {
  return phrases.state[state] || phrases.severity[severity];
}

/** `camera/front` as people say it. */
function subjectOf(subject: string, wording: Wording, phrases: Phrases): string {
  if (subject === 'box') return phrases.box;
  const [kind = '', ...rest] = subject.split('/');
  const name = inert(wording.nameOf(subject) ?? rest.join('/'));
  return rest.length === 0 || !phrases.kinds[kind] ? inert(subject) : `${phrases.kinds[kind]} ${name}`;
}

function factsOf(item: NoticeItem, wording: Wording): Record<string, unknown> {
  const { code, subject, severity, state, sinceUs, times, context } = item;
  const name = wording.nameOf(subject);
  return {
    code,
    subject,
    ...(name === undefined ? {} : { name }),
    severity,
    state,
    since: isoOf(sinceUs),
    times,
    ...wordsOf(code, wording.language),
    context,
  };
}

function isoOf(wallUs: number): string {
  return new Date(wallUs / 1000).toISOString();
}

/** As clocks at the site show it: 2026-05-31 18:30:00 GMT+8. */
function timeOf(wallUs: number, { timeZone }: Wording): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'long',
    hourCycle: 'h23',
  }).format(wallUs / 1000);
  return parts.replace(',', '');
}
