import * as z from 'zod';
import { notes } from './setting-notes.ts';

const portOrNone = (initial: number) => z.int().min(0).max(65_535).default(initial);

/** Live streams for players and other recorders. */
export const rtspServer = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .meta(
      notes({
        title: 'Enabled',
        help: 'Whether players and other recorders may take live streams from the box, with RTSP passwords made for them.',
      }),
    ),
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/)
    .default('0.0.0.0')
    .meta(
      notes({
        title: 'Address',
        help: 'Address that the RTSP server listens at; 0.0.0.0 listens to the whole network.',
      }),
    ),
  port: portOrNone(8554).meta(
    notes({ title: 'Port', help: 'TCP port of rtsp://, where pictures travel readable; 0: none.' }),
  ),
  securePort: portOrNone(8322).meta(
    notes({ title: 'Secure port', help: 'TCP port of rtsps://, which is RTSP within TLS; 0: none.' }),
  ),
  udpPort: portOrNone(8556)
    .refine((port) => port % 2 === 0 && port < 65_535, 'must be even')
    .meta(
      notes({
        title: 'UDP port',
        help: 'UDP port that pictures leave from for players that want UDP, an even number, and the next one; 0: TCP only.',
      }),
    ),
  maxReaders: z
    .int()
    .min(1)
    .max(256)
    .default(64)
    .meta(
      notes({ title: 'Readers', help: 'So many streams are given at a time to all players and recorders together.' }),
    ),
});
