import * as z from 'zod';
import { id, ID_OR_NONE, MIB, name, plainLine, uniqueIds } from './schema-parts.ts';
import { notes } from './setting-notes.ts';

const stream = z.strictObject({
  id: id('Name of the stream within its camera: main is the best picture, sub the light one. Part of folder names.'),
  url: z
    .string()
    .max(2000)
    .refine(
      isStreamUrl,
      'must be rtsp://host[:port]/path, rtsps://, rtsph:// or rtspsh://, without user name and password',
    )
    .meta(
      notes({
        title: 'URL',
        help: 'Address of the stream, without user name and password: rtsp://, rtsps:// for TLS, rtsph:// or rtspsh:// through the web server of the camera (HTTP, HTTPS).',
      }),
    ),
  transport: z
    .enum(['tcp', 'udp', 'auto'])
    .default('tcp')
    .meta(
      notes({
        title: 'Transport',
        help: 'How media travels: tcp (inside the RTSP connection), udp, or auto (TCP first, then UDP).',
      }),
    ),
  record: z
    .boolean()
    .default(true)
    .meta(notes({ title: 'Record', help: 'Whether this stream is recorded; others are only there to be watched.' })),
  role: z
    .enum(['main', 'sub', 'other'])
    .optional()
    .meta(
      notes({
        title: 'Role',
        help: 'What the stream is for: main (the best picture), sub (the light one), other. Left out: the first is main, the next sub.',
      }),
    ),
  profile: z
    .string()
    .max(64)
    .regex(/^[\x21-\x7e]*$/)
    .default('')
    .meta(notes({ title: 'Profile', help: 'Media profile of the camera that it comes from, by its ONVIF token.' })),
});

const fact = (title: string, help: string) => plainLine(200).default('').meta(notes({ title, help }));

/** Who a camera is. What it does not say of itself stays empty. */
const identity = z.strictObject({
  maker: fact('Maker', 'Maker of the camera, as it says.'),
  model: fact('Model', 'Model of the camera, as it says.'),
  serial: fact('Serial number', 'Serial number that the camera must have.'),
  mac: fact('MAC address', 'Address of its network interface, as the camera says it.'),
  hardware: fact('Hardware id', 'Hardware id, as the camera says it.'),
  endpoint: fact('Endpoint', 'Name under which it announces itself on the network (WS-Discovery).'),
  certificate: fact('Certificate', 'SHA-256 of the certificate that its ONVIF service showed first.'),
  streamCertificate: fact(
    'Certificate of streams',
    'SHA-256 of the certificate that its encrypted stream showed first.',
  ),
});

const EVENT_KINDS = ['motion', 'digital-input', 'tamper', 'analytics', 'relay', 'other'] as const;

const scheduleRow = z
  .strictObject({
    day: z
      .int()
      .min(0)
      .max(6)
      .meta(notes({ title: 'Day', help: 'Day of the week, 0 is Sunday, in the time zone of the site.' })),
    from: timeOfDay().meta(notes({ title: 'From', help: 'Begin, HH:MM.' })),
    to: timeOfDay().meta(
      notes({ title: 'To', help: 'End, HH:MM, later than the begin; 24:00 is the end of the day.' }),
    ),
  })
  .refine((row) => row.from < row.to, {
    path: ['to'],
    error: 'must be later than from; write two rows to pass midnight',
  });

const retention = z.strictObject({
  days: z
    .number()
    .min(0.01)
    .max(3650)
    .optional()
    .meta(
      notes({
        title: 'Days',
        help: 'Footage older than so many days is deleted; left out, it is kept until its room is needed.',
      }),
    ),
  eventDays: z
    .number()
    .min(0.01)
    .max(3650)
    .optional()
    .meta(
      notes({
        title: 'Days of events',
        help: 'The same for footage of events and manual recording; left out, days holds for it too.',
      }),
    ),
  maxBytes: z
    .int()
    .min(MIB)
    .optional()
    .meta(
      notes({ title: 'Largest size', help: 'Bytes that footage of this camera may take on all volumes together.' }),
    ),
});

