/**
 * npm start: the box with four simulated cameras, and its figures on the terminal.
 *
 *     npm start -- --no-demo        the box alone; also with IPVS_DEMO=0
 *     npm start -- --data DIR       another data folder than ./data
 *     npm start -- --port 9000      another port for the window; 0 takes any free one
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findUi } from './lib/find-ui.ts';
import { Demo } from './lib/demo/demo.ts';
import { explain } from './lib/demo/faults.ts';

interface Wishes {
  readonly dataFolder: string;
  readonly port: number | undefined;
  readonly hasDemo: boolean;
}

function readWishes(): Wishes {
  const { values } = parseArgs({
    options: { 'no-demo': { type: 'boolean' }, data: { type: 'string' }, port: { type: 'string' } },
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    throw new TypeError('--port must be 0 to 65535');
  }
  const hasDemo = values['no-demo'] !== true && process.env['IPVS_DEMO'] !== '0';
  return { dataFolder: resolve(values.data ?? 'data'), port, hasDemo };
}

async function main(): Promise<number> {
  let wishes;
  try {
    wishes = readWishes();
  } catch (error) {
    console.error(`${(error as Error).message}\nusage: npm start -- [--no-demo] [--data DIR] [--port N]`);
    return 2;
  }
  await findUi();
  const demo = new Demo(wishes);
  let asked = 0;
  const end = (): void => {
    if (++asked === 1) demo.end();
    else demo.endAtOnce();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
  // Whoever started this, or reads it, is gone.
  process.once('disconnect', () => demo.end());
  process.channel?.unref();
  process.stdout.on('error', () => demo.end());
  try {
    return await demo.run();
  } catch (error) {
    console.error(explain(error, wishes));
    return 1;
  }
}

process.exitCode = await main();
