import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';

const PASSWORD = 'violet-tram-crossing';
const SECRET = 'canary-camera-login';
const CLAIM_CODE = /claim code (?:is )?([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})/;

t.test('47. a box is made as it came from the factory, running and stopped', { timeout: 400_000 }, async (t) => {
  const farm = await CameraFarm.start({ cameras: [{ path: 'one', auth: { user: 'admin', password: SECRET } }] });
  t.teardown(() => farm.stop());
  const box = await Box.start(t, {
    settings: {
      box: { name: 'Depot' },
      cameras: [{ id: 'one', username: 'admin', password: SECRET, streams: [{ id: 'main', url: farm.url('one') }] }],
      recording: { segmentSeconds: 60 },
    },
  });
  await box.untilLogged(CLAIM_CODE);
  const claimCode = CLAIM_CODE.exec(box.output)![1]!;
  await box.call('box.claim', { claimCode, user: 'owner', password: PASSWORD, boxName: 'Depot' });
  await box.untilRecording();
  await box.untilSegments('one', 1);
  t.match(await box.cli(['reset', '--confirm', 'Depot']), { code: 2, stderr: /--recordings/ });
  t.match(await box.cli(['reset', '--recordings', 'keep', '--confirm', 'Shop']), { stderr: /control\.not-confirmed/ });
  t.equal((await box.call<unknown[]>('users.list')).length, 1);

  const from = box.output.length;
  t.equal((await box.cli(['reset', '--recordings', 'keep', '--confirm', 'Depot'])).code, 0);
  await until('it begins anew', async () => CLAIM_CODE.test(box.output.slice(from)) || undefined);
  t.not(CLAIM_CODE.exec(box.output.slice(from))![1], claimCode);
  t.same(await box.call('users.list'), []);
  t.same(await box.call('cameras.list'), []);
  t.ok((await box.segments('one')).length > 0, 'the recordings are there');
  const log = (await box.cli(['log', 'list'])).stdout;
  t.match(log, /box\.reset/);
  t.notMatch(log, /owner|Depot/, 'the old log is gone');
  t.equal(await box.stop(), 0);
  t.same(await filesWith(box.data, SECRET), []);

  t.match(await box.cli(['reset', '--recordings', 'erase', '--confirm', 'IPVS box']), { code: 0 });
  t.same(await filesWith(box.data, 'ftyp'), [], 'no film is left');
  t.notOk(existsSync(join(box.data, 'known-volumes.json')));
  await box.run();
  t.match((await box.cli(['log', 'list'])).stdout, /box\.reset/);
  t.equal(await box.stop(), 0);
});

async function filesWith(folder: string, text: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const contents = await Promise.all(files.map(async (file) => [file, await readFile(file)] as const));
  return contents.filter(([, content]) => content.includes(text)).map(([file]) => file);
}
