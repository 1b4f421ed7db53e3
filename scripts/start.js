// npm start [-- <options>]: the box with four simulated cameras, or alone (--no-demo).
import { runPinned } from './lib/bootstrap.js';

runPinned('scripts/start.ts', { forProduct: true });
