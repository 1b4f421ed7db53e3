/** Brings problems of the box to people: folding, a durable outbox, e-mail and webhooks. Runs in: main. */
export {
  NoticeDesk,
  sendTest,
  type ChannelReport,
  type NoticeDeskOptions,
  type NoticePlan,
  type NoticePort,
  type NoticeReport,
} from './notice-desk.ts';
export type { Wording } from './words.ts';
export { WORDS_ZH } from './words-zh.ts';
