import * as z from 'zod';
import { isTimeZone } from '../base/index.ts';
import { audit } from './schema-audit.ts';
import { camera } from './schema-camera.ts';
import { exports, live } from './schema-live.ts';
import { notices } from './schema-notices.ts';
import { id, MIB, name, uniqueIds } from './schema-parts.ts';
import { terminals } from './schema-terminals.ts';
import { rtspServer } from './schema-rtsp-server.ts';
import { notes } from './setting-notes.ts';

const NO_ID = '00000000-0000-0000-0000-000000000000';

const box = z.strictObject({
  id: z
    .uuid()
    .default(NO_ID)
    .meta(
      notes({
        title: 'Id',
        help: 'Identity of this box, made at its first start; never changed by hand.',
        restart: true,
      }),
    ),
  name: name('What people call this box.', 'IPVS box'),
});

const volume = z.strictObject({
  id: id('Name of the volume.'),
  name: name('What people call this volume, such as the label on the disk.', ''),
  folder: z
    .string()
    .min(1)
    .max(1000)
    .refine((folder) => !folder.includes('\0') && !folder.split('/').includes('..'), 'must not contain ".."')
    .meta(notes({ title: 'Folder', help: 'Where recordings go: absolute, or relative to the data folder.' })),
  budgetBytes: z
    .int()
    .min(MIB)
    .optional()
    .meta(
      notes({ title: 'Budget', help: 'Bytes that recordings may take; left out, all of the disk but its headroom.' }),
    ),
  recoveryPointMs: z
    .int()
    .min(500)
    .max(60_000)
    .default(2000)
    .meta(notes({ title: 'Recovery point', help: 'The most that a power cut may cost, in milliseconds.' })),
  sync: z
    .enum(['auto', 'volume', 'file'])
    .default('auto')
    .meta(
      notes({
        title: 'Sync',
        help: 'How data reaches the disk: all files of the volume at once, file by file, or auto: as the disk allows.',
      }),
    ),
  group: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .default('default')
    .meta(notes({ title: 'Group', help: 'Group of volumes that it belongs to; cameras may be bound to a group.' })),
  readOnly: z
    .boolean()
    .default(false)
    .meta(
      notes({
        title: 'Read-only',
        help: 'Its footage is shown, and nothing on it is ever written or deleted.',
      }),
    ),
});

const cameraGroup = z.strictObject({
  id: id('Name of the group.'),
  name: name('What people call this group.', ''),
  whenFull: z
    .enum(['overwrite', 'stop'])
    .default('overwrite')
    .meta(
      notes({
        title: 'When full',
        help: 'When its disks are full: overwrite the oldest footage, or stop recording these cameras and ask.',
      }),
    ),
});

const recording = z.strictObject({
  segmentSeconds: z
    .int()
    .min(5)
    .max(900)
    .default(300)
    .meta(
      notes({
        title: 'Segment length',
        help: 'Length of a recorded file in seconds; it ends at the first key frame after it.',
      }),
    ),
  segmentMaxBytes: z
    .int()
    .min(MIB)
    .max(2047 * MIB)
    .default(1024 * MIB)
    .meta(notes({ title: 'Segment size', help: 'A file ends at this size in bytes, key frame or not.' })),
  fragmentMs: z
    .int()
    .min(100)
    .max(1000)
    .default(1000)
    .meta(
      notes({ title: 'Fragment length', help: 'The longest time in milliseconds that media waits for its write.' }),
    ),
  napMs: z
    .int()
    .min(0)
    .max(250)
    .default(250)
    .meta(
      notes({
        title: 'Nap',
        help: 'Pause in milliseconds between reads from a camera that nobody watches; 0 reads at once.',
      }),
    ),
  preRecordMaxBytes: z
    .int()
    .min(MIB)
    .max(256 * MIB)
    .default(16 * MIB)
    .meta(
      notes({
        title: 'Pre-record memory',
        help: 'The most memory in bytes that pre-recording of one camera may take.',
        restart: true,
      }),
    ),
  heldGopMaxBytes: z
    .int()
    .min(0)
    .max(64 * MIB)
    .default(2 * MIB)
    .meta(
      notes({
        title: 'Held for another disk',
        help:
          'The most memory in bytes that one stream holds of footage that its disk has, so that another disk can go on with ' +
          'whole pictures; where there is only one disk nothing is held.',
      }),
    ),
  liveHeldMaxBytes: z
    .int()
    .min(0)
    .max(64 * MIB)
    .default(4 * MIB)
    .meta(
      notes({
        title: 'Held for viewers',
        help:
          'The most memory in bytes that one stream holds of its newest pictures, so that who begins to watch sees one at once; ' +
          '0: they wait for the next key frame.',
        restart: true,
      }),
    ),
  queueMaxBytes: z
    .int()
    .min(4 * MIB)
    .max(512 * MIB)
    .default(64 * MIB)
    .meta(
      notes({
        title: 'Write queue',
        help: 'The most memory in bytes that waits for one volume; beyond it video is dropped and shows as a gap.',
        restart: true,
      }),
    ),
});

const http = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(8080)
    .meta(
      notes({
        title: 'Port',
        help: 'TCP port of the web interface without TLS, for this machine; 0 takes any free one.',
        restart: true,
      }),
    ),
  host: z
    .string()
    // Anything else would keep the box from starting, and so from recording.
    .refine((host) => ['127.0.0.1', '::1', 'localhost'].includes(host), 'must be this machine: 127.0.0.1 or ::1')
    .default('127.0.0.1')
    .meta(
      notes({
        title: 'Address',
        help: 'Address that the web interface without TLS listens at: 127.0.0.1 or ::1.',
        restart: true,
      }),
    ),
});

