import { z } from 'zod';
import { BoxError } from '../../base/index.ts';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { operation, type KnownCameras } from '../operation.ts';
import { CameraProbe, CameraSettings, CameraWatch, Id, Mode, Transport } from '../shapes.ts';

const Url = z.string().min(8).max(2000);
const Login = { username: z.string().max(200).default(''), password: z.string().max(200).default('') };

export const camerasList = operation({
  name: 'cameras.list',
  title: 'List the cameras',
  effect: 'read',
  right: 'none',
  offline: true,
  input: z.object({}),
  output: z.array(CameraSettings),
  seen: (cameras, { caller }) => {
    if (caller.may('cameras')) return cameras;
    // Where cameras stand in the network is nothing for those who only watch.
    return cameras.map((camera) => ({ ...camera, streams: camera.streams.map((stream) => ({ ...stream, url: '' })) }));
  },
  handle: async (_input, box) => [...box.settings.cameras()],
});

export const camerasAdd = operation({
  name: 'cameras.add',
  title: 'Add a camera',
  effect: 'change',
  right: 'cameras',
  offline: true,
  begins: true,
  input: z.object({
    name: z.string().trim().min(1).max(80),
    url: Url,
    subUrl: Url.optional(),
    mode: Mode.default('continuous'),
    transport: Transport.default('tcp'),
    ...Login,
  }),
  output: CameraSettings,
  subject: ({ name }) => name,
  handle: async (input, box, { sees }) => {
    // Whoever sees some cameras would not see the new one.
    if (!sees(EVERY_CAMERA)) throw new BoxError('control.forbidden', { right: 'cameras' });
    const id = idFrom(input.name);
    const stream = (streamId: string, url: string): z.output<typeof CameraSettings>['streams'][number] => ({
      id: streamId,
      url,
      transport: input.transport,
      record: streamId === 'main',
    });
    const streams = [stream('main', input.url)];
    if (input.subUrl) streams.push(stream('sub', input.subUrl));
    const camera = { id, name: input.name, enabled: true, mode: input.mode, streams };
    await box.settings.addCamera(camera, { username: input.username, password: input.password });
    return findCamera(box.settings.cameras(), id);
  },
});

export const camerasRemove = operation({
  name: 'cameras.remove',
  title: 'Remove a camera; its footage stays until it is the oldest',
  effect: 'change',
  right: 'cameras',
  offline: true,
  input: z.object({ camera: z.string().min(1) }),
  output: z.object({ id: Id }),
  cameras: theCamera,
  handle: async (input, box) => {
    const camera = findCamera(box.settings.cameras(), input.camera);
    await box.settings.removeCamera(camera.id);
    return { id: camera.id };
  },
});

export const camerasTest = operation({
  name: 'cameras.test',
  title: 'Connect to a camera, one of the box or one at an address, and say what it sends',
  effect: 'read',
  right: 'cameras',
  offline: true,
  input: z.object({
    /** Of a stream that is not one of the box's; else `camera` is named. */
    url: Url.optional(),
    /** A camera of the box, with the login that it has. */
    camera: z.string().min(1).optional(),
    stream: Id.default('main'),
    transport: Transport.default('auto'),
    seconds: z.number().min(2).max(120).default(10),
    ...Login,
  }),
  output: CameraProbe,
  cameras: ({ camera }, known) => (camera === undefined ? [] : theCamera({ camera }, known)),
  // It makes the box connect to an address of somebody's choice, with a password.
  audit: 'always',
  handle: async ({ url, camera, stream, ...input }, box) => {
    if ((url === undefined) === (camera === undefined)) {
      throw new BoxError('control.bad-input', { operation: 'cameras.test', faults: ['url, camera: one of them'] });
    }
    if (url !== undefined) return box.probe({ url, ...input });
    if (input.username !== '' || input.password !== '') {
      throw new BoxError('control.bad-input', { operation: 'cameras.test', faults: ['camera: it has its own login'] });
    }
    const { id } = findCamera(box.settings.cameras(), camera ?? '');
    // The login is for the camera that was added, not for what stands in its place.
    if (!box.terminals.isTrusted(id)) throw new BoxError('cameras.untrusted', { camera: id });
    return box.probe({ ...input, ...box.settings.source(id, stream) });
  },
});

export const camerasWatch = operation({
  name: 'cameras.watch',
  title: 'Watch a recorded stream for some seconds as a live viewer does, and count what comes',
  effect: 'read',
  right: 'live',
  offline: false,
  input: z.object({
    camera: z.string().min(1),
    stream: Id.default('main'),
    seconds: z.number().min(1).max(600).default(10),
  }),
  output: CameraWatch,
  cameras: theCamera,
  audit: 'always',
  handle: async ({ camera, stream, seconds }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    return { seconds, ...(await box.recorder.watch(id, stream, seconds)) };
  },
});

/** The camera of an input that names one: what the right is needed for. */
export function theCamera(input: { readonly camera: string }, known: KnownCameras): string[] {
  return [findCamera(known(), input.camera).id];
}

/** The camera with this id or name; rejects with control.no-such-camera. */
export function findCamera<T extends { readonly id: string; readonly name: string }>(
  cameras: readonly T[],
  wanted: string,
): T {
  const found = cameras.find(({ id }) => id === wanted) ?? cameras.find(({ name }) => name === wanted);
  if (!found) throw new BoxError('control.no-such-camera', { camera: wanted });
  return found;
}

/** A folder-safe id from what a person calls the camera: "Front Door" becomes front-door. */
function idFrom(name: string): string {
  const id = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40);
  if (id) return id;
  // Names in scripts without Latin letters still need a stable id.
  const codes = Array.from(name, (letter) => (letter.codePointAt(0) ?? 0).toString(36)).join('');
  return `camera-${codes}`.slice(0, 40);
}
