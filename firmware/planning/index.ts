/**
 * Planning: what the cameras need, what the disks hold and for how long, and what to change to reach a wish. Runs in: a job worker for each
 * forecast and plan; `PlanningThread` is its hand in main.
 */
export { brokenWishes, forecast, type Forecast } from './forecast.ts';
export type { PlanInput } from './model.ts';
export { DAY_US, HOUR_US } from './week.ts';
export { propose, withWishes, type Plan } from './planner.ts';
export { applyChange, type Proposal } from './proposals.ts';
export { PlanningThread } from './planning-thread.ts';
export type { PlanningTask } from './planning-task.ts';
export { planInputOf } from './settings-input.ts';
