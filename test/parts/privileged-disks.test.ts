import { constants } from 'node:fs';
import { chown, lstat, mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { BlockDevice, PrivilegedClient } from '../../firmware/privileged/index.ts';
import { skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { startPrivileged } from '../support/privileged.ts';
import { mustRun, runProgram } from '../support/programs.ts';
import { RawDisk } from '../support/raw-disk.ts';
import { tempFolder } from '../support/temp-folder.ts';

const MIB = 1 << 20;
const skip = (await skipWithoutLoopDisks('ext4')) || (await skipWithoutLoopDisks('xfs'));

async function diskOf(client: PrivilegedClient, { name }: RawDisk): Promise<BlockDevice> {
  const { disks } = await client.ask('disks.scan', {});
  return disks.find((disk) => disk.name === name)!;
}

async function idOf(client: PrivilegedClient, disk: RawDisk): Promise<string> {
  return (await diskOf(client, disk)).stableId!;
}

/** All that was written to the device is in its image. */
async function flush({ device, image }: RawDisk): Promise<void> {
  await mustRun('blockdev', ['--flushbufs', device]);
  await mustRun('sync', [image]);
}

for (const fs of ['ext4', 'xfs'] as const) {
  t.test(`a new disk becomes ${fs}, is mounted for the box and taken away again`, { skip }, async (t) => {
    const { client, root } = await startPrivileged(t, { owner: '1234:1235' });
    const disk = await RawDisk.create(t, { bytes: 400 * MIB });
    const id = await idOf(client, disk);
    t.match(id, /^at-file-\d+-\d+$/);
    const { uuid } = await client.ask('volume.format', { disk: id, confirm: id, fs, label: 'Garage_1' });
    t.match(await diskOf(client, disk), {
      fileSystem: fs,
      fileSystemUuid: uuid,
      fileSystemLabel: 'Garage_1',
      mounts: [],
    });
    t.same(await client.ask('volume.inspect', { uuid }), { empty: true });
    const { folder } = await client.ask('volume.mount', { uuid, readOnly: false });
    t.equal(folder, join(root, uuid));
    const top = await stat(folder);
    t.match({ uid: top.uid, gid: top.gid, mode: top.mode & 0o777 }, { uid: 1234, gid: 1235, mode: 0o750 });
    const options = await mustRun('findmnt', ['-n', '-o', 'OPTIONS', folder]);
    for (const option of ['rw', 'noatime', 'nodev', 'nosuid', 'noexec'])
      t.ok(options.split(',').includes(option), option);
    t.same(await client.ask('volume.mount', { uuid, readOnly: false }), { folder }, 'twice is once');
    t.match((await diskOf(client, disk)).mounts, [folder]);
    await t.rejects(client.ask('volume.format', { disk: id, confirm: id, fs, label: '' }), { code: 'disks.mounted' });
    t.same(await client.ask('volume.unmount', { uuid }), { folder, mounted: true });
    t.same(await readdir(root), [], 'the mount point goes, too');
    t.same(await client.ask('volume.unmount', { uuid }), { folder, mounted: false }, 'twice is once');
    const check = fs === 'ext4' ? ['e2fsck', '-f', '-n', disk.device] : ['xfs_repair', '-n', disk.device];
    t.equal((await runProgram(check[0]!, check.slice(1))).code, 0, 'the file system is sound');
  });
}

t.test('17. what must not be formatted is refused and left as it is', { skip }, async (t) => {
  const { client, root } = await startPrivileged(t);
  const disk = await RawDisk.create(t, { bytes: 80 * MIB });
  const id = await idOf(client, disk);
  const ask = (given: { disk?: string; confirm?: string; fs?: 'ext4' | 'xfs' }): Promise<unknown> =>
    client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '', ...given });
  await t.rejects(ask({ confirm: `${id}0` }), { code: 'disks.not-confirmed' });
  await t.rejects(ask({ disk: 'nobody', confirm: 'nobody' }), { code: 'disks.no-such-disk' });
  await t.rejects(ask({ disk: disk.name, confirm: disk.name }), { code: 'disks.no-such-disk' }, 'a name is no id');
  await t.rejects(ask({ fs: 'xfs' }), { code: 'disks.too-small' });
  for (const odd of ['', '-x', 'a b', '../sda', 'a;b', 'a\nb', '$(reboot)', 'a\0b', 'x'.repeat(200)]) {
    await t.rejects(ask({ disk: odd, confirm: odd }), { code: 'privileged.bad-request' }, JSON.stringify(odd));
  }
  t.equal((await runProgram('blkid', ['-p', disk.device])).code, 2, 'nothing was written');

  await mustRun('losetup', ['-d', disk.device]);
  disk.device = await mustRun('losetup', ['-r', '-f', '--show', disk.image]);
  await t.rejects(ask({}), { code: 'disks.read-only' });
  await mustRun('losetup', ['-d', disk.device]);
  await disk.plugIn();

  const twin = await mustRun('losetup', ['-f', '--show', disk.image]);
  t.teardown(() => runProgram('losetup', ['-d', twin]));
  await t.rejects(ask({}), { code: 'disks.ambiguous' }, 'two devices with one id');
  await mustRun('losetup', ['-d', twin]);

  await mustRun('mkfs.ext4', ['-q', '-F', disk.device]);
  const elsewhere = await tempFolder(t);
  await mustRun('mount', [disk.device, elsewhere]);
  await t.rejects(ask({}), { code: 'disks.mounted' });
  const { fileSystemUuid: uuid } = await diskOf(client, disk);
  await t.rejects(client.ask('volume.mount', { uuid, readOnly: true }), { code: 'disks.mounted' });
  await mustRun('umount', [elsewhere]);
  t.same(await readdir(root).catch(() => []), []);
});

