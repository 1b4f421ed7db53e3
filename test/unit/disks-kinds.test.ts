/** Disks of many kinds and makers, and smartctl of several ages: readings made up after their manuals, each with what is to be thought of it. */
import t from 'tap';
import { judgeReading } from '../../firmware/disks/verdict.ts';
import { parseSmart } from '../../firmware/disks/smart-parse.ts';
import {
  attributeRow,
  hddReading,
  nvmeReading,
  refusal,
  sasReading,
  ssdReading,
  type AttributeRow,
  type SmartJson,
} from '../support/smart-readings.ts';

interface Case {
  readonly name: string;
  readonly json: SmartJson;
  /** The verdict, then the codes of its reasons, the gravest first. */
  readonly judged: readonly string[];
}

const row = (id: number, name: string, raw: number, more: Partial<AttributeRow> = {}): AttributeRow => ({
  id,
  name,
  raw,
  ...more,
});

const table = (...rows: AttributeRow[]): SmartJson => ({ ata_smart_attributes: { table: rows.map(attributeRow) } });

/** smartctl 7.0, which printed little more than the table. */
const OLD_HDD: SmartJson = {
  json_format_version: [1, 0],
  smartctl: { version: [7, 0], exit_status: 0 },
  device: { name: '/dev/sda', type: 'sat', protocol: 'ATA' },
  model_name: 'EXAMPLE OLD 500',
  smart_status: { passed: true },
  ...table(row(3, 'Spin_Up_Time', 4100), row(5, 'Reallocated_Sector_Ct', 0), row(194, 'Temperature_Celsius', 38)),
};

const FLASH: readonly Case[] = [
  {
    name: 'one maker counts wear in 202, down from 100',
    json: ssdReading([row(5, 'Reallocate_NAND_Blk_Cnt', 3), row(202, 'Percent_Lifetime_Remain', 8, { value: 92 })]),
    judged: ['notice', 'reallocated'],
  },
  {
    name: 'the same near its end',
    json: ssdReading([row(202, 'Percent_Lifetime_Remain', 95, { value: 5, thresh: 1 })]),
    judged: ['warning', 'worn'],
  },
  {
    name: 'another says life left in 231, a third temperature there',
    json: ssdReading([row(231, 'SSD_Life_Left', 24, { value: 24 }), row(194, 'Temperature_Celsius', 33)]),
    judged: ['notice', 'worn'],
  },
  {
    name: 'spare blocks at their limit',
    json: ssdReading([
      row(232, 'Available_Reservd_Space', 0, { value: 10, thresh: 10, preFailure: true, failed: 'now' }),
    ]),
    judged: ['failing', 'attribute-failing'],
  },
  {
    name: 'wear at its limit is no failure, but the end',
    json: ssdReading([row(233, 'Media_Wearout_Indicator', 0, { value: 1, thresh: 1, failed: 'now' })]),
    judged: ['warning', 'attribute-worn', 'worn'],
  },
  {
    name: 'failed erasures and programmings that the disk got over',
    json: ssdReading([
      row(171, 'Program_Fail_Count', 2),
      row(172, 'Erase_Fail_Count', 1),
      row(174, 'Unexpect_Power_Loss_Ct', 40),
    ]),
    judged: ['ok'],
  },
  {
    name: 'data that could not be corrected',
    json: ssdReading([row(187, 'Uncorrectable_Error_Cnt', 4), row(177, 'Wear_Leveling_Count', 9, { value: 99 })]),
    judged: ['warning', 'reported'],
  },
  {
    name: 'a controller that smartctl does not know',
    json: ssdReading([row(160, 'Unknown_SSD_Attribute', 17), row(161, 'Unknown_SSD_Attribute', 3, { value: 100 })]),
    judged: ['ok'],
  },
];

