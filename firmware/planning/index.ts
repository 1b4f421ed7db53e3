/** Planning: what the cameras need, what the disks hold and for how long, and what to change to reach a wish. Runs in: main. */
export { brokenWishes, forecast, type Forecast } from './forecast.ts';
export type { PlanInput } from './model.ts';
export { DAY_US, HOUR_US } from './week.ts';
export { propose, withWishes, type Plan } from './planner.ts';
export { applyChange, type Proposal } from './proposals.ts';
export { planInputOf } from './settings-input.ts';
