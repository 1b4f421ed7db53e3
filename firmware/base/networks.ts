import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';

/** An address that a name was resolved to. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

const LOOPBACK = networkList(['127.0.0.0/8', '::1/128']);

/** Networks as address/bits, in one list that addresses are looked up in; IPv4 within IPv6 (::ffff:0:0/96) counts as IPv4. */
export function networkList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Whether a text is a network such as 192.168.1.0/24 or fd00::/8. */
export function isNetwork(text: string): boolean {
  const [, address = '', bits = ''] = /^([0-9A-Fa-f.:]{2,45})\/(\d{1,3})$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(bits) >= 1 && Number(bits) <= (family === 4 ? 32 : 128);
}

export function isWithin(list: BlockList, { address, family }: HostAddress): boolean {
  // The zone of a link (fe80::1%eth0) is no part of the address.
  return list.check(address.replace(/%.*$/, ''), `ipv${family}`);
}

export function isLoopback(address: HostAddress): boolean {
  return isWithin(LOOPBACK, address);
}

/** Whether the machine itself answers at the address. */
export function isOwnAddress(address: HostAddress): boolean {
  if (isLoopback(address)) return true;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return isWithin(networkList(own.map((each) => `${each.address}/${each.family === 'IPv4' ? 32 : 128}`)), address);
}

/** All addresses of a host, which may be one itself, with or without brackets. Rejects with the resolver's error. */
export async function addressesOf(host: string): Promise<HostAddress[]> {
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(plain);
  if (family !== 0) return [{ address: plain, family: family as 4 | 6 }];
  return (await lookup(plain, { all: true })) as HostAddress[];
}