const TURNING: readonly Case[] = [
  { name: 'an old smartctl', json: OLD_HDD, judged: ['ok'] },
  {
    name: 'an old smartctl without the word of the disk',
    json: { ...OLD_HDD, smart_status: undefined },
    judged: ['ok'],
  },
  {
    name: 'a disk without attribute 5 has events in 196',
    json: { ...OLD_HDD, ...table(row(196, 'Reallocated_Event_Count', 12), row(3, 'Spin_Up_Time', 1)) },
    judged: ['warning', 'reallocated'],
  },
  {
    name: 'defects in the log only',
    json: hddReading([], { ata_pending_defects_log: { size: 2048, count: 2 } }),
    judged: ['warning', 'pending'],
  },
  {
    name: 'helium that leaks',
    json: hddReading([row(22, 'Helium_Level', 90, { value: 90, thresh: 25, preFailure: true })]),
    judged: ['notice', 'helium'],
  },
  {
    name: 'says that it is well and holds an attribute below its limit',
    json: hddReading(
      [row(5, 'Reallocated_Sector_Ct', 3900, { value: 5, thresh: 36, preFailure: true, failed: 'now' })],
      {},
      24,
    ),
    judged: ['failing', 'self-assessment', 'attribute-failing', 'reallocated'],
  },
  {
    name: 'errors and failed tests of which nothing is shown',
    json: hddReading([], { ata_smart_error_log: undefined, ata_smart_self_test_log: undefined }, 192),
    judged: ['warning', 'self-test', 'error-log'],
  },
  {
    name: 'behind a RAID controller, where a command always fails',
    json: hddReading([], { device: { name: '/dev/bus/0', type: 'sat+megaraid,3', protocol: 'ATA' } }, 4),
    judged: ['ok'],
  },
];

const OTHERS: readonly Case[] = [
  {
    name: 'SAS, an old smartctl: maker and product apart',
    json: sasReading({ scsi_model_name: undefined, vendor: 'EXAMPLE', product: 'SAS 900' }),
    judged: ['ok'],
  },
  {
    name: 'SAS flash that is worn',
    json: sasReading({ rotation_rate: 0, scsi_percentage_used_endurance_indicator: 71 }),
    judged: ['notice', 'worn'],
  },
  {
    name: 'SAS with defects that wait',
    json: sasReading({ scsi_pending_defects: { count: 3 } }),
    judged: ['warning', 'pending'],
  },
  {
    name: 'SAS: one defect grown and a write that failed',
    json: sasReading({
      scsi_grown_defect_list: 1,
      scsi_error_counter_log: { write: { total_uncorrected_errors: 1 }, read: { total_uncorrected_errors: 0 } },
    }),
    judged: ['warning', 'uncorrected-io', 'grown-defects'],
  },
  {
    name: 'NVMe behind a USB bridge',
    json: nvmeReading({}, { device: { name: '/dev/sdb', type: 'sntjmicron', protocol: 'NVMe' } }),
    judged: ['ok'],
  },
  {
    name: 'NVMe that tells nothing but its warning',
    json: refusal(8, undefined, { smart_status: { passed: false, nvme: { value: 8 } } }),
    judged: ['failing', 'read-only'],
  },
  {
    name: 'NVMe: two warnings at once, the gravest first',
    json: nvmeReading({ critical_warning: 6 }, { smart_status: { passed: false, nvme: { value: 6 } } }, 8),
    judged: ['failing', 'reliability', 'temperature-alarm'],
  },
  {
    name: 'NVMe with a full log of commands that it did not know',
    json: nvmeReading({ num_err_log_entries: 65_000, unsafe_shutdowns: 900 }),
    judged: ['ok'],
  },
  {
    name: 'a USB stick behind a bridge that knows no SMART',
    json: refusal(2, 'Read Device Identity failed: scsi error unsupported field in scsi command'),
    judged: ['unknown', 'not-told'],
  },
  {
    name: 'only what the disk is called',
    json: { ...refusal(0), model_name: 'EXAMPLE 1', rotation_rate: 5400 },
    judged: ['unknown', 'not-told'],
  },
];

for (const [kind, cases] of Object.entries({ flash: FLASH, turning: TURNING, others: OTHERS })) {
  t.test(kind, async (t) => {
    for (const { name, json, judged } of cases) {
      const { verdict, findings } = judgeReading(parseSmart(JSON.stringify(json)));
      t.strictSame([verdict, ...findings.map(({ code }) => code)], judged, name);
    }
  });
}

t.test('the name of a SCSI disk, whatever smartctl calls its parts', async (t) => {
  const nameOf = (more: SmartJson): string | undefined =>
    parseSmart(JSON.stringify(sasReading({ scsi_model_name: undefined, ...more }))).model;
  t.equal(nameOf({ vendor: 'EXAMPLE', product: 'SAS 900' }), 'EXAMPLE SAS 900');
  t.equal(nameOf({ scsi_vendor: 'EXAMPLE', scsi_product: 'SAS 900' }), 'EXAMPLE SAS 900');
  t.equal(nameOf({ product: 'SAS 900' }), 'SAS 900');
  t.equal(nameOf({}), undefined);
});