export const camera = z
  .strictObject({
    id: id('Name of the camera in addresses, folders and topics; never changed afterwards.'),
    name: name('What people call this camera.', ''),
    enabled: z
      .boolean()
      .default(true)
      .meta(notes({ title: 'Enabled', help: 'Whether the box connects to this camera at all.' })),
    streams: z
      .array(stream)
      .min(1)
      .max(8)
      .refine(uniqueIds, 'two streams have the same id')
      .meta(notes({ title: 'Streams', help: 'The streams that the camera offers.' })),
    username: z
      .string()
      .max(200)
      .default('')
      .meta(notes({ title: 'User name', help: 'Account at the camera; empty if it asks for none.' })),
    password: z
      .string()
      .max(200)
      .default('')
      .meta(notes({ title: 'Password', help: 'Password of that account.', secret: true })),
    mode: z
      .enum(['continuous', 'schedule', 'event', 'manual'])
      .default('continuous')
      .meta(
        notes({
          title: 'Mode',
          help: 'When the camera is recorded: always, by its weekly schedule, around events, or on request.',
        }),
      ),
    schedule: z
      .array(scheduleRow)
      .max(200)
      .default([])
      .meta(notes({ title: 'Schedule', help: 'Weekly times of recording, used by the mode schedule.' })),
    preRecordS: z
      .int()
      .min(0)
      .max(60)
      .default(5)
      .meta(
        notes({
          title: 'Pre-record',
          help: 'Seconds kept in memory and recorded from before an event or a manual start.',
        }),
      ),
    postRecordS: z
      .int()
      .min(0)
      .max(3600)
      .default(15)
      .meta(notes({ title: 'Post-record', help: 'Seconds recorded after an event has ended.' })),
    segmentSeconds: z
      .int()
      .min(5)
      .max(900)
      .optional()
      .meta(
        notes({
          title: 'Segment length',
          help: 'Length of the files of this camera in seconds, instead of recording.segmentSeconds.',
        }),
      ),
    tls: z
      .strictObject({
        verify: z
          .boolean()
          .default(false)
          .meta(
            notes({
              title: 'Verify certificate',
              help:
                'Whether an authority must vouch for the certificate of an rtsps://, rtspsh:// or https:// camera. If not, the certificate that it shows ' +
                'first is remembered, and another one is an alarm.',
            }),
          ),
      })
      .prefault({}),
    keepAliveS: z
      .int()
      .min(1)
      .max(600)
      .optional()
      .meta(
        notes({
          title: 'Keep-alive',
          help: 'Seconds between signs of life to the camera, for cameras that announce a wrong session time.',
        }),
      ),
    group: z
      .string()
      .regex(ID_OR_NONE)
      .default('')
      .meta(
        notes({
          title: 'Volume group',
          help: 'Group of volumes that this camera is recorded to; empty: any volume.',
        }),
      ),
    copies: z
      .int()
      .min(1)
      .max(2)
      .default(1)
      .meta(notes({ title: 'Copies', help: 'On how many disks this camera is written at the same time, 1 or 2.' })),
    cameraGroup: z
      .string()
      .regex(ID_OR_NONE)
      .default('')
      .meta(
        notes({
          title: 'Camera group',
          help: 'Group of cameras that says what happens when the disks are full; empty: the oldest is overwritten.',
        }),
      ),
    onvif: z
      .strictObject({
        url: z
          .string()
          .max(500)
          .refine((text) => text === '' || isDeviceUrl(text), 'must be http://host[:port]/path or https://...')
          .default('')
          .meta(
            notes({
              title: 'ONVIF address',
              help: 'Address of the device service, http://host/onvif/device_service; empty: the camera is only watched over RTSP.',
            }),
          ),
        events: z
          .boolean()
          .default(true)
          .meta(
            notes({
              title: 'Events',
              help: 'Whether the box asks the camera for its events: motion, inputs, tampering, analytics.',
            }),
          ),
      })
      .prefault({}),
    eventKinds: z
      .array(z.enum(EVENT_KINDS))
      .max(EVENT_KINDS.length)
      .default(['motion', 'digital-input', 'tamper', 'analytics'])
      .meta(
        notes({
          title: 'Events that record',
          help: 'Kinds of events of the camera that begin recording in the mode event; others are only written down.',
        }),
      ),
    identity: identity.prefault({}),
    groups: words('Groups', 'Groups that people see the camera in, such as a building or a floor.'),
    labels: words('Labels', 'Words by which people find the camera.'),
    order: z
      .int()
      .min(0)
      .max(100_000)
      .default(0)
      .meta(notes({ title: 'Order', help: 'Place in lists, the smallest first; equal ones as they were added.' })),
    retention: retention.prefault({}),
    wishDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .meta(
        notes({ title: 'Wished days', help: 'Days of footage that its owner wishes to keep; the planner aims at it.' }),
      ),
  })
  .refine((given) => given.mode !== 'schedule' || given.schedule.length > 0, {
    path: ['schedule'],
    error: 'the mode schedule needs at least one row',
  });

function timeOfDay() {
  return z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be HH:MM');
}

function isStreamUrl(text: string): boolean {
  if (/[\p{Cc}\s]/u.test(text) || !/^rtsps?h?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.hostname !== '' && url.username === '' && url.password === '' && !/^rtsps?h?:\/\/[^/?#]*@/i.test(text);
}

function isDeviceUrl(text: string): boolean {
  if (/[\p{Cc}\s]/u.test(text) || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.hostname !== '' && url.username === '' && url.password === '';
}

function words(title: string, help: string) {
  return z.array(plainLine(60).min(1)).max(20).default([]).meta(notes({ title, help }));
}
