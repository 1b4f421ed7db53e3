import type { Fields } from './json-fields.ts';
import type { ErrorLog, SelfTests } from './smart-reading.ts';

/** High half of an ATA self-test's status (ATA8-ACS, table of self-test execution status): 3-8 are failures, 7 is a bad sector. */
const ATA_FAILURES = new Set([3, 4, 5, 6, 7, 8]);
const ATA_BROKEN_PARTS = new Set([4, 5, 6, 8]);
/** NVMe self-test result 5-7, SCSI self-test result 3-7: failed. */
const NVME_FAILURES = new Set([5, 6, 7]);
const SCSI_FAILURES = new Set([3, 4, 5, 6, 7]);
const ATA_EXTENDED = 2;
/** Power-on hours of the ATA logs are 16 bits. */
const HOURS_WRAP = 65_536;
const RECENT_HOURS = 30 * 24;

interface Test {
  readonly failed: boolean;
  readonly broken: boolean;
  /** A whole pass over the disk: failures before it have been mended. */
  readonly clears: boolean;
}

/** Self-test failures that still count, of whichever log the disk has; undefined without one. */
export function readSelfTests(root: Fields): SelfTests | undefined {
  const ata = root.object('ata_smart_self_test_log');
  const nvme = root.object('nvme_self_test_log');
  const scsi = root.names.filter((name) => /^scsi_self_test_\d+$/.test(name));
  if (ata.present) return ataTests(ata);
  if (nvme.present) return counted(nvme.list('table').map(nvmeTest));
  return scsi.length > 0 ? counted(scsi.map((name) => scsiTest(root.object(name)))) : currentTest(root);
}

function ataTests(log: Fields): SelfTests {
  const kind = log.object('extended').present ? 'extended' : 'standard';
  const part = log.object(kind);
  const seen = counted(part.list('table').map(ataTest));
  const total = part.count('error_count_total');
  const outdated = part.count('error_count_outdated') ?? 0;
  // smartctl counts over the whole log, of which it may print a part.
  const failures = total === undefined ? seen.failures : Math.max(0, total - outdated);
  return { failures: Math.min(failures, 100), partBroken: failures > 0 && seen.partBroken };
}

function ataTest(row: Fields): Test {
  const status = row.object('status');
  const code = (status.count('value') ?? 0) >> 4;
  const known = ATA_FAILURES.has(code);
  const failed = known || (status.flag('passed') === false && code !== 1 && code !== 2);
  const clears = row.object('type').count('value') === ATA_EXTENDED && code === 0 && status.flag('passed') !== false;
  return { failed, broken: ATA_BROKEN_PARTS.has(code), clears };
}

function nvmeTest(row: Fields): Test {
  const result = row.object('self_test_result').count('value') ?? 15;
  const extended = row.object('self_test_code').count('value') === 2;
  return { failed: NVME_FAILURES.has(result), broken: false, clears: extended && result === 0 };
}

function scsiTest(row: Fields): Test {
  const result = row.object('result').count('value') ?? 15;
  return { failed: SCSI_FAILURES.has(result), broken: false, clears: false };
}

/** Without a log the disk still tells how its last test ended. */
function currentTest(root: Fields): SelfTests | undefined {
  const status = root.object('ata_smart_data').object('self_test').object('status');
  const value = status.count('value');
  if (value === undefined) return undefined;
  const failed = ATA_FAILURES.has(value >> 4);
  return { failures: failed ? 1 : 0, partBroken: ATA_BROKEN_PARTS.has(value >> 4) };
}

/** The newest test stands first. */
function counted(tests: readonly Test[]): SelfTests {
  const cleared = tests.findIndex(({ clears }) => clears);
  const standing = (cleared < 0 ? tests : tests.slice(0, cleared)).filter(({ failed }) => failed);
  return { failures: standing.length, partBroken: standing.some(({ broken }) => broken) };
}

/** The ATA error log; NVMe's counter of log entries also counts commands that a disk merely does not know, so it says nothing. */
export function readErrorLog(root: Fields, hours: number | undefined): ErrorLog | undefined {
  const log = root.object('ata_smart_error_log');
  if (!log.present) return undefined;
  const part = log.object(log.object('extended').present ? 'extended' : 'summary');
  const count = part.count('count');
  if (count === undefined) return undefined;
  const recent = part.list('table').filter((row) => {
    const at = row.count('lifetime_hours');
    if (at === undefined || hours === undefined) return false;
    const age = (((hours - at) % HOURS_WRAP) + HOURS_WRAP) % HOURS_WRAP;
    return age <= RECENT_HOURS && /\bUNC\b/.test(row.text('error_description') ?? '');
  });
  return { count, recentUnreadable: recent.length };
}
