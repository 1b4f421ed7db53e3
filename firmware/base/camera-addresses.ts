import type { LookupFunction } from 'node:net';
import { BoxError } from './errors.ts';
import { addressesOf, isLoopback, isOwnAddress, isWithin, networkList, type HostAddress } from './networks.ts';

/** Where cameras may be: plain data, for every thread. */
export interface CameraAddressRules {
  /** As in the settings, address/bits. */
  readonly networks: readonly string[];
  /** Where the box itself listens. */
  readonly ownPorts: readonly number[];
  /** Only of a box that was started for simulated cameras: this machine may hold cameras. */
  readonly loopback: boolean;
}

/** The way to ask whether the box may connect somewhere. */
export interface AddressGuard {
  /**
   * The addresses of a host that the box may connect to. Whoever connects uses these and asks no name server again, so that one
   * which answers differently the second time leads nowhere.
   * Rejects with cameras.address-refused, or rtsp.unreachable if the name is unknown.
   */
  resolve(host: string, port: number): Promise<HostAddress[]>;
}

/** Never a camera, whatever the settings say: nowhere, the own link (with the metadata services of clouds), many at once, reserved. */
const NEVER = networkList([
  '0.0.0.0/8',
  '169.254.0.0/16',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  'fd00:ec2::254/128',
  'fe80::/10',
  'ff00::/8',
]);

/** Decides which addresses the box may look for cameras at: those of the camera networks and no others. */
export class CameraAddresses implements AddressGuard {
  #rules!: CameraAddressRules;
  #allowed!: ReturnType<typeof networkList>;

  constructor(rules: CameraAddressRules) {
    this.apply(rules);
  }

  /** New settings; they count from the next connection on. */
  apply(rules: CameraAddressRules): void {
    this.#rules = rules;
    this.#allowed = networkList(rules.networks);
  }

  /** Why the box may not connect there; undefined if it may. */
  refusal(address: HostAddress, port: number): string | undefined {
    const { ownPorts, loopback } = this.#rules;
    if (ownPorts.includes(port) && isOwnAddress(address)) return 'the box itself listens there';
    if (isLoopback(address)) return loopback ? undefined : 'it is this machine itself';
    if (isWithin(NEVER, address)) return 'no camera can have this address';
    if (!isWithin(this.#allowed, address)) return 'it is in none of the networks of terminals.networks';
    return undefined;
  }

  async resolve(host: string, port: number): Promise<HostAddress[]> {
    let addresses: HostAddress[];
    try {
      addresses = await addressesOf(host);
    } catch (cause) {
      const { code: errno } = cause as NodeJS.ErrnoException;
      throw new BoxError('rtsp.unreachable', { host, port, errno }, { cause });
    }
    const allowed = addresses.filter((address) => this.refusal(address, port) === undefined);
    if (allowed.length > 0) return allowed;
    const reason = addresses[0] ? this.refusal(addresses[0], port) : 'the name has no address';
    throw new BoxError('cameras.address-refused', { host, port, reason });
  }
}

/** For sockets: answers with addresses that were checked before, whatever name is asked for. */
export function lookupOf(addresses: readonly HostAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const first = addresses[0]!;
    // Answered later, as every resolver does: sockets are not ready for less.
    process.nextTick(() =>
      options.all === true ? callback(null, [...addresses]) : callback(null, first.address, first.family),
    );
  };
}
