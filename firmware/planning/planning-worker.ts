/** Entry of a job worker that makes one forecast or plan and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { asBoxError, BoxError, lowerThreadPriority } from '../base/index.ts';
import { unpackRows } from '../storage/index.ts';
import { forecast } from './forecast.ts';
import { propose, withWishes } from './planner.ts';
import type { PlanningAnswer, PlanningTask } from './planning-task.ts';
import { planInputOf } from './settings-input.ts';

/** Somebody waits for it, and recording goes first. */
const PRIORITY = 10;

function make(task: PlanningTask): PlanningAnswer['answer'] {
  const { settings, nowUs, volumes, hours, keptDays, sameSinceUs, bitsPerS, wishes } = task;
  const input = planInputOf(settings, {
    nowUs,
    volumes,
    hours: unpackRows(hours),
    keptDays: unpackRows(keptDays),
    sameSinceUs: (camera) => sameSinceUs.get(camera) ?? 0,
    bitsPerS: (camera, stream) => bitsPerS.get(`${camera}/${stream}`),
  });
  return task.want === 'forecast' ? forecast(input) : propose(withWishes(input, wishes));
}

const { want } = workerData as Partial<PlanningTask>;
// Without it somebody only wanted the code loaded.
if (!want) throw new BoxError('box.bug', { what: 'a planning worker without its task' });
lowerThreadPriority(PRIORITY);
try {
  parentPort?.postMessage({ answer: make(workerData as PlanningTask) } satisfies PlanningAnswer);
} catch (error) {
  parentPort?.postMessage({ error: asBoxError(error, 'box.bug').toJSON() } satisfies PlanningAnswer);
}
