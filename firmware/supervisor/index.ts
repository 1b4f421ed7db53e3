/** The roof: builds the parts of the box, starts and stops them in order. Runs in: main. */
export { runBox } from './run-box.ts';
export { openStoppedBox } from './stopped-box.ts';
