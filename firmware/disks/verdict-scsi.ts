import { finding, type Finding } from './finding.ts';
import type { SmartReading } from './smart-reading.ts';

const GROWN_DEFECTS_WARNING = 10;

/** Corrected errors, of which SAS disks count millions in good health, say nothing. */
export function scsiFindings({ scsi }: SmartReading): Finding[] {
  if (!scsi) return [];
  const found: Finding[] = [];
  const defects = scsi.grownDefects ?? 0;
  if (defects > 0) {
    const grave = defects >= GROWN_DEFECTS_WARNING;
    found.push(
      finding('grown-defects', grave ? 'warning' : 'notice', { count: defects }, grave ? 'replace-soon' : undefined),
    );
  }
  const { read = 0, write = 0, verify = 0 } = scsi.uncorrected ?? {};
  if (read + write + verify > 0) {
    found.push(finding('uncorrected-io', 'warning', { count: read + write + verify }));
  }
  return found;
}
