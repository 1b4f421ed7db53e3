import { z } from 'zod';
import { BoxError } from '../../base/index.ts';
import { operation, type KnownCameras } from '../operation.ts';
import type { CameraRange } from '../ports.ts';
import { CoverageDay, Gap, Id, Instant, isoOf, Segment, VerifyReport } from '../shapes.ts';
import { findCamera } from './cameras.ts';

const Range = z.object({
  camera: z.string().min(1),
  stream: Id.default('main'),
  from: Instant,
  to: Instant,
});

export const segmentsList = operation({
  name: 'segments.list',
  title: 'List the segments of a camera in a span of time',
  effect: 'read',
  right: 'playback',
  offline: true,
  input: Range,
  cameras: theFootage,
  output: z.array(Segment),
  handle: async (input, box) => box.footage.segments(rangeOf(input, () => box.settings.cameras())),
});

export const segmentsExport = operation({
  name: 'segments.export',
  title: 'List the segments of a camera in a span of time, to make a file of them that leaves the box',
  effect: 'read',
  right: 'export',
  offline: true,
  input: Range,
  cameras: theFootage,
  audit: 'always',
  output: z.array(Segment),
  handle: async (input, box) => box.footage.segments(rangeOf(input, () => box.settings.cameras())),
});

export const gapsList = operation({
  name: 'gaps.list',
  title: 'List what was not recorded, and why',
  effect: 'read',
  right: 'playback',
  offline: true,
  input: Range,
  cameras: theFootage,
  output: z.array(Gap),
  handle: async (input, box) => box.footage.gaps(rangeOf(input, () => box.settings.cameras())),
});

export const coverageDays = operation({
  name: 'coverage.days',
  title: 'Recorded seconds of a camera per UTC day',
  effect: 'read',
  right: 'playback',
  offline: true,
  input: Range,
  cameras: theFootage,
  output: z.array(CoverageDay),
  handle: async (input, box) => {
    const { camera, stream, fromUs, toUs } = rangeOf(input, () => box.settings.cameras());
    return box.footage.days(camera, stream, fromUs, toUs);
  },
});

export const footagePicture = operation({
  name: 'footage.picture',
  title: 'One recorded picture: the key frame at a time, or the last one before it',
  effect: 'read',
  right: 'playback',
  offline: false,
  input: z.object({ camera: z.string().min(1), stream: Id.default('main'), at: Instant }),
  cameras: theFootage,
  output: z.object({
    at: z.string(),
    codec: z.string(),
    mime: z.string(),
    width: z.int(),
    height: z.int(),
    data: z.string().meta({ description: 'An MP4 with this one picture, base64.' }),
  }),
  handle: async ({ camera: wanted, stream, at }, box) => {
    const [camera = ''] = theFootage({ camera: wanted }, () => box.settings.cameras());
    const { atUs, facts, bytes } = await box.picture(camera, stream, at);
    const { codec, mime, width = 0, height = 0 } = facts;
    return { at: isoOf(atUs), codec, mime, width, height, data: bytes.toString('base64') };
  },
});

export const verify = operation({
  name: 'footage.verify',
  title: 'Check every invariant of the volumes that a stopped box can prove',
  effect: 'read',
  right: 'disks',
  offline: true,
  input: z.object({ deep: z.boolean().default(false) }),
  output: VerifyReport,
  handle: async (input, box) => box.footage.verify(input),
});

export const rebuild = operation({
  name: 'footage.rebuild',
  title: 'Make the catalogue anew from the volumes',
  effect: 'change',
  right: 'disks',
  offline: true,
  input: z.object({}),
  output: z.object({ segments: z.number(), ms: z.number() }),
  handle: async (_input, box) => box.footage.rebuild(),
});

function rangeOf(input: z.output<typeof Range>, known: KnownCameras): CameraRange {
  if (input.to <= input.from) throw new BoxError('control.bad-input', { faults: ['to: must be later than from'] });
  const [camera = ''] = theFootage(input, known);
  return { camera, stream: input.stream, fromUs: input.from, toUs: input.to };
}

/** Footage outlives its camera's settings, so an id that is no longer configured is taken as it is. */
export function theFootage(input: { readonly camera: string }, known: KnownCameras): string[] {
  return [Id.safeParse(input.camera).success ? input.camera : findCamera(known(), input.camera).id];
}
