import type { ErrorReport } from '../base/index.ts';
import type { Settings } from '../config/index.ts';
import type { DayFigure, HourFigure, PackedRows } from '../storage/index.ts';
import type { Forecast } from './forecast.ts';
import type { Plan } from './planner.ts';
import type { Measured } from './settings-input.ts';

/** What a plan is made from, as it goes to the thread that makes it. */
export interface PlanningTask {
  /** What is wanted: what will be kept as things are, or also what to change for the wishes. */
  readonly want: 'forecast' | 'plan';
  readonly settings: Settings;
  readonly nowUs: number;
  readonly volumes: Measured['volumes'];
  /** With the ids of volumes as in the settings. */
  readonly hours: PackedRows<HourFigure>;
  readonly keptDays: PackedRows<DayFigure>;
  /** By camera: when its mode or recorded stream was changed last. */
  readonly sameSinceUs: ReadonlyMap<string, number>;
  /** By `<camera>/<stream>`, of those that are connected. */
  readonly bitsPerS: ReadonlyMap<string, number>;
  /** By camera, instead of those of the settings: days. */
  readonly wishes: ReadonlyMap<string, number>;
}

export interface Planned {
  readonly forecast: Forecast;
  readonly plan: Plan;
}

export interface PlanningAnswer {
  readonly answer?: Planned[keyof Planned] | undefined;
  readonly error?: ErrorReport;
}
