import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { PresetPictures } from '../../../firmware/cameras/index.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function jpeg(bytes: number): Buffer {
  return Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.alloc(bytes - 6, 7), Buffer.from('ffd9', 'hex')]);
}

t.test('pictures of presets are kept by camera and token, whatever the token is', async (t) => {
  const folder = join(await tempFolder(t), 'pictures');
  const pictures = new PresetPictures(folder);
  t.equal(await pictures.get('gate', '1'), undefined);
  await pictures.set('gate', '1', jpeg(100));
  await pictures.set('gate', '../../../etc/passwd', jpeg(200));
  await pictures.set('yard', '1', jpeg(300));
  await pictures.set('gate', '1', jpeg(400));
  const again = new PresetPictures(folder);
  t.equal((await again.get('gate', '1'))?.length, 400);
  t.equal((await again.get('gate', '../../../etc/passwd'))?.length, 200);
  t.equal((await again.get('yard', '1'))?.length, 300);
  const names = await readdir(join(folder, 'gate'));
  t.equal(names.length, 2);
  t.ok(names.every((name) => /^[0-9a-f]{32}\.jpg$/.test(name)));
  t.equal((await stat(join(folder, 'gate', names[0]!))).mode & 0o777, 0o600);
  await again.remove('gate', '1');
  t.equal(await again.get('gate', '1'), undefined);
  await again.keepOnly(new Set(['yard']));
  t.strictSame(await readdir(folder), ['yard']);
});

t.test('what is no small JPEG is not kept, nor more than a camera can have', async (t) => {
  const pictures = new PresetPictures(await tempFolder(t));
  for (const bad of [Buffer.alloc(0), Buffer.from('<svg onload="x()">'), jpeg(40_000), jpeg(100).subarray(0, 90)]) {
    await t.rejects(pictures.set('gate', '1', bad), { code: 'ptz.bad-picture' });
  }
  for (let at = 0; at < 300; at++) await pictures.set('gate', String(at), jpeg(20));
  await t.rejects(pictures.set('gate', 'one more', jpeg(20)), { code: 'ptz.bad-picture' });
  await pictures.set('gate', '299', jpeg(30));
  t.equal((await pictures.get('gate', '299'))?.length, 30, 'in the place of one');
});
