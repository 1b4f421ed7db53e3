/**
 * The few things that need the rights of root, as fixed verbs of a small process of their own. Runs in: helper process (main.ts
 * of this folder) and main (the client, and what is pure).
 */
export { isSystemDisk, obstacleOf, withDescendants, type BlockDevice } from './block-device.ts';
export { PrivilegedClient, type Privileged } from './client.ts';
export { lookAtDisks } from './look.ts';
export { parseMounts } from './mount-table.ts';
export { OwnPrivilegedProcess } from './own-process.ts';
export { FILE_SYSTEMS, UUID, type FileSystem, type Inspection, type SmartType } from './protocol.ts';
