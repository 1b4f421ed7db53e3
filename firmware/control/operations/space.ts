import { z } from 'zod';
import { BoxError } from '../../base/index.ts';
import { operation } from '../operation.ts';
import { Id, Instant } from '../shapes.ts';
import { ClockVerdict, Lock, SpaceDecision, SpaceOverview } from '../space-shapes.ts';
import { theFootage } from './footage.ts';

const DAY_US = 86_400_000_000;

export const spaceShow = operation({
  name: 'space.show',
  title: 'How full the volumes are, what deletion does about it, and which groups of cameras ask',
  effect: 'read',
  right: 'disks',
  offline: false,
  input: z.object({}),
  output: SpaceOverview,
  seen: (space, { sees }) => ({
    ...space,
    groups: space.groups.map((group) => ({ ...group, cameras: group.cameras.filter(sees) })),
  }),
  handle: async (_input, box) => box.space.show(),
});

export const spaceAnswer = operation({
  name: 'space.answer',
  title: 'Answer a group of cameras that has stopped because the disks are full',
  effect: 'change',
  right: 'disks',
  offline: false,
  input: z.object({ group: Id, decision: SpaceDecision }),
  output: z.object({ group: Id, decision: SpaceDecision }),
  subject: ({ group }) => group,
  handle: async (input, box) => {
    await box.space.answer(input.group, input.decision);
    return input;
  },
});

export const spaceClock = operation({
  name: 'space.clock',
  title: 'Say whether the clock of the box is right, which is ahead so far that nothing is deleted for its age',
  effect: 'change',
  right: 'disks',
  offline: false,
  input: z.object({ verdict: ClockVerdict }),
  output: z.object({ verdict: ClockVerdict }),
  handle: async (input, box) => {
    await box.space.clock(input.verdict);
    return input;
  },
});

export const locksList = operation({
  name: 'locks.list',
  title: 'List the locks that hold',
  effect: 'read',
  right: 'lock',
  offline: true,
  input: z.object({}),
  output: z.array(Lock),
  seen: (locks, { sees }) => locks.filter(({ camera }) => sees(camera)),
  handle: async (_input, box) => box.space.locks(),
});

export const locksAdd = operation({
  name: 'locks.add',
  title: 'Keep a span of time of a camera from being overwritten',
  effect: 'change',
  right: 'lock',
  offline: false,
  input: z.object({
    camera: z.string().min(1),
    /** Only this stream; all of them when it is left out. */
    stream: Id.optional(),
    from: Instant,
    to: Instant,
    reason: z.string().trim().min(1).max(500),
    /** Holds for so many days from now; for ever when it is left out. */
    days: z.number().positive().max(36_500).optional(),
  }),
  output: Lock,
  cameras: theFootage,
  handle: async ({ camera, stream, from, to, reason, days }, box) => {
    if (to <= from) throw new BoxError('control.bad-input', { faults: ['to: must be later than from'] });
    const cameras = box.settings.cameras();
    const [id = ''] = theFootage({ camera }, () => cameras);
    // A slip of the pen must not look like evidence that is kept.
    if (!cameras.some((each) => each.id === id)) {
      const range = { camera: id, stream: stream ?? 'main', fromUs: from, toUs: to };
      if ((await box.footage.segments(range)).length === 0) throw new BoxError('control.no-such-camera', { camera });
    }
    return box.space.lock({
      camera: id,
      ...(stream === undefined ? {} : { stream }),
      fromUs: from,
      toUs: to,
      reason,
      ...(days === undefined ? {} : { forUs: Math.round(days * DAY_US) }),
    });
  },
});

export const locksRemove = operation({
  name: 'locks.remove',
  title: 'Lift a lock: its footage goes when it is the oldest',
  effect: 'change',
  right: 'lock',
  offline: false,
  input: z.object({ id: z.string().min(1).max(100) }),
  output: Lock,
  subject: ({ id }) => id,
  handle: async ({ id }, box, { sees }) => {
    const lock = (await box.space.locks()).find((each) => each.id === id);
    if (lock && !sees(lock.camera)) throw new BoxError('locks.no-such-lock', { lock: id });
    return box.space.unlock(id);
  },
  seen: (lock) => lock,
});
