// npm test: everything that must hold, in a fresh clone as well.
import { runPinned } from './lib/bootstrap.js';

runPinned('scripts/test.ts');
