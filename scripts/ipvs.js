// npm run ipvs -- <command>: the command line of the box in the pinned Node.
import { runPinned } from './lib/bootstrap.js';

runPinned('firmware/main.ts', { forProduct: true });
