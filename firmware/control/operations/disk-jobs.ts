import { z } from 'zod';
import { jobOwner } from '../job-desk.ts';
import { operation, type Asker } from '../operation.ts';
import { CheckJob, EvacuationJob } from '../disk-job-shapes.ts';

const Volume = z.string().min(1).max(200);

export const disksEvacuate = operation({
  name: 'disks.evacuate',
  title: 'Copy the recordings of a volume to other volumes: what is locked first, then the newest',
  effect: 'change',
  right: 'disks',
  offline: false,
  input: z.object({
    volume: Volume,
    what: z.enum(['all', 'locked']).default('all'),
    /** Deletes what has been copied. */
    remove: z.boolean().default(false),
  }),
  output: EvacuationJob,
  seen: seenEvacuation,
  subject: ({ volume }) => volume,
  handle: async ({ volume, ...options }, box, { caller }) =>
    box.diskJobs.evacuate(volume, { ...options, by: jobOwner(caller) }),
});

export const disksEvacuateStop = operation({
  name: 'disks.evacuate-stop',
  title: 'Stop copying the recordings of a volume to others; what has been copied stays',
  effect: 'change',
  right: 'disks',
  offline: false,
  input: z.object({ volume: Volume }),
  output: EvacuationJob.optional(),
  seen: (job, asker) => job && seenEvacuation(job, asker),
  subject: ({ volume }) => volume,
  handle: async ({ volume }, box) => box.diskJobs.stopEvacuation(volume),
});

export const disksCheck = operation({
  name: 'disks.check',
  title: 'Check the files of a volume in the background, while the box records',
  effect: 'change',
  right: 'disks',
  offline: false,
  input: z.object({ volume: Volume, deep: z.boolean().default(false) }),
  output: CheckJob,
  seen: seenCheck,
  subject: ({ volume }) => volume,
  handle: async ({ volume, ...options }, box, { caller }) =>
    box.diskJobs.check(volume, { ...options, by: jobOwner(caller) }),
});

export const disksJobs = operation({
  name: 'disks.jobs',
  title: 'What is being copied off volumes and checked on them, and how far that has come',
  effect: 'read',
  right: 'disks',
  offline: false,
  input: z.object({}),
  output: z.object({ evacuations: z.array(EvacuationJob), checks: z.array(CheckJob) }),
  seen: ({ evacuations, checks }, asker) => ({
    evacuations: evacuations.map((job) => seenEvacuation(job, asker)),
    checks: checks.map((job) => seenCheck(job, asker)),
  }),
  handle: async (_input, box) => box.diskJobs.list(),
});

/** Without the files of cameras that the asker may not know of. */
function seenEvacuation(job: z.output<typeof EvacuationJob>, asker: Asker): z.output<typeof EvacuationJob> {
  const isSeen = (path: string): boolean => seesFile(path, asker);
  return {
    ...job,
    unreadable: job.unreadable.filter(({ path }) => isSeen(path)),
    notAsSealed: job.notAsSealed.filter(isSeen),
  };
}

function seenCheck(job: z.output<typeof CheckJob>, asker: Asker): z.output<typeof CheckJob> {
  return { ...job, listed: job.listed.filter(({ path }) => seesFile(path, asker)) };
}

/** Files of footage lie in `video/<camera>/` of their volume. */
function seesFile(path: string, { sees }: Asker): boolean {
  const camera = /(?:^|\/)video\/([^/]+)\//.exec(path)?.[1];
  return camera === undefined || sees(camera);
}
