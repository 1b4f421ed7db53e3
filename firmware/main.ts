/** Entry of the firmware: the command line. Without arguments it says what there is. */
import { join } from 'node:path';
import { setHeapFlags, startAnew, usePlainSources } from './engine.ts';

// Footage, settings and exports are nobody else's business on this machine.
process.umask(0o077);

// First of all, before anything uses the thread pool: one hung disk blocks two threads, and none may block the others.
process.env['UV_THREADPOOL_SIZE'] ??= '24';

const words = process.argv.slice(2);
const plainPlaces = {
  installed: join(import.meta.dirname, '..', 'plain-sources'),
  own: process.env['IPVS_PLAIN_SOURCES_IN'] ?? join(dataFolderIn(words), 'plain-sources'),
};
if (words[0] === 'run') startAnew(plainPlaces);
else await usePlainSources(plainPlaces);
setHeapFlags();

const { runCommandLine } = await import('./cli/index.ts');
const { openStoppedBox, runBox } = await import('./supervisor/index.ts');

const code = await runCommandLine(words, { run: runBox, openStopped: openStoppedBox });
// A disk that hangs keeps its threads for ever, and they would keep `process.exit` waiting: by now all files are finished.
if (code >= 128) process.kill(process.pid, 'SIGKILL');
process.exitCode = code;
// Nothing should keep the process now; what does must not keep it for long. A log line that nobody takes would keep
// `process.exit` waiting, too.
setTimeout(() => process.kill(process.pid, 'SIGKILL'), 4000).unref();

/** Only a guess at where the cache may lie: the words are read and judged by the command line. */
function dataFolderIn(words: readonly string[]): string {
  const at = words.indexOf('--data');
  return (at >= 0 ? words[at + 1] : undefined) ?? 'data';
}