t.test('a disk that only another mount namespace uses is refused by the kernel', { skip }, async (t) => {
  const { client } = await startPrivileged(t);
  const disk = await RawDisk.create(t, { bytes: 80 * MIB });
  const id = await idOf(client, disk);
  // A RAID, a volume group or a mount elsewhere: all of them open the device exclusively.
  const claimed = await open(disk.device, constants.O_RDWR | constants.O_EXCL);
  await t.rejects(client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' }), {
    code: 'disks.in-use',
  });
  await claimed.close();
  await client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' });
});

t.test('the system disk is refused', { skip }, async (t) => {
  const { client } = await startPrivileged(t);
  const { disks } = await client.ask('disks.scan', {});
  const system = disks.find(({ mounts, children }) =>
    [...mounts, ...children.flatMap((child) => child.mounts)].includes('/'),
  );
  if (!system?.stableId) return t.comment('this machine does not show the disk of its system');
  const { stableId: id } = system;
  await t.rejects(client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' }), {
    code: 'disks.system-disk',
  });
});

t.test('recordings of another owner become those of the box; other data does not', { skip }, async (t) => {
  const { client } = await startPrivileged(t, { owner: '1234:1235' });
  const disk = await RawDisk.create(t, { bytes: 80 * MIB });
  const id = await idOf(client, disk);
  const { uuid } = await client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' });
  const own = await tempFolder(t);
  const fill = async (...files: string[]): Promise<void> => {
    await mustRun('mount', [disk.device, own]);
    await mkdir(join(own, 'video'), { recursive: true });
    for (const file of files) await writeFile(join(own, file), '{}');
    await symlink('/etc', join(own, `link-${files.length}`));
    await chown(own, 77, 77);
    await mustRun('umount', [own]);
  };
  await fill('video/a.mp4');
  t.match(await client.ask('volume.inspect', { uuid }), { identity: undefined, empty: false });
  const { folder } = await client.ask('volume.mount', { uuid, readOnly: false });
  t.equal((await stat(folder)).uid, 77, 'somebody else has data on it');
  await client.ask('volume.unmount', { uuid });

  await fill('video/a.mp4', 'ipvs-volume.json');
  t.match(await client.ask('volume.inspect', { uuid }), { identity: '{}', empty: false });
  await client.ask('volume.mount', { uuid, readOnly: true });
  t.equal((await stat(folder)).uid, 77, 'read-only: as it is');
  await t.rejects(writeFile(join(folder, 'x'), ''), { code: 'EROFS' });
  const etc = await stat('/etc');
  await client.ask('volume.mount', { uuid, readOnly: false });
  t.equal((await stat(folder)).uid, 1234);
  t.equal((await stat(join(folder, 'video/a.mp4'))).gid, 1235);
  t.equal((await lstat(join(folder, 'link-1'))).uid, 1234);
  t.equal((await stat('/etc')).uid, etc.uid, 'a link is not followed');
  await client.ask('volume.unmount', { uuid });

  await mustRun('mount', [disk.device, own]);
  await rm(join(own, 'ipvs-volume.json'));
  await symlink('/etc/shadow', join(own, 'ipvs-volume.json'));
  await mustRun('umount', [own]);
  t.match(await client.ask('volume.inspect', { uuid }), { identity: '' }, 'a link in its place says nothing');
});

