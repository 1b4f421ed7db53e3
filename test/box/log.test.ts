import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';

interface Entry {
  readonly what: string;
  readonly subject?: string;
  readonly severity: string;
  readonly result?: string;
  readonly who?: string;
  readonly detail?: Record<string, unknown>;
}

const PASSWORD = 'canary-77aa-camera-password';
/** Nothing listens there. */
const NOBODY = 'rtsp://127.0.0.1:9/';

t.test('security 44: what is asked of the box and what happens to it is in the log, without secrets', async (t) => {
  const box = await Box.prepare(t, { settings: { cameras: [cameraAt('yard', NOBODY)] } });
  const add = ['cameras', 'add', 'Door', 'rtsp://127.0.0.1:9/d', '--username', 'ann', '--password-stdin'];
  t.equal((await box.cli(add, `${PASSWORD}\n`)).code, 0);
  await box.run();
  await box.call('cameras.remove', { camera: 'yard' });
  const list = async (...words: string[]): Promise<readonly Entry[]> =>
    (await box.ask<{ entries: readonly Entry[] }>('log', 'list', ...words)).entries;
  t.match((await list('--what', 'cameras.add'))[0], { who: 'local', result: 'ok' });
  t.match((await list('--what', 'cameras.remove'))[0], { subject: 'yard', result: 'ok' });
  t.match((await list('--what', 'settings.changed'))[0], { severity: 'notice', detail: { paths: ['cameras[yard]'] } });
  t.match((await list('--what', 'box.started'))[0], { severity: 'info' });
  await t.rejects(box.call('cameras.remove', { camera: 'nobody' }));
  t.match((await list('--what', 'cameras.remove', '--severity', 'notice'))[0], { result: 'control.no-such-camera' });
  const file = join(box.data, 'log.csv');
  await box.ask('log', 'export', file, '--camera', 'yard');
  t.match(await readFile(file, 'utf8'), /^number,time[^\n]*\n[\s\S]*cameras\.remove,yard,ok/);
  t.match(await box.ask('log', 'verify'), { ok: true, findings: [] });

  await box.kill();
  t.match(await box.ask('log', 'verify'), { ok: true }, 'after a kill, and with the box stopped');
  await box.run();
  await box.stop();
  t.match(
    (await list('--limit', '5')).find(({ what }) => what === 'box.stopped'),
    { severity: 'info' },
  );
  const folder = join(box.data, 'audit');
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  t.notMatch(texts.join(''), /canary/);
  const [first = ''] = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const text = await readFile(join(folder, first), 'utf8');
  await writeFile(join(folder, first), text.replace('cameras.remove', 'cameras.rename'));
  const { code, stdout } = await box.cli(['log', 'verify']);
  t.equal(code, 1);
  t.match(stdout, /NOT what the box wrote[\s\S]*file 1, line \d+: A line is not what was written/);
});

t.test('cameras are counted, and a change of one is told', async (t) => {
  const box = await Box.start(t, { settings: { cameras: [cameraAt('yard', NOBODY)] } });
  const counted = await until('the camera is known to be away', async () => {
    const found = await box.call<{ offline: number }>('terminals.statistics');
    return found.offline === 1 ? found : undefined;
  });
  t.match(counted, { total: 1, online: 0, offline: 1, terminals: [{ camera: 'yard', state: 'offline' }] });
  const { entries } = await box.call<{ entries: readonly Entry[] }>('log.list', { what: 'camera.offline' });
  t.match(entries, [{ subject: 'camera/yard', severity: 'warning', detail: { offline: 1, recording: 0 } }]);
  const now = await box.call<{ machine: { cores: number } }>('state.now');
  t.ok(now.machine.cores > 0);
  const { series } = await until('there is a history', async () => {
    const found = await box.call<{ series: string[] }>('state.series');
    return found.series.length > 0 ? found : undefined;
  });
  t.ok(series.includes('cpu.percent') && series.includes('camera.yard.main.bits'));
  const to = new Date(Date.now() + 60_000).toISOString();
  const wanted = { series: ['cpu.percent'], from: new Date(Date.now() - 60_000).toISOString(), to };
  const past = await until('a point of it', async () => {
    const found = await box.call<{ lines: { stepS: number; points: unknown[] }[] }>('state.history', wanted);
    return found.lines[0]!.points.length > 0 ? found : undefined;
  });
  t.match(past, { lines: [{ series: 'cpu.percent', stepS: 10 }] });
  t.match(await box.cli(['state', 'now']), {
    code: 0,
    stdout: /^at +\d{4}-[^]*processor +\d+\.\d % of \d+ cores[^]*\nyard\/main /,
  });
  const terminals = await box.cli(['state', 'terminals']);
  t.match(terminals, {
    code: 1,
    stdout: /^1 cameras: 0 online, 1 offline, 0 recording, 0 failing\.\n[^]*\nyard +\S+ +offline /,
  });
  t.match((await box.cli(['state', 'history'])).stdout, /^camera\.yard\.main\.bits$/m);
  const shown = ['state', 'history', '--series', 'cpu.percent,load', '--last', '5m'];
  t.match(await box.cli(shown), {
    code: 0,
    stdout: /^cpu\.percent, a point for \d+ s\n[^]*\n\nload, a point for \d+ s/,
  });
  t.match(await box.cli([...shown.slice(0, -1), '5x']), { code: 2, stderr: /--last: such as/ });
});
