import type { BlockList } from 'node:net';
import { addressesOf, BoxError, isOwnAddress, isWithin, networkList, type HostAddress } from '../base/index.ts';

/** Never a mail server or webhook: nowhere, the own link (with the metadata services of clouds), many at once, reserved. */
const NEVER = networkList([
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
const LOCAL = networkList([
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
    this.#allowed = networkList(options.allowNetworks);
    this.#ownPorts = options.ownPorts;
  }

  /** Rejects with notices.unreachable if the name is unknown, notices.target-refused if any of its addresses is forbidden. */
  async resolve(host: string, port: number): Promise<HostAddress[]> {
    let addresses: HostAddress[];
    try {
      addresses = await addressesOf(host);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new BoxError('notices.unreachable', { host, reason: 'the name is not known', errno: code });
    }
    for (const address of addresses) {
      const reason = this.#refusal(address, port);
      if (reason) throw new BoxError('notices.target-refused', { host, port, reason });
    }
    return addresses;
  }

  #refusal(address: HostAddress, port: number): string | undefined {
    if (isWithin(NEVER, address)) return 'no server can have this address';
    if (isWithin(LOCAL, address) && !isWithin(this.#allowed, address)) {
      return 'the address is local, and its network is not in notices.allowNetworks';
    }
    if (this.#ownPorts().includes(port) && isOwnAddress(address)) return 'the box itself listens there';
    return undefined;
  }
}
