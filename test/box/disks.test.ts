import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box, cameraAt, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';
import { compareOrdinals, recordedOrdinals } from '../support/ordinals.ts';
import { skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { startPrivileged, unmountBelow } from '../support/privileged.ts';
import { mustRun, skipWithout } from '../support/programs.ts';
import { RawDisk } from '../support/raw-disk.ts';
import { tempFolder, type Teardown } from '../support/temp-folder.ts';

const MIB = 1 << 20;
const MAIN = new URL('../../firmware/main.ts', import.meta.url).pathname;
const skip = (await skipWithoutLoopDisks()) || (await skipWithout('ffprobe'));

interface Volume {
  readonly id: string;
  readonly name: string;
  readonly folder: string;
}
interface Disks {
  readonly disks: readonly { id: string; device: string; volumes: string[] }[];
  readonly volumes: readonly Volume[];
}

const RUNNING = 'evacuation.running';

/** Somebody without rights. */
const OTHER = { uid: 1234, gid: 1235 };

/** For tap's `skip`: false if somebody else may read the firmware here. */
async function skipWithoutOthers(): Promise<string | false> {
  const child = spawn(process.execPath, [MAIN, 'help'], { stdio: 'ignore', ...OTHER });
  child.on('error', () => child.kill());
  const [code] = (await once(child, 'close')) as [number];
  return code === 0 ? false : 'other users may not read the firmware here';
}

/** Lets whoever waits for a FIFO go on: there is nothing in it. */
async function answer(fifo: string): Promise<void> {
  try {
    const writer = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    await writer.close();
  } catch (error) {
    // Nobody waits, or the disk is gone already.
    if (!['ENXIO', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** A folder below which the box mounts. */
async function diskRoot(t: Teardown): Promise<string> {
  const root = await tempFolder(t, 'disks');
  t.teardown(() => unmountBelow(root));
  return root;
}

t.test('a running box is given a disk, records on it, and gives it back', { timeout: 120_000, skip }, async (t) => {
  const root = await diskRoot(t);
  const farm = await CameraFarm.start({ cameras: [{ path: 'yard' }, { path: 'door' }] });
  t.teardown(() => farm.stop());
  const box = await Box.start(t, {
    settings: {
      cameras: ['yard', 'door'].map((id) => cameraAt(id, farm.url(id))),
      recording: { segmentSeconds: 5 },
    },
    env: { ...process.env, IPVS_DISK_ROOT: root },
  });
  await box.untilRecording();
  const disk = await RawDisk.create(t, { bytes: 1200 * MIB });
  const { disks } = await box.ask<Disks>('disks', 'list');
  const { id } = disks.find(({ device }) => device === disk.name)!;

  const unconfirmed = await box.cli(['disks', 'format', id]);
  t.equal(unconfirmed.code, 2);
  t.match(unconfirmed.stderr, `This would erase ${id}: 1.26 GB`);
  t.match(unconfirmed.stderr, /empty; can be formatted/);
  const wrong = await box.cli(['disks', 'format', id, '--confirm', `${id}1`]);
  t.match(wrong.stderr, /disks\.not-confirmed/);
  const volume = await box.ask<Volume>('disks', 'format', id, '--confirm', id, '--label', 'Garage');
  t.match(volume, { id: 'garage', name: 'Garage' });
  t.ok(volume.folder.startsWith(`${root}/`), volume.folder);
  await box.untilStatus('the new volume is ready', ({ volumes }) =>
    volumes.some(({ id, state }) => id === 'garage' && state === 'ready'),
  );
  t.match((await box.cli(['disks', 'list'])).stdout, /recordings: garage[\s\S]*garage +Garage +records/);

  // The other one goes, so both cameras have to come.
  await box.ask('disks', 'remove', 'disk1');
  const here = async (camera: string): Promise<number> =>
    (await box.segments(camera)).filter(({ file }) => file.startsWith(volume.folder)).length;
  for (const camera of ['yard', 'door']) {
    await until(`${camera} is recorded on the disk`, async () => ((await here(camera)) >= 2 ? true : undefined));
  }
  const last = await box.cli(['disks', 'remove', 'Garage']);
  t.match(last.stderr, /disks\.last-volume/);

  await box.ask('disks', 'adopt', join(box.data, 'recordings'), '--label', 'Own');
  await box.untilStatus('the first volume is back', ({ volumes }) =>
    volumes.some(({ id, state }) => id === 'disk1' && state === 'ready'),
  );
  const before = (await box.segments('yard')).filter(({ file }) => file.startsWith(volume.folder));
  const removed = await box.cli(['disks', 'remove', 'Garage']);
  t.match(removed, { code: 0, stdout: /No longer in use: garage\. The disk may be unplugged now/ }, removed.stderr);
  t.notOk(
    (await readdir(root)).some((name) => volume.folder.endsWith(name)),
    'nothing stays mounted',
  );
  await disk.unplug();
  await box.untilRecording();

  await disk.plugIn();
  t.match(await box.ask('disks', 'adopt', id, '--label', 'Garage'), { id: 'garage', folder: volume.folder });
  await until('its footage is found again', async () => {
    const found = new Set((await box.segments('yard')).map(({ file }) => file));
    return before.every(({ file }) => found.has(file)) ? true : undefined;
  });
  await box.stop();
  for (const camera of ['yard', 'door']) {
    const segments = await box.segments(camera);
    const recorded = await recordedOrdinals(...segments.map(({ file }) => file));
    const sent = farm.camera(camera).sessions.flatMap(({ sentFrames }) => sentFrames);
    const { unexpected, repeated, disordered } = compareOrdinals(sent, recorded);
    t.match({ unexpected, repeated, disordered }, { unexpected: [], repeated: [], disordered: 0 }, camera);
  }
  t.match(await box.verify('--deep'), { ok: true, volumes: 2, findings: [] });
});

t.test('a disk is mounted when the box starts and when it is plugged in', { timeout: 240_000, skip }, async (t) => {
  const root = await diskRoot(t);
  const farm = await CameraFarm.start({ cameras: [{ path: 'yard' }] });
  t.teardown(() => farm.stop());
  const box = await Box.prepare(t, {
    settings: { cameras: [cameraAt('yard', farm.url('yard'))], recording: { segmentSeconds: 5 } },
    env: { ...process.env, IPVS_DISK_ROOT: root },
  });
  const disk = await RawDisk.create(t, { bytes: 1200 * MIB });
  const { disks } = await box.ask<Disks>('disks', 'list');
  const { id } = disks.find(({ device }) => device === disk.name)!;
  const { folder } = await box.ask<Volume>('disks', 'format', id, '--confirm', id, '--fs', 'xfs');
  await unmountBelow(root);
  await box.run();
  const state = (wanted: (state: string) => boolean): Promise<unknown> =>
    box.untilStatus('the disk', ({ volumes }) => volumes.some((each) => each.folder === folder && wanted(each.state)));
  await state((now) => now === 'ready');
  await disk.unplug();
  await state((now) => now !== 'ready');
  await box.untilRecording();
  await disk.plugIn();
  await state((now) => now === 'ready');
  t.equal(await box.stop(), 0);
  t.match((await box.verify()).findings, []);
});

t.test(
  'a disk leaves while it is copied off, also when the box dies in the middle',
  { timeout: 180_000, skip },
  async (t) => {
    const root = await diskRoot(t);
    const farm = await CameraFarm.start({ cameras: [{ path: 'yard' }] });
    t.teardown(() => farm.stop());
    const box = await Box.prepare(t, {
      settings: { cameras: [cameraAt('yard', farm.url('yard'))], recording: { segmentSeconds: 5 } },
      env: { ...process.env, IPVS_DISK_ROOT: root },
    });
    const disk = await RawDisk.create(t, { bytes: 1200 * MIB });
    const { disks } = await box.ask<Disks>('disks', 'list');
    const { id } = disks.find(({ device }) => device === disk.name)!;
    const { folder } = await box.ask<Volume>('disks', 'format', id, '--confirm', id, '--label', 'Garage');
    await box.ask('disks', 'remove', 'disk1');
    await box.run();
    const [segment] = (await box.untilSegments('yard', 1)).filter(({ open: growing }) => !growing);
    await mkdir(join(box.data, 'recordings'), { recursive: true });
    await box.ask('disks', 'adopt', join(box.data, 'recordings'));
    // Reading it waits until somebody writes to it, as reading a dying disk does.
    await rm(segment!.file);
    await mustRun('mkfifo', [segment!.file]);
    const evacuations = async (): Promise<string> => (await box.cli(['disks', 'jobs'])).stdout;
    const isDropped = async (): Promise<true | undefined> =>
      (await readFile(join(box.data, 'settings.json'), 'utf8')).includes(folder) ? undefined : true;
    const isMounted = async (): Promise<boolean> => (await readFile('/proc/self/mountinfo', 'utf8')).includes(folder);

    await box.ask('disks', 'evacuate', 'Garage');
    t.match(await evacuations(), /copying off garage: running/);
    const job = { id: 'disks.evacuate/garage', operation: 'disks.evacuate', subject: 'garage', by: 'local' };
    t.match(await box.ask('jobs', 'list'), [{ ...job, state: 'running' }]);
    await box.kill();
    await box.run();
    await until('it goes on', async () => ((await box.ask<unknown[]>('jobs', 'list')).length > 0 ? true : undefined));
    t.match(await box.ask('jobs', 'list'), [{ ...job, state: 'running' }], 'after a crash, too');
    await box.untilStatus('people are told', ({ problems: told }) => told.some(({ code }) => code === RUNNING));
    t.match((await box.cli(['jobs', 'show', job.id])).stdout, /running[\s\S]*ipvs jobs cancel disks\.evacuate\/garage/);
    t.match(await box.ask('jobs', 'cancel', job.id), { ...job, state: 'stopped', cancellable: false });
    t.match((await box.cli(['jobs', 'cancel', job.id])).stderr, /control\.job-goes-on/);
    await box.untilStatus('not any more', ({ problems: told }) => !told.some(({ code }) => code === RUNNING));
    await answer(segment!.file);

    await box.ask('disks', 'evacuate', 'Garage');
    const removal = box.cli(['disks', 'remove', 'Garage']);
    await until('it is out of the settings', isDropped);
    // Whoever looks at it meanwhile, to copy or to seal it, is answered.
    const answers = setInterval(() => void answer(segment!.file), 200);
    const removed = await removal.finally(() => clearInterval(answers));
    t.match(removed.stdout, /^Copying the recordings off garage was ended first/, removed.stderr);
    t.match(removed.stdout, /The disk may be unplugged now/);
    t.notOk(await isMounted());
    t.match(await evacuations(), 'Nothing is being copied or checked');
    const { problems } = await box.untilRecording();
    t.same(problems, [], 'nobody speaks of the copying any more');

    await box.ask('disks', 'adopt', id);
    await using held = await open(join(folder, 'ipvs-volume.json'));
    const cutOff = box.cli(['disks', 'remove', 'Garage']);
    await until('it is out of the settings', isDropped);
    await box.kill();
    t.not((await cutOff).code, 0);
    t.ok(await isMounted());
    await held.close();
    await box.run();
    await until('the removal is finished', async () => ((await isMounted()) ? undefined : true));
    t.match(await box.ask('disks', 'list'), { volumes: [{ folder: join(box.data, 'recordings') }] });
    t.equal(await box.stop(), 0);
  },
);

t.test(
  'a box without rights: folders by itself, disks through the process that has them',
  { timeout: 240_000, skip: skip || (await skipWithoutOthers()) },
  async (t) => {
    const privileged = await startPrivileged(t, { owner: `${OTHER.uid}:${OTHER.gid}` });
    const farm = await CameraFarm.start({ cameras: [{ path: 'yard' }] });
    t.teardown(() => farm.stop());
    const settings = { cameras: [cameraAt('yard', farm.url('yard'))], recording: { segmentSeconds: 5 } };
    const env = { ...process.env, IPVS_PRIVILEGED_SOCKET: privileged.socket };
    const box = await Box.start(t, { settings, env, user: OTHER });
    await box.untilRecording();
    const disk = await RawDisk.create(t, { bytes: 1200 * MIB });
    const { disks } = await box.ask<Disks>('disks', 'list');
    const { id } = disks.find(({ device }) => device === disk.name)!;
    const { folder } = await box.ask<Volume>('disks', 'format', id, '--confirm', id);
    await box.ask('disks', 'remove', 'disk1');
    const onDisk = async (): Promise<true | undefined> =>
      (await box.segments('yard')).some(({ file }) => file.startsWith(folder)) ? true : undefined;
    await until('it records on the disk', onDisk);

    privileged.child.kill();
    const listed = await box.cli(['disks', 'list']);
    t.match(listed.stdout, /does not answer \(systemctl status ipvs-privileged\)/);
    const refused = await box.cli(['disks', 'remove', 'disk2']);
    t.match(refused.stderr, /privileged\.unavailable/);
    t.match(refused.stderr, /systemctl start ipvs-privileged/);
    await box.untilRecording();
    t.match(await box.ask('disks', 'adopt', join(box.data, 'recordings')), { id: 'disk1' }, 'a folder needs nobody');
    await privileged.restart();
    t.match(await box.ask('disks', 'remove', 'disk2'), { unmounted: [folder] });
    t.equal(await box.stop(), 0);
  },
);
