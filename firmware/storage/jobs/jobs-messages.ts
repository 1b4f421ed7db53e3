/** What the job worker and the main thread say to each other. Plain data. */
import type { Answered } from '../../base/index.ts';
import type { Operation } from '../catalogue/catalogue-messages.ts';
import type { VolumeAsk } from './job-ports.ts';
import type { CheckOptions, CheckState, EvacuationOptions, EvacuationState } from './job-states.ts';

/** What is to be done, and the state in which it begins or goes on. */
export type JobOrder =
  | { readonly kind: 'evacuation'; readonly options: EvacuationOptions; readonly state: EvacuationState }
  | { readonly kind: 'check'; readonly options: CheckOptions; readonly state: CheckState };

export type JobKind = JobOrder['kind'];

export interface JobStates {
  evacuations: EvacuationState[];
  checks: CheckState[];
}

/** Any question by its name, for the messages. */
export type PortAsk =
  | { readonly port: 'catalogue'; readonly ask: Operation; readonly args: unknown }
  | { readonly port: 'volume'; readonly ask: VolumeAsk; readonly args: unknown }
  | { readonly port: 'rooms' | 'locked'; readonly ask: ''; readonly args: unknown };

export type ToJobs =
  | { readonly t: 'begin'; readonly order: JobOrder }
  /** It ends between two operations of its disks. */
  | { readonly t: 'end'; readonly kind: JobKind; readonly volume: string }
  | ({ readonly t: 'answer' } & Answered)
  | { readonly t: 'stop' };

export type FromJobs =
  ({ readonly t: 'ask'; readonly id: number } & PortAsk) | { readonly t: 'states'; readonly states: JobStates };
