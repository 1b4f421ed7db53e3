import type { Job } from '../control/index.ts';
import type { Command } from './command.ts';
import { table } from './text.ts';

const list: Command = {
  name: 'jobs list',
  usage: 'jobs list',
  help: 'lists what runs on while nobody waits for it, and what came of it',
  words: 0,
  run: async ({ host }) => {
    const jobs = (await host.call('jobs.list', {})) as Job[];
    const rows = jobs.map((job) => [job.id, stateOf(job), job.by || 'the box', job.startedAt]);
    const text = rows.length === 0 ? 'There are no jobs.' : table(['job', 'state', 'begun by', 'begun'], rows);
    return { json: jobs, text };
  },
};

const show: Command = {
  name: 'jobs show',
  usage: 'jobs show JOB',
  help: 'says how far a job has come, and what came of it',
  words: 1,
  run: async ({ words: [id], host }) => {
    const job = (await host.call('jobs.get', { id })) as Job;
    return { json: job, text: formatJob(job) };
  },
};

const cancel: Command = {
  name: 'jobs cancel',
  usage: 'jobs cancel JOB',
  help: 'ends a job; what it has done so far stays',
  words: 1,
  run: async ({ words: [id], host }) => {
    const job = (await host.call('jobs.cancel', { id })) as Job;
    return { json: job, text: formatJob(job) };
  },
};

export const JOB_COMMANDS: readonly Command[] = [list, show, cancel];

function formatJob(job: Job): string {
  const { id, operation, subject, by, startedAt, endedAt, error, result, cancellable } = job;
  return [
    `${id}: ${stateOf(job)}`,
    `${operation}${subject === undefined ? '' : ` of ${subject}`}, begun by ${by || 'the box'} at ${startedAt}${endedAt === undefined ? '' : `, over at ${endedAt}`}`,
    ...(error ? [`${error.what} ${error.advice} (${error.code})`] : []),
    ...(result === undefined ? [] : [JSON.stringify(result, undefined, 2)]),
    ...(cancellable ? [`ipvs jobs cancel ${id} ends it.`] : []),
  ].join('\n');
}

function stateOf({ state, progress }: Job): string {
  return state === 'running' && progress !== undefined ? `${state}, ${Math.floor(progress * 100)} %` : state;
}
