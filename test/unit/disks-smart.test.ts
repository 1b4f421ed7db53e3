import t from 'tap';
import { parseSmart } from '../../firmware/disks/smart-parse.ts';
import type { SmartReading } from '../../firmware/disks/smart-reading.ts';
import { judgeReading } from '../../firmware/disks/verdict.ts';
import type { Verdict } from '../../firmware/disks/finding.ts';
import {
  hddReading,
  nvmeReading,
  refusal,
  sasReading,
  ssdReading,
  type AttributeRow,
  type SmartJson,
} from '../support/smart-readings.ts';

const read = (json: SmartJson): SmartReading => parseSmart(JSON.stringify(json));

/** The verdict, and the codes of its reasons. */
function judged(json: SmartJson): [Verdict, ...string[]] {
  const { verdict, findings } = judgeReading(read(json));
  return [verdict, ...findings.map(({ code }) => code)];
}

const row = (id: number, name: string, raw: number, more: Partial<AttributeRow> = {}): AttributeRow => ({
  id,
  name,
  raw,
  ...more,
});
const REALLOCATED = 'Reallocated_Sector_Ct';

t.test('a sound disk of each kind is ok', async (t) => {
  t.strictSame(judged(hddReading()), ['ok'], 'packed raw values of a Seagate are no counts');
  t.strictSame(judged(ssdReading([row(5, REALLOCATED, 0), row(177, 'Wear_Leveling_Count', 88, { value: 95 })])), [
    'ok',
  ]);
  t.strictSame(judged(nvmeReading()), ['ok'], 'a log of commands that it does not know is no fault');
  t.strictSame(judged(sasReading()), ['ok'], 'errors that were corrected are no fault');
  const { kind, medium, model, figures } = read(hddReading());
  t.match({ kind, medium, model }, { kind: 'ata', medium: 'hdd', model: 'EXAMPLE HDD 4000' });
  t.match(figures, { reallocated: 0, timeouts: 1, temperatureC: 36, hours: 9121 });
});

t.test('counts of bad sectors', async (t) => {
  t.strictSame(judged(hddReading([row(5, REALLOCATED, 1)])), ['notice', 'reallocated']);
  t.strictSame(judged(hddReading([row(5, REALLOCATED, 9)])), ['notice', 'reallocated']);
  t.strictSame(judged(hddReading([row(5, REALLOCATED, 10)])), ['warning', 'reallocated']);
  t.strictSame(judged(hddReading([row(197, 'Current_Pending_Sector', 1)])), ['warning', 'pending']);
  t.strictSame(judged(hddReading([row(198, 'Offline_Uncorrectable', 2)])), ['warning', 'uncorrectable']);
  t.strictSame(judged(hddReading([row(187, 'Reported_Uncorrect', 1)])), ['warning', 'reported']);
  t.strictSame(judged(hddReading([row(199, 'UDMA_CRC_Error_Count', 50_000)])), ['notice', 'crc'], 'never the disk');
  t.strictSame(judged(ssdReading([row(5, REALLOCATED, 40)])), ['notice', 'reallocated'], 'flash replaces blocks');
  const text = '0 (2000 0)';
  t.strictSame(judged(hddReading([row(5, REALLOCATED, 8_589_934_592_000, { text })])), ['ok'], 'packed by the maker');
  t.strictSame(judged(hddReading([row(196, 'Erase_Failure_Blk_Ct', 7), row(198, 'Host_Reads_GiB', 900)])), ['ok']);
});

t.test('a count of 48 bits is no count', async (t) => {
  t.equal(read(hddReading([row(187, 'Reported_Uncorrect', 0x0003_0000_0000)])).figures.reported, 0);
  t.equal(read(hddReading([row(188, 'Command_Timeout', 0x0002_0003_00c8)])).figures.timeouts, 200);
  t.strictSame(judged(hddReading([row(188, 'Command_Timeout', 0x0002_0003_00c8)])), ['notice', 'timeouts']);
});

