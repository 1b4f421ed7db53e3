/** Watching live: streams fetched once for all who watch, each viewer with a queue of its own. Runs in: main. */
export { LiveHouse } from './live-house.ts';
export type { Because, LiveForm, LiveSink, LiveSource, LiveState, Mpeg1Places } from './live-source.ts';
export type { LiveView, LiveWish } from './live-view.ts';
export { parseViews, ViewBook } from './view-book.ts';
