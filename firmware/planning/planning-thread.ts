import { Worker } from 'node:worker_threads';
import { BoxError, firstPromise } from '../base/index.ts';
import { buffersOf } from '../storage/index.ts';
import type { Forecast } from './forecast.ts';
import type { Plan } from './planner.ts';
import type { Planned, PlanningAnswer, PlanningTask } from './planning-task.ts';

const PATIENCE_MS = 120_000;

/** Makes forecasts and plans in threads of their own, one after another: that of 64 cameras is a quarter of a second of work. */
export class PlanningThread {
  #turn: Promise<unknown> = Promise.resolve();
  #worker: Worker | undefined;
  #isStopped = false;

  /** The rows of the task change hands. Rejects with planning.not-made. */
  forecast(task: Omit<PlanningTask, 'want'>): Promise<Forecast> {
    return this.#next('forecast', task);
  }

  /** As `forecast`. */
  plan(task: Omit<PlanningTask, 'want'>): Promise<Plan> {
    return this.#next('plan', task);
  }

  /** What is being made is not waited for. */
  readonly stop = firstPromise(async () => {
    this.#isStopped = true;
    await this.#worker?.terminate();
  });

  #next<W extends keyof Planned>(want: W, task: Omit<PlanningTask, 'want'>): Promise<Planned[W]> {
    const made = this.#turn.then(() => this.#make(want, task));
    this.#turn = made.catch(() => undefined);
    return made;
  }

  async #make<W extends keyof Planned>(want: W, task: Omit<PlanningTask, 'want'>): Promise<Planned[W]> {
    if (this.#isStopped) throw new BoxError('planning.not-made', { reason: 'the box stops' });
    const worker = new Worker(new URL('./planning-worker.ts', import.meta.url), {
      workerData: { ...task, want } satisfies PlanningTask,
      transferList: [...buffersOf(task.hours), ...buffersOf(task.keptDays)],
    });
    this.#worker = worker;
    const { promise, resolve, reject } = Promise.withResolvers<Planned[W]>();
    const failed = (reason: string): void => reject(new BoxError('planning.not-made', { reason }));
    const timer = setTimeout(() => failed('it took too long'), PATIENCE_MS);
    worker.on('message', ({ answer, error }: PlanningAnswer) => {
      if (answer) resolve(answer as Planned[W]);
      else reject(BoxError.fromJSON(error!));
    });
    worker.on('error', (error) => failed(String(error)));
    worker.on('exit', () => failed('its thread ended'));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      void worker.terminate();
    }
  }
}
