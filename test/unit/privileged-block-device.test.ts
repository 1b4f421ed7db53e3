import t from 'tap';
import { isSystemDisk, obstacleOf, withDescendants, type BlockDevice } from '../../firmware/privileged/index.ts';
import { parseBlockDevices, stableIdOf } from '../../firmware/privileged/block-device.ts';
import { mkfsOf, numberOf } from '../../firmware/privileged/format.ts';
import { parseMounts } from '../../firmware/privileged/mount-table.ts';

function row(kname: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ...{ name: kname, kname, 'maj:min': '8:0', type: 'disk', size: 4_000_787_030_016, ro: false, rm: false },
    ...{ hotplug: false, rota: true, tran: 'sata', model: 'WDC WD40PURX-64GVNY0', serial: 'WD-WCC4E1234567' },
    ...{ wwn: '0x50014ee2b1234567', fstype: null, label: null, uuid: null, pttype: null, mountpoints: [null] },
    ...more,
  };
}

function parse(...rows: unknown[]): BlockDevice[] {
  return parseBlockDevices(JSON.stringify({ blockdevices: rows }), () => undefined);
}

function part(kname: string, mount: string | null, more: Record<string, unknown> = {}): Record<string, unknown> {
  return row(kname, { type: 'part', fstype: 'ext4', uuid: 'AB', mountpoints: [mount], ...more });
}

t.test('a bare disk', async (t) => {
  t.same(parse(row('sdb')), [
    {
      name: 'sdb',
      number: '8:0',
      type: 'disk',
      stableId: '0x50014ee2b1234567',
      sizeBytes: 4_000_787_030_016,
      readOnly: false,
      removable: false,
      rotational: true,
      transport: 'sata',
      model: 'WDC WD40PURX-64GVNY0',
      serial: 'WD-WCC4E1234567',
      fileSystem: '',
      fileSystemUuid: '',
      fileSystemLabel: '',
      partitionTable: '',
      mounts: [],
      children: [],
    },
  ]);
  t.equal(obstacleOf(parse(row('sdb'))[0]!), undefined);
});

t.test('what older versions of lsblk print means the same', async (t) => {
  const [disk] = parse(row('sdb', { size: '1000', ro: '1', rm: '1', rota: '0' }));
  t.match(disk, { sizeBytes: 1000, readOnly: true, removable: true, rotational: false });
});

t.test('a disk keeps its id wherever it is plugged in', async (t) => {
  const id = (wwn: string, model: string, serial: string, place?: string): string | undefined =>
    stableIdOf({ wwn, model, serial, place });
  t.equal(id('0x5000c500a1b2c3d4', 'ST8000VX', 'ZA1'), '0x5000c500a1b2c3d4');
  t.equal(id('eui.0025388b01c2d3e4', 'Samsung SSD', 'S4'), 'eui.0025388b01c2d3e4');
  t.equal(id('', 'Elements 25A3', '575832'), 'Elements_25A3-575832');
  t.equal(id('', '', '575832'), 'disk-575832');
  t.equal(id('0x0000000000000000', 'A', '000000000000', 'usb-1'), 'at-usb-1', 'zeros say nothing');
  t.equal(id('', 'Generic', 'N/A', 'usb-1'), 'at-usb-1');
  t.equal(id('', 'Generic', '', undefined), undefined);
  t.match(id('', 'a/../b; $(reboot)\n', '-x', 'y'), /^[A-Za-z0-9][A-Za-z0-9_.-]*$/);
  t.equal(id('', 'e'.repeat(120), 'e'.repeat(120))!.length, 128);
});

t.test('17. whatever is no name of a kernel is left out', async (t) => {
  for (const kname of ['', '-sda', '../sda', 'sd a', 'sda;reboot', 'sda\n', 'a/b', 'x'.repeat(100), 7, null, {}]) {
    t.same(parse(row('sda', { kname })), [], JSON.stringify(kname));
  }
  t.same(parse(row('sda', { 'maj:min': '8' }), row('sda', { 'maj:min': '8:0;1' }), 'text', null, 3, []), []);
  t.equal(parse(row('cciss!c0d0')).length, 1);
});

t.test('memory and empty drives are no disks', async (t) => {
  t.same(parse(row('zram0'), row('ram1'), row('sr0', { type: 'rom' }), row('sdc', { size: 0 })), []);
});

