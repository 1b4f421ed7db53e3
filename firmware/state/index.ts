/** How the machine, the box and the cameras are: now, over a year, and as figures for Prometheus. Runs in: main. */
export { type HistoryLine } from './history.ts';
export { metricsText } from './metrics-text.ts';
export { SystemState, type StateNow } from './system-state.ts';
export { countsOf } from './terminals.ts';
export type { StreamSight, TerminalChange, TerminalState } from './terminals.ts';
