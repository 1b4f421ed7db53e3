import t from 'tap';
import { CameraAddresses, lookupOf, type CameraAddressRules } from '../../../firmware/base/index.ts';

const HOME: CameraAddressRules = { networks: ['192.168.0.0/16', 'fc00::/7'], ownPorts: [8443], loopback: false };

/** What the guard says of a host, as text: the addresses, or why not. */
async function verdict(rules: CameraAddressRules, host: string, port = 554): Promise<string> {
  try {
    return (await new CameraAddresses(rules).resolve(host, port)).map(({ address }) => address).join(' ');
  } catch (error) {
    const { code, context } = error as { code: string; context: { reason?: string } };
    return `${code} ${context.reason ?? ''}`.trim();
  }
}

t.test('18. the box connects to cameras in the camera networks and nowhere else', async (t) => {
  t.equal(await verdict(HOME, '192.168.1.20'), '192.168.1.20');
  t.equal(await verdict(HOME, '[fd00::20]'), 'fd00::20');
  for (const outside of ['10.0.0.1', '203.0.113.7', '2001:db8::1', '64:ff9b::c0a8:114', '2002:c0a8:114::1']) {
    t.match(await verdict(HOME, outside), /^cameras\.address-refused it is in none of the networks/, outside);
  }
});

t.test(
  '18: the own link, metadata services and reserved addresses are refused, whatever the networks say',
  async (t) => {
    const open = { ...HOME, networks: ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'] };
    const never = [
      '169.254.169.254',
      '::ffff:169.254.169.254',
      '100.100.100.200',
      'fd00:ec2::254',
      '0.0.0.0',
      '224.0.0.1',
    ];
    for (const address of [...never, '255.255.255.255', 'fe80::1', 'fe80::1%lo', '::', 'ff02::1']) {
      t.match(await verdict(open, address), /^cameras\.address-refused no camera can have this address/, address);
    }
    t.equal(await verdict(open, '203.0.113.7'), '203.0.113.7', 'and everything else is open then');
  },
);

t.test('18. this machine is refused in every spelling, unless the box was started for simulated cameras', async (t) => {
  const open = { ...HOME, networks: ['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1'] };
  for (const self of ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '::1', '::ffff:127.0.0.1', 'localhost']) {
    t.match(await verdict(open, self), /^cameras\.address-refused it is this machine itself/, self);
  }
  t.equal(await verdict({ ...HOME, loopback: true }, '127.0.0.1'), '127.0.0.1');
});

t.test('18. the own ports are refused even then', async (t) => {
  t.match(await verdict({ ...HOME, loopback: true }, '127.0.0.1', 8443), /the box itself listens there/);
  t.equal(await verdict(HOME, '192.168.1.20', 8443), '192.168.1.20', 'another machine may have the same port');
});

t.test('18. a connection goes to the addresses that were checked, whatever the name means by then', async (t) => {
  const lookup = lookupOf([{ address: '192.168.1.20', family: 4 }]);
  const all = await new Promise((resolve) => lookup('rebound.test', { all: true }, (_error, found) => resolve(found)));
  t.same(all, [{ address: '192.168.1.20', family: 4 }]);
  const one = await new Promise((resolve) => lookup('rebound.test', {}, (_error, found) => resolve(found)));
  t.equal(one, '192.168.1.20');
});
