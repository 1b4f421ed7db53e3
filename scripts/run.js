// node scripts/run.js <verb> [arguments]: runs scripts/<verb>.ts in the pinned Node.
import { runPinned } from './lib/bootstrap.js';

const [verb = '', ...args] = process.argv.slice(2);
if (!/^[a-z-]+$/.test(verb)) {
  console.error('usage: node scripts/run.js <verb> [arguments]');
  process.exit(2);
}
runPinned(`scripts/${verb}.ts`, { args });
