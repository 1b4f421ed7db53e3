import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SmartType } from '../privileged/index.ts';

/** Vendor and product of a USB device, four hexadecimal digits each. */
export interface UsbIds {
  readonly vendor: string;
  readonly product: string;
}

/** By the vendor of the bridge; a type made for one maker's bridges is not tried on another's, where it may disturb the disk. */
const BY_VENDOR: Readonly<Record<string, readonly SmartType[]>> = {
  '152d': ['sat', 'usbjmicron', 'sntjmicron'],
  '174c': ['sat', 'sntasmedia'],
  '0bda': ['sntrealtek', 'sat'],
  '067b': ['sat', 'usbprolific'],
  '04fc': ['sat', 'usbsunplus'],
};

/** Device types to try, in order, when smartctl does not know the bridge by itself. SAT is the standard that most bridges follow. */
export function typesToTry(usb: UsbIds | undefined): readonly SmartType[] {
  return BY_VENDOR[usb?.vendor.toLowerCase() ?? ''] ?? ['sat'];
}

/** Ids of the USB device that a disk is plugged in through; undefined if there is none. `sys` is where sysfs is mounted. */
export async function usbIdsOf(name: string, sys = '/sys'): Promise<UsbIds | undefined> {
  try {
    let folder = await realpath(join(sys, 'block', name, 'device'));
    for (let depth = 0; depth < MAX_DEPTH && folder.length > sys.length; depth++) {
      const vendor = await firstLine(join(folder, 'idVendor'));
      if (vendor !== undefined) return { vendor, product: (await firstLine(join(folder, 'idProduct'))) ?? '' };
      folder = dirname(folder);
    }
  } catch (error) {
    // The disk has just been pulled, or is none that is plugged in anywhere.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return undefined;
}

/** From the disk up to its USB device there are a SCSI target, a host and an interface. */
const MAX_DEPTH = 8;

async function firstLine(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