t.test('looking at a disk does not change a byte of it', { skip }, async (t) => {
  for (const fs of ['ext4', 'xfs'] as const) {
    const { client } = await startPrivileged(t);
    const disk = await RawDisk.create(t, { bytes: 320 * MIB });
    const id = await idOf(client, disk);
    const { uuid } = await client.ask('volume.format', { disk: id, confirm: id, fs, label: '' });
    await flush(disk);
    const before = await mustRun('sha256sum', [disk.image]);
    await client.ask('volume.inspect', { uuid });
    await client.ask('volume.mount', { uuid, readOnly: true });
    await client.ask('volume.unmount', { uuid });
    await flush(disk);
    t.equal(await mustRun('sha256sum', [disk.image]), before, fs);
  }
});

t.test('a disk that is pulled out and comes back under another name', { skip }, async (t) => {
  const { client } = await startPrivileged(t);
  const disk = await RawDisk.create(t, { bytes: 80 * MIB });
  const id = await idOf(client, disk);
  const { uuid } = await client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' });
  const { folder } = await client.ask('volume.mount', { uuid, readOnly: false });
  await writeFile(join(folder, 'kept'), 'kept');
  const file = await open(join(folder, 'kept'));
  await t.rejects(client.ask('volume.unmount', { uuid }), { code: 'disks.still-busy' });
  await file.close();
  await disk.unplug();
  await disk.plugIn();
  t.equal(await idOf(client, disk), id, 'its id is the same');
  await client.ask('volume.mount', { uuid, readOnly: false });
  t.equal(await readFile(join(folder, 'kept'), 'utf8'), 'kept');
});

t.test('two file systems with one uuid are not told apart by chance', { skip }, async (t) => {
  const { client } = await startPrivileged(t);
  const disk = await RawDisk.create(t, { bytes: 80 * MIB });
  const id = await idOf(client, disk);
  const { uuid } = await client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' });
  const copy = `${disk.image}.copy`;
  await mustRun('cp', ['--sparse=always', disk.image, copy]);
  await RawDisk.create(t, { bytes: 0, image: copy });
  await t.rejects(client.ask('volume.mount', { uuid, readOnly: false }), { code: 'disks.same-identity' });
  await t.rejects(client.ask('volume.inspect', { uuid }), { code: 'disks.same-identity' });
});

t.test('a folder for disks that others may change is refused', { skip }, async (t) => {
  const { client, root } = await startPrivileged(t);
  const disk = await RawDisk.create(t, { bytes: 80 * MIB });
  const id = await idOf(client, disk);
  const { uuid } = await client.ask('volume.format', { disk: id, confirm: id, fs: 'ext4', label: '' });
  await rm(root, { recursive: true, force: true });
  const elsewhere = await tempFolder(t);
  await symlink(elsewhere, root);
  await t.rejects(client.ask('volume.mount', { uuid, readOnly: false }), { code: 'disks.bad-folder' });
  await rm(root);
  await mkdir(root);
  await symlink(elsewhere, join(root, uuid));
  await t.rejects(client.ask('volume.mount', { uuid, readOnly: false }), { code: 'disks.bad-folder' });
  t.same(await readdir(elsewhere), []);
});
