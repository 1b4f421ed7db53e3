import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { SettingsStore, type Settings } from '../../../firmware/config/index.ts';

const WRITER = join(import.meta.dirname, '../../support/settings-writer.ts');

t.test('settings killed in the middle of writing are those of one whole update', async (t) => {
  const folder = t.testdir();
  let last = 0;
  for (let round = 0; round < 6; round++) {
    const child = spawn(process.execPath, [WRITER, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.teardown(() => child.kill('SIGKILL'));
    const exited = once(child, 'exit');
    const spoke = await Promise.race([once(child.stdout, 'data'), exited.then(() => undefined)]);
    if (!spoke) return void t.fail('the writer could not open what an earlier round left');
    // Whoever reads meanwhile sees a whole file, too: a kill hits the short moment of a torn one only by luck.
    for (let reads = 0; reads < 20 + round * 7; reads++) {
      const seen = JSON.parse(await readFile(join(folder, 'settings.json'), 'utf8')) as Settings;
      if (!seen.cameras.every((camera) => camera.name === seen.box.name)) t.fail('two updates in one file');
    }
    child.kill('SIGKILL');
    await exited;
    const store = await SettingsStore.open(folder);
    t.equal(store.fault, undefined);
    const { box, cameras } = store.settings;
    const number = Number(/^update (\d+)$/.exec(box.name)?.[1]);
    t.ok(number >= 3, `after update ${number}`);
    t.equal(cameras.length, 40);
    t.ok(cameras.every((camera) => camera.name === box.name && camera.streams[0]?.url.endsWith(`/${number}`)));
    last = number;
  }
  t.ok(last >= 3);
});
