import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { BoxError } from '../../base/index.ts';
import { operation, type Asker } from '../operation.ts';
import { Id, Mode } from '../shapes.ts';
import {
  AddVerdict,
  CameraChange,
  CameraStanding,
  ClockState,
  DigitalInput,
  Relay,
  RoomVerdict,
  SearchResult,
  UrlPattern,
} from '../terminal-shapes.ts';
import { findCamera, theCamera } from './cameras.ts';

const One = z.object({ camera: z.string().min(1) });
const Done = z.object({ camera: Id });
const Login = { username: z.string().max(200).default(''), password: z.string().max(200).default('') };

/** Whoever sees some cameras only would not see what they add or find. */
function needsAll({ sees }: Asker): void {
  if (!sees(EVERY_CAMERA)) throw new BoxError('control.forbidden', { right: 'cameras' });
}

export const camerasDiscover = operation({
  name: 'cameras.discover',
  title: 'Search the networks for cameras; sends no password',
  effect: 'read',
  right: 'cameras',
  offline: false,
  input: z.object({
    seconds: z.number().min(1).max(60).default(5),
    /** Besides those of the settings: 192.168.5.0/24 or 10.0.0.5-10.0.0.20. */
    ranges: z.array(z.string().min(7).max(100)).max(20).default([]),
  }),
  output: SearchResult,
  audit: 'always',
  handle: async ({ seconds, ranges }, box, asker) => {
    needsAll(asker);
    return box.terminals.search({ seconds, ranges });
  },
});

export const camerasPatterns = operation({
  name: 'cameras.patterns',
  title: "How makers' cameras are usually reached without ONVIF",
  effect: 'read',
  right: 'cameras',
  offline: true,
  input: z.object({
    maker: z.string().max(60).default(''),
    /** Name or address of the camera: then the answer holds whole addresses. */
    host: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9.:-]*$/)
      .default(''),
    channel: z.int().min(1).max(64).default(1),
  }),
  output: z.array(UrlPattern),
  handle: async ({ maker, host, channel }, box) => box.terminals.patterns(maker, host, channel),
});

export const camerasAddMany = operation({
  name: 'cameras.add-many',
  title: 'Add cameras with one login; each is asked once and says why it was not added',
  effect: 'change',
  right: 'cameras',
  offline: false,
  input: z.object({
    cameras: z
      .array(
        z.object({
          /** Of the device service (http), or of a stream (rtsp). */
          address: z.string().min(3).max(2000),
          name: z.string().trim().max(80).default(''),
          subUrl: z.string().max(2000).optional(),
        }),
      )
      .min(1)
      .max(256),
    ...Login,
    mode: Mode.default('continuous'),
    groups: z.array(z.string().trim().min(1).max(60)).max(20).default([]),
    /** Also where the disks would keep less than a day of all. */
    evenIfShort: z.boolean().default(false),
  }),
  output: z.object({ added: z.array(AddVerdict), room: RoomVerdict }),
  subject: ({ cameras }) => `${cameras.length} cameras`,
  handle: async (input, box, asker) => {
    needsAll(asker);
    return box.terminals.addMany(input);
  },
});

export const camerasStanding = operation({
  name: 'cameras.standing',
  title: 'Whether cameras are still themselves, how their clocks are, and whether they are heard',
  effect: 'read',
  right: 'none',
  offline: false,
  input: z.object({}),
  output: z.array(CameraStanding),
  seen: (all, { sees, caller }) =>
    all
      .filter(({ camera }) => sees(camera))
      // Where cameras stand in the network is nothing for those who only watch.
      .map((each) =>
        caller.may('cameras') || !each.onvif ? each : { ...each, onvif: { ...each.onvif, address: '' } },
      ),
  handle: async (_input, box) => box.terminals.standings(),
});

export const camerasConfirm = operation({
  name: 'cameras.confirm',
  title: 'Confirm that a camera whose identity has changed is the right one',
  effect: 'change',
  right: 'cameras',
  offline: false,
  input: One,
  output: Done.extend({ changes: z.array(z.object({ field: z.string(), pinned: z.string(), found: z.string() })) }),
  cameras: theCamera,
  handle: async ({ camera }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    return { camera: id, changes: await box.terminals.confirm(id) };
  },
});