t.test('thresholds of the disk itself', async (t) => {
  const low = { value: 8, thresh: 10, preFailure: true };
  t.strictSame(judged(hddReading([row(3, 'Spin_Up_Time', 0, { ...low, failed: 'now' })], {}, 16)), [
    'failing',
    'attribute-failing',
  ]);
  t.strictSame(judged(hddReading([row(3, 'Spin_Up_Time', 0, low)])), ['failing', 'attribute-failing'], 'unsaid');
  const past = row(3, 'Spin_Up_Time', 0, { value: 60, worst: 9, thresh: 10, preFailure: true, failed: 'past' });
  t.strictSame(judged(hddReading([past], {}, 32)), ['warning', 'attribute-failed-before']);
  const worn = row(9, 'Power_On_Hours', 99_000, { value: 1, thresh: 1, failed: 'now' });
  t.strictSame(judged(hddReading([worn], {}, 32)), ['warning', 'attribute-worn']);
  const air = row(190, 'Airflow_Temperature_Cel', 36, { value: 64, worst: 40, thresh: 45, failed: 'past' });
  t.strictSame(judged(hddReading([air], {}, 32)), ['notice', 'attribute-failed-before'], 'it was warm once');
  t.strictSame(judged(hddReading([], {}, 32)), ['notice', 'some-attribute-failed-before'], 'which is not shown');
  t.strictSame(judged(hddReading([row(4, 'Start_Stop_Count', 9, { value: 0, thresh: 0 })])), ['ok'], 'no threshold');
  t.strictSame(judged(hddReading([], {}, 16)), ['failing', 'self-assessment'], 'an attribute that is not shown');
});

t.test('what the disk says of itself counts, a failed command does not', async (t) => {
  const failed = { smart_status: { passed: false } };
  t.strictSame(judged(hddReading([], failed, 8)), ['failing', 'self-assessment']);
  t.strictSame(judged(refusal(8, undefined, failed)), ['failing', 'self-assessment'], 'even without anything else');
  t.strictSame(judged(hddReading([], {}, 4)), ['ok']);
  t.strictSame(judged(hddReading([], { smart_status: {} }, 4)), ['ok'], 'judged by its attributes');
});

t.test('error log and self-tests', async (t) => {
  const error = (words: string, hours: number): SmartJson => ({ error_description: words, lifetime_hours: hours });
  const log = (count: number, ...table: SmartJson[]): SmartJson => ({
    ata_smart_error_log: { summary: { count, table } },
  });
  t.strictSame(judged(hddReading([], log(3, error('Error: UNC at LBA = 0x1', 100)), 64)), ['notice', 'error-log']);
  t.strictSame(judged(hddReading([], log(3, error('Error: UNC at LBA = 0x1', 9000)), 64)), [
    'warning',
    'unreadable-lately',
    'error-log',
  ]);
  t.strictSame(judged(hddReading([], { ata_smart_error_log: {} }, 64)), ['notice', 'error-log'], 'by the exit status');

  const test = (type: number, status: number): SmartJson => ({
    type: { value: type },
    status: { value: status, passed: status === 0 },
  });
  const tests = (...table: SmartJson[]): SmartJson => ({ ata_smart_self_test_log: { standard: { table } } });
  const READ_FAILURE = 0x79;
  t.strictSame(judged(hddReading([], tests(test(1, 0), test(2, READ_FAILURE)), 128)), ['warning', 'self-test']);
  t.strictSame(judged(hddReading([], tests(test(2, 0), test(2, READ_FAILURE)))), ['ok'], 'a later whole test passed');
  t.strictSame(judged(hddReading([], tests(test(1, 0x19), test(1, 0x29)))), ['ok'], 'aborted is not failed');
  t.strictSame(judged(hddReading([], tests(test(2, 0x60)))), ['failing', 'part-broken', 'self-test'], 'servo');
  const nvme = { nvme_self_test_log: { table: [{ self_test_result: { value: 7 }, self_test_code: { value: 1 } }] } };
  t.strictSame(judged(nvmeReading({}, nvme)), ['warning', 'self-test']);
  t.strictSame(judged(sasReading({ scsi_self_test_0: { result: { value: 4 } } })), ['warning', 'self-test']);
});