t.test('texts of a hostile disk cannot disguise themselves', async (t) => {
  const [disk] = parse(row('sdb', { model: 'Good\u202eksiD\u0007\n2026', label: 'x'.repeat(5000), mountpoints: 'no' }));
  t.equal(disk!.model, 'GoodksiD2026');
  t.equal(disk!.fileSystemLabel.length, 120);
  t.same(disk!.mounts, []);
});

t.test('output that is none', async (t) => {
  for (const text of ['', 'lsblk: error', '[]', '{}', '{"blockdevices":{}}', 'null']) {
    t.throws(() => parseBlockDevices(text, () => undefined), { code: 'privileged.program-failed' }, text);
  }
});

t.test('a document without end ends', async (t) => {
  let deep: Record<string, unknown> = row('sda');
  for (let i = 0; i < 200; i++) deep = row('sda', { children: [deep] });
  t.ok(withDescendants(parse(deep)[0]!).length < 20);
  t.equal(parse(...Array.from({ length: 5000 }, () => row('sda'))).length, 1000);
});

t.test('why a disk must not be formatted', async (t) => {
  const obstacle = (...rows: Record<string, unknown>[]): string | undefined =>
    obstacleOf(parse(row('sda', { children: rows }))[0]!);
  t.equal(obstacle(part('sda1', null)), undefined, 'old partitions may go');
  t.equal(obstacle(part('sda1', '/boot/efi'), part('sda2', null)), 'disks.system-disk');
  t.equal(obstacle(part('sda1', '/')), 'disks.system-disk');
  t.equal(obstacle(part('sda1', '/mnt/usb')), 'disks.mounted');
  t.equal(obstacle(part('sda1', '[SWAP]')), 'disks.in-use');
  const lvm = row('dm-0', { type: 'lvm' });
  t.equal(obstacle(part('sda1', null, { children: [lvm] })), 'disks.in-use', 'a volume group that nobody mounts');
  t.equal(
    obstacle(part('sda1', null, { children: [{ ...lvm, mountpoints: ['/home'] }] })),
    'disks.system-disk',
    'the system on a volume group',
  );
  t.equal(obstacle(row('md0', { type: 'raid1' })), 'disks.in-use');
  t.equal(obstacleOf(parse(row('sda', { ro: true }))[0]!), 'disks.read-only');
  t.equal(obstacleOf(parse(row('md0', { type: 'raid1' }))[0]!), 'disks.not-a-disk');
  t.equal(obstacleOf(parse(row('sda', { wwn: '', serial: '' }))[0]!), 'disks.not-a-disk', 'nothing to name it by');
  t.equal(isSystemDisk(parse(row('sda', { mountpoints: ['/srv/ipvs/x'] }))[0]!), false);
});

t.test('15, 17. the arguments of mkfs are ours, whatever the label is', async (t) => {
  const uuid = '11111111-2222-4333-8444-555555555555';
  t.same(mkfsOf('ext4', uuid, 'Garage left wall'), [
    'mkfs.ext4',
    [
      ...['-q', '-b', '4096', '-i', '1048576', '-m', '0', '-e', 'remount-ro', '-E', 'lazy_journal_init=0'],
      ...['-U', uuid, '-L', 'Garage_left_wall'],
    ],
  ]);
  t.same(mkfsOf('xfs', uuid, 'Garage left wall')[1].slice(-2), ['-L', 'Garage_left_']);
  for (const label of ['', '-x', '--help', '; reboot', '\0', '\n']) {
    const [, args] = mkfsOf('xfs', uuid, label);
    t.notOk(args.includes('-L'), JSON.stringify(label));
    t.ok(args.every((arg) => /^[A-Za-z0-9=,-]+$/.test(arg)));
  }
});

t.test('device numbers, small and large', async (t) => {
  t.equal(numberOf(0x801), '8:1');
  t.equal(numberOf(65024), '254:0');
  t.equal(numberOf(259 * 256 + 5), '259:5');
  t.equal(numberOf(0x1000_08_ff), '8:65791');
});

t.test('the table of mounts', async (t) => {
  const lines = [
    '36 35 98:0 /mnt1 /srv/ipvs/a\\040b rw,noatime master:1 - ext4 /dev/sdb rw',
    '37 35 8:17 / /x ro,nosuid - xfs /dev/sdc ro',
    '',
    'nonsense',
  ];
  t.same(parseMounts(lines.join('\n')), [
    { number: '98:0', folder: '/srv/ipvs/a b', readOnly: false },
    { number: '8:17', folder: '/x', readOnly: true },
  ]);
});
