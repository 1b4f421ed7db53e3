import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSmart } from '../../firmware/disks/smart-parse.ts';
import type { SmartReading } from '../../firmware/disks/smart-reading.ts';
import { judgeReading } from '../../firmware/disks/verdict.ts';
import { compare, type CorpusEntry, type Facts } from './facts.ts';

/** Compares what the firmware makes of a smartctl reading with the entry's facts and its verdict. Gives the mismatches. */
export async function runSmart(entry: CorpusEntry, folder: string): Promise<string[]> {
  const reading = parseSmart(await readFile(join(folder, entry.file), 'utf8'));
  const { verdict, findings } = judgeReading(reading);
  const problems = compare('', entry.expect, {
    verdict,
    exit_status: reading.exitStatus,
    passed: reading.passed,
    model: reading.model,
  });
  const { attributes, nvme, scsi } = entry.expect;
  if (isFacts(attributes)) problems.push(...compare('attribute ', attributes, rawValues(reading)));
  if (isFacts(nvme)) problems.push(...compare('nvme ', nvme, nvmeFacts(reading)));
  if (isFacts(scsi)) problems.push(...compare('scsi ', scsi, scsiFacts(reading)));
  if (verdict !== 'ok' && verdict !== 'unknown' && findings.length === 0) problems.push('a verdict without a reason');
  const words = findings.flatMap(({ text, advice }) => [text.en, text.zh, advice.en, advice.zh]);
  if (words.some((text) => text === '' || /[{}]|undefined|NaN/.test(text)))
    problems.push('a reason with a blank in it');
  return problems;
}

/** Whether the disk told nothing. */
export async function isUnreadable({ file }: CorpusEntry, folder: string): Promise<boolean> {
  return judgeReading(parseSmart(await readFile(join(folder, file), 'utf8'))).verdict === 'unknown';
}

function isFacts(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null;
}

function rawValues({ attributes }: SmartReading): Facts {
  return Object.fromEntries(attributes.map(({ id, raw }) => [String(id), raw]));
}

function nvmeFacts({ nvme, temperature }: SmartReading): Facts {
  return {
    critical_warning: nvme?.criticalWarning,
    percentage_used: nvme?.usedPercent,
    media_errors: nvme?.mediaErrors,
    available_spare: nvme?.sparePercent,
    available_spare_threshold: nvme?.spareThresholdPercent,
    unsafe_shutdowns: nvme?.unsafeShutdowns,
    warning_temp_time: nvme?.warningTemperatureMinutes,
    critical_comp_time: nvme?.criticalTemperatureMinutes,
    temperature: temperature.currentC,
  };
}

function scsiFacts({ scsi, temperature, figures }: SmartReading): Facts {
  return {
    grown_defect_list: scsi?.grownDefects,
    grown_defects: scsi?.grownDefects,
    total_uncorrected_errors: figures.uncorrectedIo,
    read_uncorrected: scsi?.uncorrected?.read,
    write_uncorrected: scsi?.uncorrected?.write,
    verify_uncorrected: scsi?.uncorrected?.verify,
    percentage_used: scsi?.usedPercent,
    temperature: temperature.currentC,
  };
}