t.test('wear of flash, as each maker tells it', async (t) => {
  const wear = (attribute: AttributeRow): number | undefined => read(ssdReading([attribute])).figures.wearPercent;
  t.equal(wear(row(177, 'Wear_Leveling_Count', 812, { value: 61 })), 39);
  t.equal(wear(row(233, 'Media_Wearout_Indicator', 0, { value: 97 })), 3);
  t.equal(wear(row(231, 'SSD_Life_Left', 88, { value: 88 })), 12);
  t.equal(wear(row(202, 'Percent_Lifetime_Remain', 7, { value: 93 })), 7);
  t.equal(wear(row(202, 'Percent_Lifetime_Used', 31, { value: 100 })), 31);
  t.equal(wear(row(169, 'Remaining_Lifetime_Perc', 84, { value: 100 })), 16);
  t.equal(wear(row(231, 'Temperature_Celsius', 31, { value: 31 })), undefined, 'same number, another meaning');
  t.equal(wear(row(233, 'Flash_Writes_GiB', 90_000, { value: 20 })), undefined);
  t.equal(wear(row(177, 'Wear_Leveling_Count', 0, { value: 253 })), undefined, 'never set');
  const endurance = {
    ata_device_statistics: { pages: [{ number: 7, table: [{ offset: 8, value: 91, flags: { valid: true } }] }] },
  };
  t.strictSame(judged(ssdReading([row(177, 'Wear_Leveling_Count', 1, { value: 99 })], endurance)), ['warning', 'worn']);
  t.strictSame(judged(nvmeReading({ percentage_used: 69 })), ['ok']);
  t.strictSame(judged(nvmeReading({ percentage_used: 70 })), ['notice', 'worn']);
  t.strictSame(judged(nvmeReading({ percentage_used: 112 })), ['warning', 'worn'], 'past the promise, not broken');
  t.strictSame(judged(sasReading({ scsi_percentage_used_endurance_indicator: 95 })), ['warning', 'worn']);
});

t.test('NVMe: each bit of the critical warning', async (t) => {
  const warned = (bits: number, log: SmartJson = {}): [Verdict, ...string[]] =>
    judged(
      nvmeReading({ critical_warning: bits, ...log }, { smart_status: { passed: false, nvme: { value: bits } } }, 8),
    );
  t.strictSame(warned(1, { available_spare: 4 }), ['failing', 'spare-low']);
  t.strictSame(warned(2), ['warning', 'temperature-alarm'], 'hot is not broken');
  t.strictSame(warned(4), ['failing', 'reliability']);
  t.strictSame(warned(8), ['failing', 'read-only']);
  t.strictSame(warned(16), ['failing', 'backup-failed']);
  t.strictSame(warned(32), ['warning', 'memory-region']);
  t.strictSame(warned(64), ['failing', 'self-assessment'], 'a bit of a newer specification');
  t.strictSame(judged(nvmeReading({ media_errors: 1 })), ['warning', 'media-errors']);
  t.strictSame(judged(nvmeReading({ available_spare: 9 })), ['failing', 'spare-low'], 'below its limit');
  t.strictSame(judged(nvmeReading({ available_spare: 15 })), ['warning', 'spare-used']);
  t.strictSame(judged(nvmeReading({ available_spare: 0, available_spare_threshold: 0 })), ['ok'], 'it has none');
});

t.test('SAS', async (t) => {
  t.strictSame(judged(sasReading({ scsi_grown_defect_list: 2 })), ['notice', 'grown-defects']);
  t.strictSame(judged(sasReading({ scsi_grown_defect_list: 300 })), ['warning', 'grown-defects']);
  const lost = { scsi_error_counter_log: { read: { total_uncorrected_errors: 3 } } };
  t.strictSame(judged(sasReading(lost)), ['warning', 'uncorrected-io']);
  const predicted = { smart_status: { passed: false, scsi: { asc: 0x5d, ascq: 0x10 } } };
  t.strictSame(judged(sasReading(predicted, 8)), ['failing', 'self-assessment']);
  const warning = { smart_status: { passed: false, scsi: { asc: 0x0b, ascq: 1 } } };
  t.strictSame(judged(sasReading(warning, 8)), ['warning', 'reliability']);
});

