/** What the machine's own programs and files say, which repeat what disks and strangers call themselves. */
import assert from 'node:assert/strict';
import { BoxError } from '../../firmware/base/index.ts';
import {
  obstacleOf,
  parseBlockDevices,
  withDescendants,
  type BlockDevice,
} from '../../firmware/privileged/block-device.ts';
import { parseMounts } from '../../firmware/privileged/mount-table.ts';
import { parseRequest } from '../../firmware/privileged/server.ts';
import { jsonFrom } from '../support/json-shape.ts';
import type { FuzzTarget } from './target.ts';

const CHOICES = Array.from({ length: 16 }, (_, n) => Buffer.from([n, n, 0, n, n * 3, 2, n, n * 7, 3, n]));
const PARTITION = {
  kname: 'sda1',
  'maj:min': '8:1',
  type: 'part',
  size: 1_000_000_000,
  ro: false,
  fstype: 'ext4',
  uuid: '8a4f2b52-6d0a-4c59-9d5e-8e0b7c1f0001',
  label: 'ipvs',
  mountpoints: ['/', '[SWAP]', null],
};
const DISK = {
  name: 'sda',
  kname: 'sda',
  'maj:min': '8:0',
  type: 'disk',
  size: '2000398934016',
  ro: '0',
  rm: false,
  hotplug: true,
  rota: true,
  tran: 'usb',
  model: 'EXAMPLE HDD 4000',
  serial: 'S3RIAL',
  wwn: '0x5000c500a1b2c3d4',
  pttype: 'gpt',
  mountpoints: [null],
  children: [PARTITION],
};
const LSBLK = { blockdevices: [DISK, { ...DISK, kname: 'cciss!c0d0', wwn: null, serial: null, children: [] }] };
const MOUNTS = [
  '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue',
  '25 1 8:1 / / ro,relatime shared:1 - ext4 /dev/sda1 rw',
  '99 25 0:45 / /run/a\\040b rw - tmpfs tmpfs rw',
].join('\n');

function inspect(json: string): void {
  const disks = parseBlockDevices(json, () => 'pci-0000:00-usb-1');
  const all = disks.flatMap(withDescendants);
  assert.ok(all.length <= 1000);
  for (const each of all) checkDevice(each);
  for (const disk of disks) {
    const mounted = withDescendants(disk).some(({ mounts }) => mounts.length > 0);
    if (mounted || disk.readOnly) assert.ok(obstacleOf(disk) !== undefined, 'what is in use is never formatted');
  }
}

function checkDevice({ name, number, stableId, model, serial, sizeBytes, mounts }: BlockDevice): void {
  assert.match(name, /^[A-Za-z0-9][A-Za-z0-9!_.:-]*$/);
  assert.match(number, /^\d+:\d+$/);
  if (stableId !== undefined) assert.match(stableId, /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/);
  for (const text of [model, serial]) assert.doesNotMatch(text, /[\p{C}\p{Zl}\p{Zp}]/u);
  assert.ok(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0);
  assert.ok(mounts.every((mount) => mount.startsWith('/') || mount === '[SWAP]'));
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'privileged: what lsblk printed',
    seeds: () => [Buffer.from(JSON.stringify(LSBLK))],
    run: (input) => inspect(input.toString('utf8')),
  },
  {
    name: 'privileged: block devices of odd shape',
    seeds: () => CHOICES,
    run: (input) => inspect(JSON.stringify(jsonFrom(input, [LSBLK])) ?? ''),
  },
  {
    name: 'privileged: mounts',
    seeds: () => [Buffer.from(MOUNTS)],
    run: (input) => {
      for (const { folder, number } of parseMounts(input.toString('utf8')))
        assert.ok(folder !== undefined && number !== '\n');
    },
  },
  {
    name: 'privileged: requests',
    seeds: () => [Buffer.from('{"token":"abc","verb":"smart.read","args":{"device":"sda","type":"auto"}}')],
    run: (input) => {
      try {
        const { token, verb } = parseRequest(input.toString('utf8'));
        assert.ok(typeof token === 'string' && typeof verb === 'string');
      } catch (error) {
        // Only this firmware asks, so a bad request is a bug of it; here it is the answer that is wanted.
        if (!(error instanceof BoxError && error.code === 'privileged.bad-request')) throw error;
      }
    },
  },
];
