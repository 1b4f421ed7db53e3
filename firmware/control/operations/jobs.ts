import { z } from 'zod';
import { BoxError, ERROR_CODES, type ErrorCode } from '../../base/index.ts';
import { jobOwner } from '../job-desk.ts';
import { Job } from '../job-shapes.ts';
import { operation, type Asker } from '../operation.ts';
import type { BoxPorts } from '../ports.ts';

type OneJob = z.output<typeof Job>;
const JobId = z.object({ id: z.string().min(1).max(300) });

export const jobsList = operation({
  name: 'jobs.list',
  title: 'What runs on while nobody waits for it, and what came of it',
  effect: 'read',
  right: 'none',
  offline: false,
  input: z.object({}),
  output: z.array(Job),
  handle: async (_input, box, asker) => (await allJobs(box)).filter((job) => seesJob(job, asker.caller)),
});

export const jobsGet = operation({
  name: 'jobs.get',
  title: 'One job',
  effect: 'read',
  right: 'none',
  offline: false,
  input: JobId,
  output: Job,
  handle: async ({ id }, box, asker) => findJob(id, box, asker),
});

export const jobsCancel = operation({
  name: 'jobs.cancel',
  title: 'Stop a job; what it has done so far stays',
  effect: 'change',
  right: 'none',
  offline: false,
  input: JobId,
  output: Job,
  subject: ({ id }) => id,
  handle: async ({ id }, box, asker) => {
    const job = await findJob(id, box, asker);
    if (!job.cancellable) throw new BoxError('control.job-goes-on', { job: id, state: job.state });
    if (!job.operation.startsWith('disks.')) await box.jobs.end(id);
    else if (asker.caller.may('disks')) await box.diskJobs.end(id);
    else throw new BoxError('control.forbidden', { right: 'disks' });
    return findJob(id, box, asker);
  },
});

/** Those of the doors and those of the volumes, the newest first. */
export async function allJobs(box: {
  jobs: Pick<BoxPorts['jobs'], 'list'>;
  diskJobs: BoxPorts['diskJobs'];
}): Promise<OneJob[]> {
  const { evacuations, checks } = await box.diskJobs.list();
  const copied = evacuations.map((each) =>
    volumeJob('disks.evacuate', each, each.bytes > 0 ? each.copiedBytes / each.bytes : undefined),
  );
  const checked = checks.map((each) =>
    volumeJob('disks.check', each, each.of > 0 ? each.segments / each.of : undefined),
  );
  return [...box.jobs.list(), ...copied, ...checked].toSorted((one, other) =>
    one.startedAt < other.startedAt ? 1 : -1,
  );
}

type VolumeJob = Awaited<ReturnType<BoxPorts['diskJobs']['list']>>['evacuations' | 'checks'][number];

function volumeJob(name: string, each: VolumeJob, progress: number | undefined): OneJob {
  const { job, by, volume, state, started, ended, error, ...rest } = each;
  const known = state === 'incomplete' ? 'done' : state;
  return {
    id: job,
    operation: name,
    subject: volume,
    by,
    state: known,
    ...(progress !== undefined && { progress: Math.min(1, progress) }),
    cancellable: state === 'running',
    startedAt: started,
    ...(ended !== undefined && { endedAt: ended }),
    ...(known === 'done' && { result: { state, ...rest } }),
    ...(error !== undefined && { error: faultOf(error) }),
  };
}

function faultOf(code: string): OneJob['error'] {
  const { what, advice } = ERROR_CODES[(Object.hasOwn(ERROR_CODES, code) ? code : 'box.bug') as ErrorCode];
  return { code, what, advice, context: {} };
}

/**
 * Jobs of disks are for all who may look after disks, whoever began them; others for those who began them. What somebody exports is
 * not even for those who may change settings, but for whoever owns the machine.
 */
export function seesJob({ by, operation: name }: Pick<OneJob, 'by' | 'operation'>, caller: Asker['caller']): boolean {
  if (name.startsWith('disks.') && caller.may('disks')) return true;
  const isOwn = by !== '' && by === jobOwner(caller);
  return isOwn || (caller.may('settings') && (!name.startsWith('exports.') || caller.kind === 'local'));
}

/** A job of somebody else's is answered as one that does not exist. */
async function findJob(id: string, box: BoxPorts, asker: Asker): Promise<OneJob> {
  const found = (await allJobs(box)).find((job) => job.id === id);
  if (!found || !seesJob(found, asker.caller)) throw new BoxError('control.no-such-job', { job: id });
  return found;
}