t.test('counters that no disk has are no counters: their sum would be no number', async (t) => {
  const errors = { total_uncorrected_errors: 1e308 };
  const reading = read(sasReading({ scsi_error_counter_log: { read: errors, write: errors, verify: errors } }));
  t.equal(reading.figures.uncorrectedIo, undefined);
  t.equal(judgeReading(reading).verdict, 'ok');
  const widest = { total_uncorrected_errors: String(2n ** 128n - 1n) };
  t.match(judged(sasReading({ scsi_error_counter_log: { read: widest, write: widest, verify: widest } })), ['warning']);
});

t.test("temperature against the drive's own limits", async (t) => {
  const at = (temperature: SmartJson): [Verdict, ...string[]] => judged(hddReading([], { temperature }));
  t.strictSame(at({ current: 54 }), ['ok']);
  t.strictSame(at({ current: 56 }), ['notice', 'warm'], 'near what is usual');
  t.strictSame(at({ current: 61 }), ['warning', 'hot']);
  t.strictSame(at({ current: 61, limit_max: 70 }), ['ok'], 'it may');
  t.strictSame(at({ current: 66, limit_max: 70 }), ['notice', 'warm']);
  t.strictSame(at({ current: 45, op_limit_max: 40, limit_max: 60 }), ['ok'], 'a wish that no disk fulfils');
  t.strictSame(at({ current: 2, limit_min: 5 }), ['notice', 'cold']);
  t.strictSame(at({ current: 255 }), ['ok'], 'no temperature at all');
  t.strictSame(judged(sasReading({ temperature: { current: 66, drive_trip: 65 } })), ['warning', 'hot']);
  t.strictSame(judged(nvmeReading({}, { temperature: { current: 72 } })), ['ok']);
  const packed = read(hddReading([], { temperature: {} }));
  t.equal(packed.temperature.currentC, 36, 'the lowest byte of attribute 194');
});

t.test('disks that do not tell', async (t) => {
  const access = (json: SmartJson): string => read(json).access;
  t.equal(access(refusal(1, '/dev/vda: Unable to detect device type')), 'unsupported');
  t.equal(access(refusal(1, '/dev/sdb: Unknown USB bridge [0x1234:0x5678 (0x100)]')), 'bridge-unknown');
  t.equal(access(refusal(2, 'Smartctl open device: /dev/sda failed: Permission denied')), 'denied');
  t.equal(access(refusal(2, 'Smartctl open device: /dev/sda failed: No such device')), 'missing');
  t.equal(access(refusal(2)), 'not-opened');
  t.equal(access(refusal(3)), 'sleeping', 'as the box asks smartctl to say it');
  t.equal(access(refusal(2, 'Device is in STANDBY mode, exit(2)')), 'sleeping');
  t.equal(access(refusal(3, 'Device is in STANDBY (OS) mode, exit(3)')), 'sleeping');
  t.equal(access(refusal(3, 'Device is in SLEEP mode, exit(3)')), 'not-opened', 'so smartctl calls one that is silent');
  t.equal(access(refusal(0, undefined, { smart_support: { available: false } })), 'unsupported');
  t.equal(access(refusal(4, undefined, { smart_support: { available: true, enabled: false } })), 'disabled');
  const claims = { smart_support: { available: false }, smart_status: { passed: true } };
  t.equal(access(refusal(0, undefined, claims)), 'unsupported', 'a bridge that says yes to everything');
  for (const text of ['', '{', 'null', '[]', '"x"', '{"smartctl":7}', '9'.repeat(5000)]) {
    const { verdict, findings } = judgeReading(parseSmart(text));
    t.equal(verdict, 'unknown', text.slice(0, 20));
    t.equal(findings.length, 1);
  }
});

t.test('reasons are whole sentences in both languages', async (t) => {
  const { findings } = judgeReading(
    read(
      hddReading(
        [
          row(5, REALLOCATED, 12),
          row(197, 'Current_Pending_Sector', 3),
          row(3, 'Spin_Up_Time', 0, { value: 1, thresh: 9 }),
        ],
        { temperature: { current: 70 } },
      ),
    ),
  );
  t.equal(findings.length, 4);
  for (const { text, advice } of findings) {
    t.match(text.en, /^[A-Z].*[a-z0-9].*\.$/);
    t.match(text.zh, /\p{Script=Han}/u);
    t.notMatch(`${text.en}${text.zh}`, /[{}]|undefined|NaN/);
    t.ok(advice.en.length > 10 && advice.zh.length > 5);
  }
});
