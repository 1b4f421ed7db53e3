import { join } from 'node:path';
import t from 'tap';
import { OwnPrivilegedProcess } from '../../firmware/privileged/own-process.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.test('a process that could not be started is started for the next one who asks', async (t) => {
  const folder = await tempFolder(t, 'privileged');
  const before = process.env['TMPDIR'];
  t.teardown(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  const own = new OwnPrivilegedProcess(join(folder, 'disks'));
  t.teardown(() => own.stop());
  process.env['TMPDIR'] = join(folder, 'missing');
  await t.rejects(own.ask('disks.scan', {}), { code: 'ENOENT' });
  process.env['TMPDIR'] = folder;
  t.ok(await own.ask('disks.scan', {}), 'the second one is answered');
});
