import t from 'tap';
import { disksUnder } from '../../firmware/disks/index.ts';
import { typesToTry } from '../../firmware/disks/usb-bridges.ts';
import type { BlockDevice } from '../../firmware/privileged/index.ts';

function device(
  name: string,
  number: string,
  type: string,
  children: BlockDevice[] = [],
  mounts: string[] = [],
): BlockDevice {
  return {
    name,
    number,
    type,
    stableId: `id-${name}`,
    sizeBytes: 1e12,
    readOnly: false,
    removable: false,
    rotational: true,
    transport: 'sata',
    model: '',
    serial: '',
    fileSystem: '',
    fileSystemUuid: '',
    fileSystemLabel: '',
    partitionTable: '',
    mounts,
    children,
  };
}

const MAPPED = device('dm-0', '254:0', 'lvm');
const DISKS = [
  device('sda', '8:0', 'disk', [device('sda1', '8:1', 'part')]),
  device('sdb', '8:16', 'disk', [device('sdb1', '8:17', 'part', [MAPPED])]),
  device('sdc', '8:32', 'disk', [MAPPED]),
  device('sdd', '8:48', 'disk', [device('sdd1', '8:49', 'part', [], ['/pool'])]),
  device('loop0', '7:0', 'loop'),
];

const MOUNTINFO = [
  '20 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw',
  '30 20 254:0 / /mnt/disk rw,relatime - xfs /dev/mapper/a-b rw',
  '31 20 0:55 / /mnt/nas rw,relatime - nfs4 server:/x rw',
  '32 20 7:0 / /mnt/loop rw,relatime - ext4 /dev/loop0 rw',
  '33 20 0:60 /@ /pool rw,relatime - btrfs /dev/sdd1 rw',
  '34 20 8:1 / /mnt/with\\040blank rw,relatime - ext4 /dev/sda1 rw',
  '35 20 8:49 / /mnt/twice rw - ext4 /dev/sdd1 rw',
  '36 35 8:1 / /mnt/twice rw - ext4 /dev/sda1 rw',
  '',
].join('\n');

const under = (folder: string): string[] => disksUnder(folder, MOUNTINFO, DISKS).map(({ name }) => name);

t.test('the disks that a folder lies on', async (t) => {
  t.strictSame(under('/var/lib/ipvs'), ['sda'], 'a partition');
  t.strictSame(under('/mnt/disk/volume'), ['sdb', 'sdc'], 'LVM over two disks');
  t.strictSame(under('/mnt/diskette'), ['sda'], 'a name that only begins alike');
  t.strictSame(under('/mnt/with blank/x'), ['sda']);
  t.strictSame(under('/pool/x'), ['sdd'], 'btrfs, which has numbers of its own');
  t.strictSame(under('/mnt/twice'), ['sda'], 'what was mounted last counts');
  t.strictSame(under('/mnt/nas/x'), [], 'another machine');
  t.strictSame(under('/mnt/loop'), [], 'a file');
  t.strictSame(disksUnder('/x', '', DISKS), []);
});

t.test('types for one maker of bridges are not tried on those of another', async (t) => {
  t.strictSame(typesToTry(undefined), ['sat']);
  t.strictSame(typesToTry({ vendor: '1234', product: '0001' }), ['sat']);
  t.ok(typesToTry({ vendor: '152D', product: '0578' }).includes('usbjmicron'));
  t.notOk(typesToTry({ vendor: '174c', product: '55aa' }).includes('usbjmicron'));
});
