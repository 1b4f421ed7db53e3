/** Recording: modes, segments, gaps, from cameras to volumes. Runs in: the record worker; Recorder is its hand in main. */
export type { CatalogueAsks, ProblemTopic } from './messages.ts';
export type { CameraPlan, Homes, RecordPlan, Sparing, VolumePlan } from './plan.ts';
export type { RecorderReport, StreamReport, VolumeReport } from './report.ts';
export { Recorder, type RecorderEvents } from './recorder.ts';
export type { RemoteTap, TapListener } from './remote-taps.ts';
