import { spaceMarks } from '../storage/index.ts';
import type { PlanVolume } from './model.ts';

/** Bytes that segments may take on volumes before deletion begins. */
export function roomOf(volumes: readonly PlanVolume[]): number {
  return volumes.reduce((sum, volume) => {
    const rates = { bytesPerS: 0, peakBytesPerS: volume.peakBytesPerS ?? 0 };
    return sum + spaceMarks({ ...volume, ...rates }).highBytes;
  }, 0);
}
