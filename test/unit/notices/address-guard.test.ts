import t from 'tap';
import { AddressGuard } from '../../../firmware/notices/address-guard.ts';

const guard = (allowNetworks: string[], port?: number): AddressGuard =>
  new AddressGuard({ allowNetworks, ownPorts: () => (port === undefined ? [] : [port]) });
const refused = { code: 'notices.target-refused' };

t.test('local addresses are refused, however they are written', async (t) => {
  const hosts = [
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.10',
    '100.64.0.1',
    '::1',
    '[::1]',
    'fd12::1',
    '::ffff:127.0.0.1',
    '::ffff:c0a8:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'localhost',
    new URL('http://0x7f.1/').hostname,
    new URL('http://2130706433/').hostname,
    new URL('http://[::ffff:127.0.0.1]/').hostname,
  ];
  for (const host of hosts) await t.rejects(guard([]).resolve(host, 443), refused, host);
});

t.test('a network of the site can be allowed, and only that', async (t) => {
  const lan = guard(['192.168.1.0/24', 'fd12::/16']);
  t.strictSame(await lan.resolve('192.168.1.9', 25), [{ address: '192.168.1.9', family: 4 }]);
  t.strictSame(await lan.resolve('[fd12::9]', 25), [{ address: 'fd12::9', family: 6 }]);
  await t.rejects(lan.resolve('192.168.2.9', 25), refused);
});

t.test('the own link, metadata services and many receivers are refused whatever is allowed', async (t) => {
  const all = guard(['0.0.0.0/1', '128.0.0.0/1', '::/1', '8000::/1']);
  for (const host of [
    '0.0.0.0',
    '169.254.169.254',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'ff02::1',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
  ]) {
    await t.rejects(all.resolve(host, 443), refused, host);
  }
  t.strictSame(await all.resolve('127.0.0.1', 25), [{ address: '127.0.0.1', family: 4 }]);
});

t.test('the box does not call itself', async (t) => {
  const own = guard(['127.0.0.0/8'], 8080);
  await t.rejects(own.resolve('127.0.0.1', 8080), refused);
  t.equal((await own.resolve('127.0.0.1', 25)).length, 1);
});

t.test('public addresses need no leave; unknown names are said to be unknown', async (t) => {
  t.equal((await guard([]).resolve('8.8.8.8', 443)).length, 1);
  t.equal((await guard([]).resolve('2606:4700::1111', 443)).length, 1);
  await t.rejects(guard([]).resolve('no-such-host.invalid', 443), { code: 'notices.unreachable' });
});
