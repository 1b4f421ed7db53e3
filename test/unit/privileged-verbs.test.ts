import t from 'tap';
import { DiskLocks } from '../../firmware/privileged/disk-locks.ts';
import { IDENTITY_FILE } from '../../firmware/privileged/protocol.ts';
import { parseRequest } from '../../firmware/privileged/server.ts';
import { Task } from '../../firmware/privileged/task.ts';
import { isVerb, perform, smartctlArguments } from '../../firmware/privileged/verbs.ts';
import { IDENTITY_FILE as STORAGE_IDENTITY_FILE } from '../../firmware/storage/volume/identity-file.ts';

const around = { root: '/nowhere', owner: { uid: 0, gid: 0 }, locks: new DiskLocks() };
const UUID = '11111111-2222-4333-8444-555555555555';

function ask(verb: string, args: unknown): Promise<unknown> {
  if (!isVerb(verb)) throw new Error(`no verb: ${verb}`);
  return perform(verb, args, new Task(1000), around);
}

t.test('arguments that are not exactly right never reach a program', async (t) => {
  const bad: [string, unknown][] = [
    ['disks.scan', null],
    ['disks.scan', []],
    ['disks.scan', 'x'],
    ['disks.scan', { extra: 1 }],
    ['disks.scan', JSON.parse('{"__proto__":{"a":1}}')],
    ['smart.read', { device: 'sda' }],
    ['smart.read', { device: '/dev/sda', type: 'auto' }],
    ['smart.read', { device: '-a', type: 'auto' }],
    ['smart.read', { device: 'sda', type: 'megaraid,0' }],
    ['smart.read', { device: 'sda\n', type: 'auto' }],
    ['smart.read', { device: ['sda'], type: 'auto' }],
    ['volume.inspect', { uuid: '../../etc' }],
    ['volume.inspect', { uuid: UUID.toUpperCase().replaceAll('1', 'A') }],
    ['volume.mount', { uuid: UUID }],
    ['volume.mount', { uuid: UUID, readOnly: 'no' }],
    ['volume.mount', { uuid: UUID, readOnly: true, options: 'exec' }],
    ['volume.unmount', { uuid: `${UUID}/..` }],
    ['volume.format', { disk: 'a', confirm: 'a', fs: 'btrfs', label: '' }],
    ['volume.format', { disk: 'a', confirm: 'a', fs: 'ext4', label: '$(x)' }],
    ['volume.format', { disk: 'a', confirm: 'a', fs: 'ext4', label: 'x'.repeat(41) }],
    ['volume.format', { disk: '-a', confirm: '-a', fs: 'ext4', label: '' }],
    ['volume.format', { disk: 'a', fs: 'ext4', label: '' }],
    ['clock.set', { wallUs: 0 }],
    ['clock.set', { wallUs: Date.UTC(2025, 11, 31) * 1000 }],
    ['clock.set', { wallUs: Date.UTC(2100, 0, 1) * 1000 }],
    ['clock.set', { wallUs: '2026' }],
    ['clock.set', { wallUs: 1.5 }],
  ];
  for (const [verb, args] of bad) {
    await t.rejects(ask(verb, args), { code: 'privileged.bad-request' }, `${verb} ${JSON.stringify(args)}`);
  }
});

t.test('a disk that is not repeated exactly is refused before anything is looked at', async (t) => {
  const args = { disk: 'WDC-1', confirm: 'WDC-2', fs: 'ext4', label: '' };
  await t.rejects(ask('volume.format', args), { code: 'disks.not-confirmed' });
});

t.test('verbs are a closed list', async (t) => {
  for (const name of ['', 'constructor', '__proto__', 'toString', 'disks', 'disks.scan ', 'exec'])
    t.notOk(isVerb(name));
});

t.test('requests that are none', async (t) => {
  for (const line of [
    '',
    'x',
    '[]',
    'null',
    '1',
    '"a"',
    '{}',
    '{"token":1,"verb":"a"}',
    '{"token":"a"}',
    '{"verb":"a"}',
  ]) {
    t.throws(() => parseRequest(line), { code: 'privileged.bad-request' }, line);
  }
  t.same(parseRequest('{"token":"a","verb":"b","args":{}}'), { token: 'a', verb: 'b', args: {} });
});

t.test('one request at a time per disk', async (t) => {
  const locks = new DiskLocks();
  const gate = Promise.withResolvers<void>();
  const first = locks.during('sda', new Task(1000), () => gate.promise);
  await t.rejects(
    locks.during('sda', new Task(1000), async () => 1),
    { code: 'privileged.busy' },
  );
  t.equal(await locks.during('sdb', new Task(1000), async () => 2), 2, 'another disk is free');
  gate.resolve();
  await first;
  t.equal(await locks.during('sda', new Task(1000), async () => 3), 3);
});

t.test('smartctl is asked in one way only', async (t) => {
  t.same(smartctlArguments('sda', 'auto'), ['--json=c', '-n', 'standby,3', '-x', '/dev/sda']);
  t.same(smartctlArguments('sdb', 'sat'), ['--json=c', '-n', 'standby,3', '-a', '-d', 'sat', '/dev/sdb']);
  t.same(smartctlArguments('cciss!c0d0', 'nvme').at(-1), '/dev/cciss/c0d0');
});

t.test('both sides mean the same file', async (t) => {
  t.equal(IDENTITY_FILE, STORAGE_IDENTITY_FILE);
});
