import { z } from 'zod';
import { jobOwner } from '../job-desk.ts';
import { operation, type Asker } from '../operation.ts';
import type { BoxPorts } from '../ports.ts';
import type { Steerer } from '../terminal-ports.ts';
import { Id } from '../shapes.ts';
import { PtzPreset, PtzState, PtzVector } from '../terminal-shapes.ts';
import { findCamera, theCamera } from './cameras.ts';

const One = z.object({ camera: z.string().min(1) });
const Done = z.object({ camera: Id });
const Preset = z.string().min(1).max(64);

/** Of the operations that steer: they change something, and are for whoever may steer the camera. */
const STEERS = { effect: 'change', right: 'ptz', offline: false, cameras: theCamera } as const;

/** The id of the camera, and who steers it, before whom: administrators before operators before everybody else. */
function steering(camera: string, box: BoxPorts, { caller }: Asker): { id: string; who: Steerer } {
  const { id } = findCamera(box.settings.cameras(), camera);
  const priority = caller.may('users') ? 3 : caller.may('record') ? 2 : 1;
  const present = (): boolean => caller.signedIn && caller.may('ptz', id);
  return { id, who: { name: jobOwner(caller), priority, session: caller.id, present } };
}

export const ptzState = operation({
  name: 'ptz.state',
  title: 'What a camera can move, where it looks, and who steers it',
  effect: 'read',
  right: 'live',
  offline: false,
  input: One,
  output: PtzState,
  cameras: theCamera,
  handle: async ({ camera }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    return box.ptz.state(id, who);
  },
});

export const ptzMove = operation({
  name: 'ptz.move',
  title: 'Move a camera at a speed; it stops by itself unless this is asked again',
  ...STEERS,
  input: One.extend({ ...PtzVector.shape, seconds: z.number().min(0.1).max(10).default(2) }),
  output: Done,
  handle: async ({ camera, seconds, ...speed }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.move(id, who, speed, seconds);
    return { camera: id };
  },
});

export const ptzNudge = operation({
  name: 'ptz.nudge',
  title: 'Move a camera by a distance',
  ...STEERS,
  input: One.extend(PtzVector.shape),
  output: Done,
  handle: async ({ camera, ...distance }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.nudge(id, who, distance);
    return { camera: id };
  },
});

const Part = z.number().min(-1).max(1);

export const ptzCentre = operation({
  name: 'ptz.centre',
  title:
    'Turn a camera so that a point of its picture comes to the middle (-1 to 1 from there to the edges, right and up)',
  ...STEERS,
  input: One.extend({ x: Part, y: Part }),
  output: Done,
  handle: async ({ camera, ...point }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.centre(id, who, point);
    return { camera: id };
  },
});

export const ptzStop = operation({
  name: 'ptz.stop',
  title: 'Stop a camera',
  ...STEERS,
  input: One,
  output: Done,
  handle: async ({ camera }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    await box.ptz.stop(id);
    return { camera: id };
  },
});

export const ptzTake = operation({
  name: 'ptz.take',
  title: 'Take a camera that nobody steers, or somebody whose role comes after; what they were moving stops',
  ...STEERS,
  input: One,
  output: Done,
  handle: async ({ camera }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.take(id, who);
    return { camera: id };
  },
});

export const ptzAsk = operation({
  name: 'ptz.ask',
  title: 'Ask whoever steers a camera for it; they see who asks, and the first who asked has it when they let go',
  ...STEERS,
  input: One,
  output: Done.extend({ mine: z.boolean() }),
  handle: async ({ camera }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    return { camera: id, mine: await box.ptz.ask(id, who) };
  },
});

export const ptzRelease = operation({
  name: 'ptz.release',
  title: 'Let go of a camera, so that the first who asked has it, or others may steer it at once; what moves stops',
  ...STEERS,
  input: One,
  output: Done,
  handle: async ({ camera }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.release(id, who);
    return { camera: id };
  },
});

export const ptzGoto = operation({
  name: 'ptz.goto',
  title: 'Let a camera look at a preset, at its home position (no preset named), or at a position',
  ...STEERS,
  input: One.extend({ preset: Preset.optional(), position: PtzVector.optional() }),
  output: Done,
  handle: async ({ camera, preset, position }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.goTo(id, who, { preset, position });
    return { camera: id };
  },
});

export const ptzPresets = operation({
  name: 'ptz.presets',
  title: 'List the presets of a camera',
  effect: 'read',
  right: 'live',
  offline: false,
  input: One,
  output: z.array(PtzPreset),
  cameras: theCamera,
  handle: async ({ camera }, box) => box.ptz.presets(findCamera(box.settings.cameras(), camera).id),
});

export const ptzPresetSet = operation({
  name: 'ptz.preset.set',
  title: 'Keep where a camera looks as a preset, a new one or in the place of one',
  ...STEERS,
  input: One.extend({ name: z.string().trim().min(1).max(64), preset: Preset.optional() }),
  output: PtzPreset,
  handle: async ({ camera, name, preset }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    return box.ptz.setPreset(id, who, name, preset);
  },
});

export const ptzPresetRemove = operation({
  name: 'ptz.preset.remove',
  title: 'Remove a preset of a camera',
  ...STEERS,
  input: One.extend({ preset: Preset }),
  output: Done,
  handle: async ({ camera, preset }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.removePreset(id, who, preset);
    return { camera: id };
  },
});

export const ptzPresetPicture = operation({
  name: 'ptz.preset.picture',
  title: 'What a preset looks like, as it was shown last (JPEG, base64); nothing if nobody has shown it',
  effect: 'read',
  right: 'live',
  offline: false,
  input: One.extend({ preset: Preset }),
  output: z.object({ jpeg: z.string().optional() }),
  cameras: theCamera,
  handle: async ({ camera, preset }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    const jpeg = await box.ptz.presetPicture(id, preset);
    return jpeg ? { jpeg: jpeg.toString('base64') } : {};
  },
});

export const ptzPresetPictureSet = operation({
  name: 'ptz.preset.picture.set',
  title: 'Show what a preset looks like (JPEG, base64, at most 32 kB)',
  ...STEERS,
  input: One.extend({ preset: Preset, jpeg: z.base64().min(8).max(44_000) }),
  output: Done,
  handle: async ({ camera, preset, jpeg }, box) => {
    const { id } = findCamera(box.settings.cameras(), camera);
    await box.ptz.setPresetPicture(id, preset, Buffer.from(jpeg, 'base64'));
    return { camera: id };
  },
});

export const ptzHomeSet = operation({
  name: 'ptz.home.set',
  title: 'Make where a camera looks its home position',
  ...STEERS,
  input: One,
  output: Done,
  handle: async ({ camera }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.setHome(id, who);
    return { camera: id };
  },
});

export const ptzLens = operation({
  name: 'ptz.lens',
  title: 'Focus a camera (-1 near to 1 far, 0 stops), or open its iris (0 to 1)',
  ...STEERS,
  input: One.extend({ focus: z.number().min(-1).max(1).optional(), iris: z.number().min(0).max(1).optional() }),
  output: Done,
  handle: async ({ camera, focus, iris }, box, asker) => {
    const { id, who } = steering(camera, box, asker);
    await box.ptz.lens(id, who, { focus, iris });
    return { camera: id };
  },
});
