/** Watching live: streams fetched once for all who watch, each viewer with a queue of its own. Runs in: main. */
export { LiveHouse } from './live-house.ts';
export type { Because, LiveSink, LiveSource, LiveState } from './live-source.ts';
export type { LiveView, LiveWish } from './live-view.ts';
