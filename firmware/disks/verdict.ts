import { ataFindings } from './verdict-ata.ts';
import { byGravity, finding, worstOf, type Finding, type Verdict } from './finding.ts';
import { nvmeFindings } from './verdict-nvme.ts';
import { scsiFindings } from './verdict-scsi.ts';
import type { Access, SmartReading } from './smart-reading.ts';
import { temperatureFindings } from './verdict-temperature.ts';
import type { AdviceCode, Words } from './words.ts';

export interface HealthJudgement {
  readonly verdict: Verdict;
  /** The gravest first. */
  readonly findings: readonly Finding[];
}

/** Flash life, in per cent of what the maker promises. Passing 100 is no failure, but nobody promises anything any more. */
const WEAR = { notice: 70, warning: 90 };

/** Why there is nothing to judge by. */
const SILENT: Readonly<Record<Exclude<Access, 'read'>, Words & { advice: AdviceCode }>> = {
  sleeping: { en: 'The disk sleeps and was not woken.', zh: '硬盘处于休眠状态,未被唤醒。', advice: 'none' },
  unsupported: {
    en: 'The disk does not tell of its health (no SMART).',
    zh: '硬盘不报告健康状况(无 SMART)。',
    advice: 'none',
  },
  disabled: { en: 'SMART is switched off in the disk.', zh: '硬盘的 SMART 功能已关闭。', advice: 'turn-on' },
  denied: { en: 'The box may not ask the disk.', zh: '设备无权读取该硬盘的健康状况。', advice: 'rights' },
  'bridge-unknown': {
    en: 'The USB enclosure does not let the disk tell of its health.',
    zh: 'USB 硬盘盒不支持读取硬盘健康状况。',
    advice: 'bridge',
  },
  missing: { en: 'The disk is not there.', zh: '硬盘不存在。', advice: 'cable' },
  'not-opened': { en: 'The disk could not be asked.', zh: '无法打开硬盘。', advice: 'cable' },
  'timed-out': { en: 'The disk did not answer in time.', zh: '硬盘未及时应答。', advice: 'cable' },
  'not-understood': { en: 'The answer could not be understood.', zh: '无法解析返回的数据。', advice: 'none' },
};

/** Says how the disk is by one reading alone; what a history adds says `judgeTrend`. */
export function judgeReading(reading: SmartReading): HealthJudgement {
  if (reading.access !== 'read') return silence(reading.access);
  const findings = byGravity([
    ...selfFindings(reading),
    ...ataFindings(reading),
    ...nvmeFindings(reading),
    ...scsiFindings(reading),
    ...logFindings(reading),
    ...wearFindings(reading),
    ...temperatureFindings(reading),
  ]);
  return { verdict: worstOf(findings), findings };
}

/** A disk that told before and is silent now may be about to vanish; one that never told is merely of another kind. */
export function silence(access: Exclude<Access, 'read'>, toldBefore = false): HealthJudgement {
  const { en, zh, advice } = SILENT[access];
  const code = toldBefore ? 'was-told-before' : 'not-told';
  return { verdict: 'unknown', findings: [finding(code, 'unknown', { why: en, whyZh: zh }, advice)] };
}

/**
 * NVMe disks and SCSI disks say "failed" also for reasons that are none, such as heat, and name them; there the reason counts
 * instead.
 */
function selfFindings({ passed, exit, nvme, scsi }: SmartReading): Finding[] {
  if (passed !== false && !exit.failing) return [];
  if (nvme?.criticalWarning) return [];
  if (scsi?.senseCode === SENSE_WARNING) return [finding('reliability', 'warning', {}, 'watch')];
  return [finding('self-assessment', 'failing')];
}

/** SPC-4 annex D: sense code 0Bh is a warning, such as of heat; 5Dh is a failure that is coming. */
const SENSE_WARNING = 0x0b;

function logFindings({ selfTests, errorLog, exit }: SmartReading): Finding[] {
  const found: Finding[] = [];
  if (selfTests?.partBroken) found.push(finding('part-broken', 'failing'));
  const failures = selfTests?.failures ?? (exit.selfTestsFailed ? 1 : 0);
  if (failures > 0) found.push(finding('self-test', 'warning', { count: failures }));
  const errors = errorLog?.count ?? (exit.errorsLogged ? 1 : 0);
  if (errorLog && errorLog.recentUnreadable > 0) {
    found.push(finding('unreadable-lately', 'warning', { count: errorLog.recentUnreadable }));
  }
  if (errors > 0) found.push(finding('error-log', 'notice', { count: errors }));
  return found;
}

function wearFindings({ figures: { wearPercent } }: SmartReading): Finding[] {
  if (wearPercent === undefined || wearPercent < WEAR.notice) return [];
  return [finding('worn', wearPercent >= WEAR.warning ? 'warning' : 'notice', { percent: wearPercent })];
}
