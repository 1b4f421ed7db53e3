/** The settings of the box: what there is to set, and the file that keeps it. Runs in: main thread (types and checks: any). */
export { checkSettings } from './check.ts';
export { describeSettings, maskSettings, type SettingDescription } from './describe.ts';
export { replaceFile } from './durable-file.ts';
export { changedPaths, patchSettings } from './merge-patch.ts';
export { openSettings, sealSettings } from './sealed-settings.ts';
export type { Document, Migration } from './migrations.ts';
export type {
  CameraGroupSettings,
  CameraSettings,
  DeepReadonly,
  NoticeSettings,
  ScheduleRow,
  Settings,
  SettingsDraft,
  StreamSettings,
  VolumeSettings,
} from './schema.ts';
export { SettingsStore, type OpenOptions, type SettingsListener } from './store.ts';
