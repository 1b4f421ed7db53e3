import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { BoxError } from '../../../firmware/base/index.ts';
import { createLogger, flushLogger, type Logger } from '../../../firmware/telemetry/index.ts';

const SPEAKER = join(import.meta.dirname, '../../support/log-speaker.ts');

async function lines(file: string): Promise<Record<string, unknown>[]> {
  return (await readFile(file, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

async function logged(folder: string, speak: (log: Logger) => void): Promise<Record<string, unknown>[]> {
  const file = join(folder, 'box.log');
  const log = createLogger({ level: 'info', thread: 'main', file, blocking: true });
  speak(log);
  await flushLogger(log);
  return lines(file);
}

t.test('a line says when, how grave, which thread and what', async (t) => {
  const folder = t.testdir();
  const [line, ...rest] = await logged(folder, (log) => {
    log.child({ camera: 'gate' }).info({ frames: 3 }, 'segment %s closed', 7);
    log.debug('too fine');
  });
  t.strictSame(rest, []);
  t.match(line, { level: 'info', thread: 'main', camera: 'gate', frames: 3, msg: 'segment 7 closed' });
  t.match(line?.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  t.equal((await stat(join(folder, 'box.log'))).mode & 0o777, 0o600);
});

t.test('no secret reaches a line, by whatever way it comes', async (t) => {
  const url = 'rtsp://admin:canary@10.0.0.1/stream';
  const folder = t.testdir();
  const file = join(folder, 'box.log');
  const found = await logged(folder, (log) => {
    log.info(`opening ${url}`);
    log.info('opening %s for %o', url, { password: 'canary' });
    log.info({ url, password: 'canary', username: 'canary' }, 'members');
    log.info({ deep: { deeper: [{ token: 'canary', headers: { Authorization: 'Basic canary' } }] } });
    log.child({ url }).child({ secret: 'canary' }).info('bindings');
    log.error(new Error(`cannot reach ${url}`));
    log.error({ err: new Error(`cannot reach ${url}`) });
    log.error({ err: new Error('outer', { cause: new Error(url) }) }, 'with cause');
    log.error({ error: new BoxError('rtsp.refused', { url }, { cause: new Error(url) }) }, url);
    log.warn(new BoxError('rtsp.unauthorized', { url, header: 'Authorization: Digest canary' }));
    log.info(new Map([['password', 'canary']]), 'a map');
    log.info(new URLSearchParams({ pwd: 'canary' }), 'a query');
  });
  t.equal(found.length, 12);
  t.notMatch(await readFile(file, 'utf8'), /canary/);
  t.match(found[0]?.msg, 'opening rtsp://***@10.0.0.1/stream');
});

t.test('an error is told with code, context, stack and causes', async (t) => {
  const [box, plain] = await logged(t.testdir(), (log) => {
    const cause = Object.assign(new Error('read failed'), { code: 'EIO', syscall: 'read' });
    log.error({ err: new BoxError('storage.io', { volume: 'disk1' }, { cause }) }, 'writing');
    log.error(new Error('plain'));
  });
  t.match(box, {
    msg: 'writing',
    err: {
      code: 'storage.io',
      context: { volume: 'disk1' },
      cause: { code: 'EIO', syscall: 'read', message: 'read failed' },
    },
  });
  t.match(plain, { msg: 'plain', err: { message: 'plain', stack: /logger\.test\.ts/ } });
});

t.test('lines of several threads come whole to standard error', async (t) => {
  const child = spawn(process.execPath, [SPEAKER, '3', '300'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  t.equal(code, 0);
  const counts = new Map<unknown, number>();
  for (const line of output.split('\n').filter(Boolean)) {
    const { thread, pad } = JSON.parse(line) as { thread: string; pad: string };
    if (pad.length !== 200) t.fail('torn line');
    counts.set(thread, (counts.get(thread) ?? 0) + 1);
  }
  t.strictSame([...counts.entries()].sort(), [
    ['main', 300],
    ['worker-0', 300],
    ['worker-1', 300],
    ['worker-2', 300],
  ]);
});
