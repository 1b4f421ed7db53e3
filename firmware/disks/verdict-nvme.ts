import { finding, type Finding } from './finding.ts';
import type { SmartReading } from './smart-reading.ts';

/** Bits of the critical warning (NVMe base specification 1.4, figure 194). */
const BITS = { spare: 1, temperature: 2, reliability: 4, readOnly: 8, backup: 16, memoryRegion: 32 };
/** So many per cent above its limit the spare is worth a word. */
const SPARE_MARGIN = 10;
const SPARE_HALF = 50;

export function nvmeFindings({ nvme, passed, exit }: SmartReading): Finding[] {
  if (!nvme) return [];
  const bits = nvme.criticalWarning ?? 0;
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const found: Finding[] = [...spareFindings(nvme, has(BITS.spare))];
  if (has(BITS.reliability)) found.push(finding('reliability', 'failing'));
  if (has(BITS.readOnly)) found.push(finding('read-only', 'failing'));
  if (has(BITS.backup)) found.push(finding('backup-failed', 'failing'));
  if (has(BITS.memoryRegion)) found.push(finding('memory-region', 'warning'));
  if (has(BITS.temperature)) found.push(finding('temperature-alarm', 'warning'));
  const count = nvme.mediaErrors ?? 0;
  if (count > 0) found.push(finding('media-errors', 'warning', { count }));
  // Bits of a newer specification: the disk must mean something by them.
  if (found.length === 0 && bits !== 0 && (passed === false || exit.failing)) {
    found.push(finding('self-assessment', 'failing'));
  }
  return found;
}

function spareFindings(nvme: NonNullable<SmartReading['nvme']>, flagged: boolean): Finding[] {
  const { sparePercent: percent, spareThresholdPercent: threshold = 0 } = nvme;
  if (flagged || (percent !== undefined && percent < threshold)) {
    return [finding('spare-low', 'failing', { percent: percent ?? 0, threshold })];
  }
  // A disk without spare blocks says 0 of 0.
  if (percent === undefined || threshold === 0 || percent >= SPARE_HALF) return [];
  return [finding('spare-used', percent <= threshold + SPARE_MARGIN ? 'warning' : 'notice', { percent })];
}
