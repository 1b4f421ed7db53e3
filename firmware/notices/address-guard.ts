import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { BoxError } from '../base/index.ts';

export interface Address {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Never a mail server or webhook: nowhere, the own link (with the metadata services of clouds), many at once, reserved. */
const NEVER = blockList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200/32',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fd00:ec2::254/128',
  'fe80::/10',
  'ff00::/8',
]);

/** Not on the public internet, or a way around into such a network (RFC 6890; 6to4, Teredo and NAT64 embed IPv4): only if the owner allows it. */
const LOCAL = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
]);

const LOOPBACK = blockList(['127.0.0.0/8', '::1/128']);

/**
 * Decides which addresses the box may send notices to. Names are resolved here, once, and the connection goes to the very
 * addresses that were checked, so that a name server cannot answer differently the second time.
 */
export class AddressGuard {
  /** Equal keys mean equal rules. */
  readonly key: string;
  readonly #allowed: BlockList;
  readonly #ownPorts: () => readonly number[];

  /** `allowNetworks`: as in the settings, address/bits. `ownPorts`: where the box itself listens. */
  constructor(options: { allowNetworks: readonly string[]; ownPorts: () => readonly number[] }) {
    this.key = options.allowNetworks.join(' ');
    this.#allowed = blockList(options.allowNetworks);
    this.#ownPorts = options.ownPorts;
  }

  /** Rejects with notices.unreachable if the name is unknown, notices.target-refused if any of its addresses is forbidden. */
  async resolve(host: string, port: number): Promise<Address[]> {
    const addresses = await addressesOf(host);
    for (const { address, family } of addresses) {
      const reason = this.#refusal(address, family, port);
      if (reason) throw new BoxError('notices.target-refused', { host, port, reason });
    }
    return addresses;
  }

  #refusal(address: string, family: 4 | 6, port: number): string | undefined {
    const kind = `ipv${family}` as const;
    if (NEVER.check(address, kind)) return 'no server can have this address';
    if (LOCAL.check(address, kind) && !this.#allowed.check(address, kind)) {
      return 'the address is local, and its network is not in notices.allowNetworks';
    }
    if (this.#ownPorts().includes(port) && isOwn(address, family)) return 'the box itself listens there';
    return undefined;
  }
}

async function addressesOf(host: string): Promise<Address[]> {
  const plain = host.replace(/^\[(.*)\]$/, '$1');
  const family = isIP(plain);
  if (family !== 0) return [{ address: plain, family: family as 4 | 6 }];
  try {
    return (await lookup(plain, { all: true })) as Address[];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new BoxError('notices.unreachable', { host, reason: 'the name is not known', errno: code });
  }
}

function isOwn(address: string, family: 4 | 6): boolean {
  if (LOOPBACK.check(address, `ipv${family}`)) return true;
  const own = blockList(
    Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .map((each) => `${each.address}/${each.family === 'IPv4' ? 32 : 128}`),
  );
  return own.check(address, `ipv${family}`);
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/');
    list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}