export const camerasChange = operation({
  name: 'cameras.change',
  title: 'Change name, groups, labels, order, mode, login or ONVIF address of a camera',
  effect: 'change',
  right: 'cameras',
  offline: true,
  input: One.extend(CameraChange.shape),
  output: Done,
  cameras: theCamera,
  handle: async ({ camera, ...change }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    await box.terminals.change(id, change);
    return { camera: id };
  },
});

export const camerasExport = operation({
  name: 'cameras.export',
  title: 'All cameras as a table (CSV), without passwords',
  effect: 'read',
  right: 'cameras',
  offline: true,
  input: z.object({}),
  output: z.object({ csv: z.string() }),
  audit: 'always',
  handle: async (_input, box, asker) => {
    needsAll(asker);
    return { csv: box.terminals.exportCsv() };
  },
});

export const camerasImport = operation({
  name: 'cameras.import',
  title: 'Add and change cameras after a table (CSV); rows with a known id change that camera',
  effect: 'change',
  right: 'cameras',
  offline: true,
  input: z.object({ csv: z.string().max(1024 * 1024) }),
  output: z.object({ added: z.number(), changed: z.number(), rows: z.array(AddVerdict) }),
  subject: ({ csv }) => `${csv.length} characters`,
  handle: async ({ csv }, box, asker) => {
    needsAll(asker);
    return box.terminals.importCsv(csv);
  },
});

export const camerasClock = operation({
  name: 'cameras.clock',
  title: 'Ask a camera for its clock, set it, or let it follow a time server',
  effect: 'change',
  right: 'cameras',
  offline: false,
  input: One.extend({
    set: z.enum(['no', 'now', 'ntp']).default('no'),
    server: z
      .string()
      .max(253)
      .regex(/^[A-Za-z0-9.:-]*$/)
      .default(''),
  }),
  output: ClockState,
  cameras: theCamera,
  handle: async ({ camera, set, server }, box) =>
    box.terminals.clock(findCamera(box.settings.cameras(), camera).id, set, server),
});

export const camerasReboot = operation({
  name: 'cameras.reboot',
  title: 'Restart a camera',
  effect: 'change',
  right: 'cameras',
  offline: false,
  input: One,
  output: Done,
  cameras: theCamera,
  handle: async ({ camera }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    await box.terminals.reboot(id);
    return { camera: id };
  },
});

export const camerasSnapshot = operation({
  name: 'cameras.snapshot',
  title: 'A single picture from a camera (JPEG, base64)',
  effect: 'read',
  right: 'live',
  offline: false,
  input: One,
  output: z.object({ camera: Id, jpeg: z.string() }),
  cameras: theCamera,
  audit: 'always',
  handle: async ({ camera }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    return { camera: id, jpeg: (await box.terminals.snapshot(id)).toString('base64') };
  },
});

export const camerasRelays = operation({
  name: 'cameras.relays',
  title: 'List the relay outputs of a camera',
  effect: 'read',
  right: 'live',
  offline: false,
  input: One,
  output: z.array(Relay),
  cameras: theCamera,
  handle: async ({ camera }, box) => box.terminals.relays(findCamera(box.settings.cameras(), camera).id),
});

export const camerasInputs = operation({
  name: 'cameras.inputs',
  title: 'List the digital inputs of a camera, and which are active',
  effect: 'read',
  right: 'live',
  offline: false,
  input: One,
  output: z.array(DigitalInput),
  cameras: theCamera,
  handle: async ({ camera }, box) => box.terminals.inputs(findCamera(box.settings.cameras(), camera).id),
});

export const camerasRelay = operation({
  name: 'cameras.relay',
  title: 'Switch a relay output of a camera',
  effect: 'change',
  right: 'ptz',
  offline: false,
  input: One.extend({ relay: z.string().min(1).max(64), active: z.boolean() }),
  output: Done,
  cameras: theCamera,
  handle: async ({ camera, relay, active }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    await box.terminals.setRelay(id, relay, active);
    return { camera: id };
  },
});
