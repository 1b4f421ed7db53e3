import t from 'tap';
import { diskFactsOf, isWithin } from '../../firmware/disks/inventory.ts';
import type { BlockDevice } from '../../firmware/privileged/index.ts';

function device(name: string, more: Partial<BlockDevice> = {}): BlockDevice {
  return {
    ...{ name, number: '8:0', type: 'disk', stableId: `id-${name}`, sizeBytes: 1e12, readOnly: false },
    ...{ removable: false, rotational: true, transport: 'sata', model: 'M', serial: 'S', fileSystem: '' },
    ...{ fileSystemUuid: '', fileSystemLabel: '', partitionTable: '', mounts: [], children: [] },
    ...more,
  };
}

const SYSTEM = device('sda', {
  children: [
    device('sda1', { type: 'part', fileSystem: 'vfat', mounts: ['/boot/efi'] }),
    device('sda2', { type: 'part', fileSystem: 'ext4', fileSystemUuid: 'u1', mounts: ['/'] }),
  ],
});
const POOL = device('sdb', { fileSystem: 'ext4', fileSystemUuid: 'u2', mounts: ['/srv/ipvs/u2'] });

t.test('where each volume lies, and what may be formatted', async (t) => {
  const volumes = [
    { id: 'disk1', folder: '/var/lib/ipvs/recordings' },
    { id: 'garage', folder: '/srv/ipvs/u2' },
    { id: 'away', folder: '/srv/ipvs/u2-of-another' },
  ];
  const [system, pool, bare] = diskFactsOf(
    [SYSTEM, POOL, device('sdc'), device('sr0', { type: 'rom' })],
    volumes,
    (uuid) => (uuid === 'u2' ? 'ours' : 'none'),
  );
  t.match(system, { device: 'sda', system: true, volumes: ['disk1', 'away'], obstacle: 'disks.system-disk' });
  t.match(pool, { id: 'id-sdb', system: false, volumes: ['garage'], obstacle: 'disks.mounted' });
  t.match(pool!.fileSystems, [{ device: 'sdb', kind: 'ext4', footage: 'ours', mounts: ['/srv/ipvs/u2'] }]);
  t.match(bare, { device: 'sdc', volumes: [], fileSystems: [], obstacle: undefined, ambiguous: false });
});

t.test('a disk that is away is not the disk that its mount point lies on', async (t) => {
  const volumes = [
    { id: 'garage', folder: '/srv/ipvs/u2' },
    { id: 'away', folder: '/srv/ipvs/u3' },
    { id: 'shared', folder: '/srv/nas/ipvs' },
  ];
  const homes = diskFactsOf([SYSTEM, POOL], volumes, () => 'unknown', '/srv/ipvs').map((disk) => disk.volumes);
  t.same(homes, [['shared'], ['garage']]);
});

t.test('two disks that cannot be told apart are both left alone', async (t) => {
  const twins = diskFactsOf([device('sdb', { stableId: 'x' }), device('sdc', { stableId: 'x' })], [], () => 'none');
  for (const twin of twins) t.match(twin, { ambiguous: true, obstacle: 'disks.ambiguous' });
  const nameless = diskFactsOf([device('sdb', { stableId: undefined })], [], () => 'none');
  t.match(nameless, [{ id: '', obstacle: 'disks.not-a-disk' }]);
});

t.test('within a folder', async (t) => {
  t.ok(isWithin('/a/b', '/a'));
  t.ok(isWithin('/a', '/a'));
  t.ok(isWithin('/a', '/'));
  t.notOk(isWithin('/ab', '/a'));
  t.notOk(isWithin('/', '/a'));
});
