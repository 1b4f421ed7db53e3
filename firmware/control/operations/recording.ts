import { z } from 'zod';
import { EVERY_CAMERA } from '../../accounts/index.ts';
import { operation } from '../operation.ts';
import { BoxStatus, Id } from '../shapes.ts';
import { findCamera, theCamera } from './cameras.ts';

const One = z.object({ camera: z.string().min(1) });

export const boxStatus = operation({
  name: 'box.status',
  title: 'How the box, its cameras and its disks are',
  effect: 'read',
  right: 'state',
  offline: false,
  input: z.object({}),
  output: BoxStatus,
  seen: (status, { sees }) => {
    const isHidden = (subject: string): boolean => {
      const [kind, camera = ''] = subject.split('/');
      return kind === 'camera' && !sees(camera);
    };
    const cameras = status.cameras.filter(({ id }) => sees(id));
    // How many more there are is told to those who see them.
    const counts = sees(EVERY_CAMERA)
      ? {}
      : {
          recording: cameras.filter(({ recording }) => recording === 'recording').length,
          expected: cameras.length,
        };
    return {
      ...status,
      ...counts,
      cameras,
      problems: status.problems.filter(({ subject }) => !isHidden(subject)),
    };
  },
  handle: async (_input, box) => box.recorder.status(),
});

export const recordingStart = operation({
  name: 'recording.start',
  title: 'Record a camera by hand until it is stopped by hand',
  effect: 'change',
  right: 'record',
  offline: false,
  input: One,
  output: z.object({ id: Id }),
  cameras: theCamera,
  handle: async (input, box) => {
    const { id } = findCamera(box.settings.cameras(), input.camera);
    await box.recorder.manual(id, true);
    return { id };
  },
});

export const recordingStop = operation({
  name: 'recording.stop',
  title: 'End what was started by hand',
  effect: 'change',
  right: 'record',
  offline: false,
  input: One,
  output: z.object({ id: Id }),
  cameras: theCamera,
  handle: async (input, box) => {
    const { id } = findCamera(box.settings.cameras(), input.camera);
    await box.recorder.manual(id, false);
    return { id };
  },
});

export const eventsTrigger = operation({
  name: 'events.trigger',
  title: 'Tell the box of an event at a camera, as a sensor would',
  effect: 'change',
  right: 'events',
  offline: false,
  input: One.extend({ kind: z.string().min(1).max(80).default('manual') }),
  output: z.object({ id: Id }),
  cameras: theCamera,
  handle: async (input, box) => {
    const { id } = findCamera(box.settings.cameras(), input.camera);
    await box.recorder.event(id, input.kind);
    return { id };
  },
});
