import assert from 'node:assert/strict';
import { parseSmart } from '../../firmware/disks/smart-parse.ts';
import { judgeTrend, trendOf } from '../../firmware/disks/trend.ts';
import { judgeReading } from '../../firmware/disks/verdict.ts';
import { jsonFrom } from '../support/json-shape.ts';
import { hddReading, nvmeReading, refusal, sasReading, ssdReading } from '../support/smart-readings.ts';
import type { FuzzTarget } from './target.ts';

const LOGS = {
  ata_smart_error_log: {
    extended: { count: 2, table: [{ error_description: 'Error: UNC at LBA = 0x1', lifetime_hours: 9100 }] },
  },
  ata_smart_self_test_log: {
    extended: { table: [{ type: { value: 2 }, status: { value: 121, passed: false } }], error_count_total: 1 },
  },
  ata_device_statistics: { pages: [{ number: 3, table: [{ offset: 32, value: 4, flags: { valid: true } }] }] },
  ata_pending_defects_log: { count: 3 },
};
const READINGS = [
  hddReading(),
  hddReading([{ id: 5, name: 'Reallocated_Sector_Ct', raw: 4, value: 9, thresh: 10, preFailure: true }], LOGS, 216),
  ssdReading([{ id: 177, name: 'Wear_Leveling_Count', raw: 40, value: 60 }]),
  nvmeReading({ critical_warning: 5 }, { smart_status: { passed: false, nvme: { value: 5 } } }, 8),
  sasReading({ scsi_grown_defect_list: 4, scsi_self_test_0: { result: { value: 4 } } }),
  refusal(2, 'Smartctl open device: /dev/sda failed: No such device'),
];
const CHOICES = Array.from({ length: 16 }, (_, n) => Buffer.from([n, n, 0, n, n * 3, 2, n, n * 7, 3, n]));

/** Whatever a disk says, there is a verdict with whole reasons, and figures that can be kept. */
function examine(text: string): void {
  const reading = parseSmart(text);
  const { verdict, findings } = judgeReading(reading);
  assert.equal(verdict === 'ok', findings.length === 0, 'a verdict has reasons');
  const trend = judgeTrend(trendOf([{ atUs: 1 }, { atUs: 2, ...reading.figures }]), 2);
  for (const { text: words, advice } of [...findings, ...trend]) {
    for (const sentence of [words.en, words.zh, advice.en, advice.zh]) {
      assert.ok(sentence !== '' && sentence.length < 1000);
      assert.doesNotMatch(sentence, /undefined|NaN|Infinity|\p{Cc}/u);
    }
  }
  for (const figure of Object.values(reading.figures)) assert.ok(Number.isFinite(figure));
  assert.deepEqual(JSON.parse(JSON.stringify(reading.figures)), { ...reading.figures });
}

export const targets: readonly FuzzTarget[] = [
  {
    name: 'disks: what smartctl printed',
    seeds: () => READINGS.map((reading) => Buffer.from(JSON.stringify(reading))),
    run: (input) => examine(input.toString('utf8')),
  },
  {
    name: 'disks: readings of odd shape',
    seeds: () => CHOICES,
    run: (input) => examine(JSON.stringify(jsonFrom(input, READINGS)) ?? ''),
  },
];
