import { isIPv4 } from 'node:net';
import { BoxError } from '../../base/index.ts';

const MAX_ADDRESSES = 4096;

/**
 * Every address of "192.168.1.0/24", "192.168.1.20-192.168.1.60", "192.168.1.20-60" or a single one; network and broadcast
 * addresses of a network are left out.
 * @throws BoxError onvif.bad-range, also if they are more than 4096
 */
export function addressesOfRange(range: string): string[] {
  const { first, last } = bounds(range.trim());
  if (last < first || last - first >= MAX_ADDRESSES) throw new BoxError('onvif.bad-range', { range });
  return Array.from({ length: last - first + 1 }, (_, index) => textOf(first + index));
}

function bounds(range: string): { first: number; last: number } {
  const [start = '', end] = range.split('-', 2).map((part) => part.trim());
  const [address = '', bitsText] = start.split('/', 2);
  const from = numberOf(address);
  const bad = (): BoxError => new BoxError('onvif.bad-range', { range });
  if (from === undefined || (bitsText !== undefined && end !== undefined)) throw bad();
  if (bitsText !== undefined) {
    const bits = /^\d{1,2}$/.test(bitsText) ? Number(bitsText) : Number.NaN;
    if (!(bits >= 16 && bits <= 32)) throw bad();
    const size = 2 ** (32 - bits);
    const base = Math.floor(from / size) * size;
    return size <= 2 ? { first: base, last: base + size - 1 } : { first: base + 1, last: base + size - 2 };
  }
  if (end === undefined) return { first: from, last: from };
  const to = numberOf(/^\d{1,3}$/.test(end) ? `${address.split('.').slice(0, 3).join('.')}.${end}` : end);
  if (to === undefined) throw bad();
  return { first: from, last: to };
}

function numberOf(address: string): number | undefined {
  if (!isIPv4(address)) return undefined;
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function textOf(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
