import { z } from 'zod';
import { EVERY_CAMERA, seesCamera } from '../../accounts/index.ts';
import { BoxError, ERROR_CODES, type ErrorCode } from '../../base/index.ts';
import { jobOwner } from '../job-desk.ts';
import { Job } from '../job-shapes.ts';
import { operation, type Asker } from '../operation.ts';
import type { BoxPorts } from '../ports.ts';

type OneJob = z.output<typeof Job>;
export type JobView = 'whole' | 'outline' | 'nothing';
const JobId = z.object({ id: z.string().min(1).max(300) });

export const jobsList = operation({
  name: 'jobs.list',
  title: 'What runs on while nobody waits for it, and what came of it',
  effect: 'read',
  right: 'none',
  offline: false,
  input: z.object({}),
  output: z.array(Job),
  handle: async (_input, box, asker) => {
    const jobs = await allJobs(box);
    return jobs.flatMap((job) => shownJob(job, asker.caller) ?? []);
  },
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
 * How much of a job somebody may know. Jobs of disks are for all who may look after disks, whoever began them; others for those who
 * began them, and for whoever owns the machine. Who may change settings and sees every camera knows what runs, but not what came
 * of it: that may need rights which they do not have. What somebody exports is not even known to them.
 */
export function jobView({ by, operation: name }: Pick<OneJob, 'by' | 'operation'>, caller: Asker['caller']): JobView {
  if (caller.kind === 'local' || (name.startsWith('disks.') && caller.may('disks'))) return 'whole';
  if (by !== '' && by === jobOwner(caller)) return 'whole';
  const watches = caller.may('settings') && seesCamera(caller, EVERY_CAMERA) && !name.startsWith('exports.');
  return watches ? 'outline' : 'nothing';
}

/** Without what the operation answered, and what its error was about. */
export function jobOutline({ result: _result, error, ...job }: OneJob): OneJob {
  return { ...job, ...(error && { error: { ...error, context: {} } }) };
}

/** Undefined: nothing of it. */
function shownJob(job: OneJob, caller: Asker['caller']): OneJob | undefined {
  const view = jobView(job, caller);
  if (view === 'nothing') return undefined;
  return view === 'whole' ? job : jobOutline(job);
}

/** A job of somebody else's is answered as one that does not exist. */
async function findJob(id: string, box: BoxPorts, asker: Asker): Promise<OneJob> {
  const found = (await allJobs(box)).find((job) => job.id === id);
  const shown = found && shownJob(found, asker.caller);
  if (!shown) throw new BoxError('control.no-such-job', { job: id });
  return shown;
}
