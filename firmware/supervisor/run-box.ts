import { readFile } from 'node:fs/promises';
import { RunningBox } from './running-box.ts';

/** Exit code by which the process has to end itself: something still hangs in the kernel. */
const HANGS = 137;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A terminal and whatever forwards its signals may both tell the box: within this time that is one request. */
const ONE_REQUEST_MS = 500;

/**
 * Runs the box until SIGINT, SIGTERM or SIGHUP: the first request asks it to finish every file, the second ends it at once.
 * Answers with the exit code.
 */
export async function runBox(options: { dataFolder: string; port: number | undefined }): Promise<number> {
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  let askedAtMs: number | undefined;
  const onSignal = (): void => {
    ask();
    askedAtMs ??= performance.now();
    if (performance.now() - askedAtMs > ONE_REQUEST_MS) process.kill(process.pid, 'SIGKILL');
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    for (;;) {
      const { promise: anew, resolve: beginAnew } = Promise.withResolvers<'anew'>();
      const box = new RunningBox({
        ...options,
        ...(await ownRelease()),
        environment: process.env,
        beginAnew: () => beginAnew('anew'),
      });
      const why = await runUntil(box, Promise.race([asked, anew]));
      if (!box.stoppedClean) return HANGS;
      if (why !== 'anew') return 0;
    }
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

async function runUntil<T>(box: RunningBox, end: Promise<T>): Promise<T> {
  try {
    await box.start();
    if (box.secureUrl !== undefined) process.stdout.write(`For everybody: ${box.secureUrl}\n`);
    const page = box.url === undefined ? 'Another program has the port of its window.' : `Status page: ${box.url}`;
    process.stdout.write(`The box records. ${page}\n`);
    if (box.claimCode !== undefined) process.stdout.write(`To set it up, use the claim code ${box.claimCode}\n`);
    return await end;
  } finally {
    await box.stop();
  }
}

async function ownRelease(): Promise<{ version: string; supportedUntil: string }> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  const { version, supportedUntil } = JSON.parse(text) as { version: string; supportedUntil: string };
  return { version, supportedUntil };
}
