/** node scripts/run.js ui: builds the operator's window for browsers. Seconds; `npm start` and `npm test` do it by themselves. */
import { buildUi } from './lib/build-ui.ts';

console.log((await buildUi()) ? 'The window has been built.' : 'The window is as its sources are.');
