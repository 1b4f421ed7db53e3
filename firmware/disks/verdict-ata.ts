import { finding, type Finding } from './finding.ts';
import { isTemperature, named } from './smart-attributes.ts';
import type { KeyFigures, SmartAttribute, SmartReading } from './smart-reading.ts';
import type { FindingCode } from './words.ts';

/**
 * Counts from which on a disk is suspicious. One replaced sector is worth remembering; from ten on far more disks fail within a year than
 * otherwise, and a sector that cannot be read is lost data whatever its number (Backblaze's published figures for 5, 187, 188, 197, 198).
 */
const LEVELS: readonly { figure: keyof KeyFigures; code: FindingCode; notice?: number; warning?: number }[] = [
  { figure: 'reallocated', code: 'reallocated', notice: 1, warning: 10 },
  { figure: 'pending', code: 'pending', warning: 1 },
  { figure: 'uncorrectable', code: 'uncorrectable', warning: 1 },
  { figure: 'reported', code: 'reported', warning: 1 },
  { figure: 'crc', code: 'crc', notice: 1 },
  { figure: 'timeouts', code: 'timeouts', notice: 100 },
];

/** Flash disks replace blocks all their lives, and count them in hundreds. */
const FLASH_REALLOCATED_WARNING = 100;
const SPIN_RETRIES_WARNING = 10;
const HELIUM_FULL = 100;
const HELIUM_WARNING = 75;

export function ataFindings(reading: SmartReading): Finding[] {
  const { attributes, exit } = reading;
  const found = [...levelFindings(reading), ...attributes.flatMap(thresholdFinding), ...oddities(attributes)];
  // smartctl saw an attribute fail that its answer does not show.
  if (exit.attributeFailing && !found.some(({ code }) => code === 'attribute-failing')) {
    found.push(finding('self-assessment', 'failing'));
  }
  if (exit.attributeWasLow && !attributes.some(({ failed }) => failed !== 'never')) {
    found.push(finding('some-attribute-failed-before', 'notice'));
  }
  return found;
}

function levelFindings({ figures, medium }: SmartReading): Finding[] {
  return LEVELS.flatMap(({ figure, code, notice, warning }) => {
    const count = figures[figure] ?? 0;
    const bad = figure === 'reallocated' && medium === 'ssd' ? FLASH_REALLOCATED_WARNING : warning;
    if (bad !== undefined && count >= bad) {
      return [finding(code, 'warning', { count }, figure === 'reallocated' ? 'replace-soon' : undefined)];
    }
    return notice !== undefined && count >= notice ? [finding(code, 'notice', { count })] : [];
  });
}

/** What the disk itself holds against its limits. */
function thresholdFinding(attribute: SmartAttribute): Finding[] {
  const { failed, preFailure, name, id, value = 0, worst = 0, threshold = 0 } = attribute;
  const blanks = { name: name.replaceAll('_', ' '), id, value, worst, threshold };
  if (failed === 'never') return [];
  if (isTemperature(attribute)) {
    // Many sound disks have once been past this limit, in a parcel or a summer; it is worth knowing, and no more.
    return failed === 'now'
      ? [finding('attribute-worn', 'warning', blanks, 'cool')]
      : [finding('attribute-failed-before', 'notice', blanks, 'cool')];
  }
  if (failed === 'now') {
    return [
      preFailure ? finding('attribute-failing', 'failing', blanks) : finding('attribute-worn', 'warning', blanks),
    ];
  }
  return [finding('attribute-failed-before', preFailure ? 'warning' : 'notice', blanks)];
}

function oddities(attributes: readonly SmartAttribute[]): Finding[] {
  const found: Finding[] = [];
  const dataPath = named(attributes, 184, /end-to-end/i)?.figure ?? 0;
  if (dataPath > 0) found.push(finding('data-path', 'warning', { count: dataPath }));
  const spins = named(attributes, 10, /spin_retry/i)?.figure ?? 0;
  if (spins > 0)
    found.push(finding('spin-retries', spins >= SPIN_RETRIES_WARNING ? 'warning' : 'notice', { count: spins }));
  const helium = named(attributes, 22, /helium/i)?.value ?? HELIUM_FULL;
  if (helium < HELIUM_FULL) {
    found.push(finding('helium', helium < HELIUM_WARNING ? 'warning' : 'notice', { value: helium }));
  }
  return found;
}