const https = z.strictObject({
  port: z
    .int()
    .min(0)
    .max(65_535)
    .default(8443)
    .meta(
      notes({ title: 'Port', help: 'TCP port of the web interface with TLS; 0 takes any free one.', restart: true }),
    ),
  host: z
    .string()
    .regex(/^[A-Za-z0-9.:-]{1,253}$/)
    .default('0.0.0.0')
    .meta(
      notes({
        title: 'Address',
        help: 'Address that the web interface with TLS listens at; 0.0.0.0 listens to the whole network.',
        restart: true,
      }),
    ),
  redirectPort: z
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .meta(
      notes({
        title: 'Redirect port',
        help: 'TCP port without TLS that only leads browsers to the one with TLS; 0: none.',
        restart: true,
      }),
    ),
  names: z
    .array(z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/))
    .max(20)
    .default([])
    .meta(
      notes({
        title: 'Names',
        help: 'Host names and addresses under which the box is reached, besides those that it finds by itself; they enter its certificate.',
      }),
    ),
  securityContact: z
    .string()
    .max(500)
    .regex(/^(?:(?:mailto:|tel:|https:\/\/)[\x21-\x7e]+)?$/, 'must begin with mailto:, tel: or https://')
    .default('')
    .meta(
      notes({
        title: 'Security contact',
        help: 'Whom somebody tells who has found a weakness, as mailto:, tel: or https:// address; the box shows it at /.well-known/security.txt. Empty: no such file.',
      }),
    ),
});

const log = z.strictObject({
  level: z
    .enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .meta(notes({ title: 'Level', help: 'How much is logged.', restart: true })),
});

const site = z.strictObject({
  timeZone: z
    .string()
    .refine(isTimeZone, 'must be a time zone of the IANA list, for example Asia/Shanghai')
    .default('UTC')
    .meta(
      notes({ title: 'Time zone', help: 'Time zone of the site, which schedules follow. Recordings are kept in UTC.' }),
    ),
});

/** All settings of the box. The one place that knows their types, bounds, defaults, titles and help. */
export const settingsSchema = z
  .strictObject({
    box: box.prefault({}),
    cameras: z
      .array(camera)
      .max(256)
      .refine(uniqueIds, 'two cameras have the same id')
      .default([])
      .meta(notes({ title: 'Cameras', help: 'The cameras that the box records.' })),
    volumes: z
      .array(volume)
      .min(1)
      .max(16)
      .refine(uniqueIds, 'two volumes have the same id')
      .refine(
        (given) => new Set(given.map(({ folder }) => folder)).size === given.length,
        'two volumes have the same folder',
      )
      .prefault([{ id: 'disk1', folder: 'recordings' }])
      .meta(notes({ title: 'Volumes', help: 'The folders, one per disk, that recordings go to.' })),
    cameraGroups: z
      .array(cameraGroup)
      .max(256)
      .refine(uniqueIds, 'two camera groups have the same id')
      .default([])
      .meta(
        notes({ title: 'Camera groups', help: 'Groups of cameras that are treated alike when the disks are full.' }),
      ),
    recording: recording.prefault({}),
    live: live.prefault({}),
    exports: exports.prefault({}),
    http: http.prefault({}),
    https: https.prefault({}),
    rtspServer: rtspServer.prefault({}),
    log: log.prefault({}),
    site: site.prefault({}),
    notices: notices.prefault({}),
    audit: audit.prefault({}),
    terminals: terminals.prefault({}),
  })
  .superRefine(checkReferences);

/** Settings while they are being changed. */
export type SettingsDraft = z.output<typeof settingsSchema>;

export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export type Settings = DeepReadonly<SettingsDraft>;
export type CameraSettings = Settings['cameras'][number];
export type StreamSettings = CameraSettings['streams'][number];
export type VolumeSettings = Settings['volumes'][number];
export type CameraGroupSettings = Settings['cameraGroups'][number];
export type NoticeSettings = Settings['notices'];
export type ScheduleRow = CameraSettings['schedule'][number];

/** True while the box has not been given an identity, before its first start. */
export function lacksIdentity(settings: Settings): boolean {
  return settings.box.id === NO_ID;
}

/** Groups that cameras name must be there. */
function checkReferences(
  settings: {
    cameras: readonly { group: string; cameraGroup: string }[];
    volumes: readonly { group: string }[];
    cameraGroups: readonly { id: string }[];
  },
  context: z.RefinementCtx,
): void {
  const volumeGroups = new Set(settings.volumes.map(({ group }) => group)).add('').add('default');
  const cameraGroups = new Set(settings.cameraGroups.map(({ id }) => id)).add('');
  for (const [index, { group, cameraGroup }] of settings.cameras.entries()) {
    if (!volumeGroups.has(group)) {
      context.addIssue({
        code: 'custom',
        path: ['cameras', index, 'group'],
        message: `no volume is in the group ${group}`,
      });
    }
    if (!cameraGroups.has(cameraGroup)) {
      const message = `there is no camera group ${cameraGroup}`;
      context.addIssue({ code: 'custom', path: ['cameras', index, 'cameraGroup'], message });
    }
  }
}
