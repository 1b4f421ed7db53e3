import * as z from 'zod';
import { isNetwork } from '../base/index.ts';
import { plainLine } from './schema-parts.ts';
import { notes } from './setting-notes.ts';

/** Addresses that are not on the public internet (RFC 1918, RFC 4193). */
export const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

const networks = (title: string, help: string) =>
  z
    .array(z.string().refine(isNetwork, 'must be a network such as 192.168.1.0/24'))
    .max(50)
    .meta(notes({ title, help }));

/** What holds for the cameras of the site together. */
export const terminals = z.strictObject({
  networks: networks(
    'Camera networks',
    'Networks in which cameras may be; the box connects to cameras nowhere else. The own link, this machine and reserved addresses are never among them.',
  ).default(PRIVATE_NETWORKS),
  scan: networks(
    'Searched networks',
    'Networks that are searched address by address for cameras, besides those that answer a call to all; each of 4096 addresses at most.',
  ).default([]),
  clock: z
    .enum(['leave', 'set', 'ntp'])
    .default('leave')
    .meta(
      notes({
        title: 'Clocks of cameras',
        help: 'leave: only watched; set: set to the time of the box when they are off; ntp: told to follow the time server.',
      }),
    ),
  ntpServer: plainLine(253)
    .regex(/^[A-Za-z0-9.:-]*$/)
    .default('')
    .meta(notes({ title: 'Time server', help: 'Name or address of the NTP server that cameras are told to follow.' })),
  eventDays: z
    .int()
    .min(1)
    .max(3650)
    .default(400)
    .meta(notes({ title: 'Days of events', help: 'Events of cameras are kept for so many days.' })),
});
