/** A box's notice desk as a process, for tests that kill it: arguments are the data folder and its settings as JSON. */
import { makeDesk, planOf } from './notice-desk.ts';

const [folder = '', notices = '{}', code] = process.argv.slice(2);
const { desk, problems } = makeDesk(folder, planOf(JSON.parse(notices) as Record<string, unknown>));
await desk.start();
if (code === 'raise') problems.raise('storage.hung', 'volume/v', 'error', { folder: 'recordings' });
process.stdout.write('ready\n');
process.stdin.resume();
