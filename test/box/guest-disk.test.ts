import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { probe } from '../support/ffprobe.ts';
import { skipWithout } from '../support/programs.ts';
import { tempFolder } from '../support/temp-folder.ts';

t.test(
  'a disk of another box whose cameras have the same ids is looked at apart, in a data folder of its own',
  { timeout: 400_000, skip: await skipWithout('ffprobe') },
  async (t) => {
    const farm = await CameraFarm.start({
      cameras: ['theirs', 'ours'].map((path) => ({ path, faults: { paddingBytes: 60_000 } })),
    });
    t.teardown(() => farm.stop());
    const disk = join(await tempFolder(t, 'foreign'), 'disk');
    const cameraAt = (path: string) => ({ id: 'gate', streams: [{ id: 'main', url: farm.url(path) }] });
    const recording = { segmentSeconds: 60, segmentMaxBytes: 1 << 20 };
    const theirs = await Box.start(t, {
      settings: { cameras: [cameraAt('theirs')], volumes: [{ id: 'disk', folder: disk }], recording },
    });
    await theirs.untilSegments('gate', 2);
    await theirs.stop();
    const before = await digestOf(disk);

    const ours = await Box.start(t, { settings: { cameras: [cameraAt('ours')], recording } });
    await ours.untilSegments('gate', 1);
    const mixed = await ours.cli(['disks', 'adopt', disk, '--read-only']);
    t.match(mixed, { code: 1, stderr: /disks\.same-cameras/ });
    t.match(mixed.stderr, /data folder of its own/, 'it says what can be done');

    const guest = await Box.prepare(t, { settings: {} });
    t.match(await guest.cli(['disks', 'adopt', disk, '--read-only']), { code: 0 });
    await guest.run();
    const found = await guest.untilSegments('gate', 2);
    t.ok(
      found.every(({ file }) => file.startsWith(disk)),
      'all that is found is of the foreign disk',
    );
    t.ok(
      (await ours.segments('gate')).every(({ file }) => !file.startsWith(disk)),
      'and here nothing of it',
    );
    const film = join(await tempFolder(t, 'film'), 'gate.mp4');
    const { start } = found[0]!;
    const to = new Date(Date.parse(start) + 3000).toISOString();
    const exported = await guest.cli(['export', '--camera', 'gate', '--from', start, '--to', to, film]);
    t.match(exported, { code: 0 });
    t.ok((await stat(film)).size > 1000);
    t.ok((await probe(film)).streams.length > 0, 'it plays');
    t.equal(await guest.stop(), 0);
    t.equal(await digestOf(disk), before, 'not a byte of the disk was changed');
  },
);

/** Of all files, with their names. */
async function digestOf(folder: string): Promise<string> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(file).update(await readFile(file));
  return hash.digest('hex');
}
