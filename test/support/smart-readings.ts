/** Readings in the form of `smartctl --json`, made up for tests: a whole sound disk of each kind, to be spoilt. */

/** JSON as smartctl prints it. */
export type SmartJson = Record<string, unknown>;

export interface AttributeRow {
  readonly id: number;
  readonly name: string;
  readonly raw: number;
  readonly value?: number;
  readonly worst?: number;
  readonly thresh?: number;
  readonly text?: string;
  readonly preFailure?: boolean;
  readonly failed?: '' | 'now' | 'past';
}

export function attributeRow(row: AttributeRow): SmartJson {
  const value = row.value ?? 100;
  return {
    id: row.id,
    name: row.name,
    value,
    worst: row.worst ?? value,
    thresh: row.thresh ?? 0,
    when_failed: row.failed ?? '',
    flags: { value: 0, string: '', prefailure: row.preFailure ?? false },
    raw: { value: row.raw, string: row.text ?? String(row.raw) },
  };
}

const SOUND_HDD: readonly AttributeRow[] = [
  { id: 1, name: 'Raw_Read_Error_Rate', raw: 231_004_118, value: 82, thresh: 44, preFailure: true },
  { id: 3, name: 'Spin_Up_Time', raw: 0, preFailure: true },
  { id: 5, name: 'Reallocated_Sector_Ct', raw: 0, thresh: 10, preFailure: true },
  { id: 7, name: 'Seek_Error_Rate', raw: 8_594_321_987, value: 79, thresh: 45, preFailure: true },
  { id: 9, name: 'Power_On_Hours', raw: 9121 },
  { id: 187, name: 'Reported_Uncorrect', raw: 0 },
  { id: 188, name: 'Command_Timeout', raw: 4_295_032_833 },
  { id: 190, name: 'Airflow_Temperature_Cel', raw: 689_111_076, value: 64, thresh: 40, text: '36 (Min/Max 28/41)' },
  { id: 194, name: 'Temperature_Celsius', raw: 60_129_542_180, text: '36 (0 14 0 0 0)' },
  { id: 197, name: 'Current_Pending_Sector', raw: 0 },
  { id: 198, name: 'Offline_Uncorrectable', raw: 0 },
  { id: 199, name: 'UDMA_CRC_Error_Count', raw: 0 },
  { id: 240, name: 'Head_Flying_Hours', raw: 178_202_941_465_521, text: '9073h+12m+48.115s' },
];

function head(exitStatus: number, device: SmartJson): SmartJson {
  return {
    json_format_version: [1, 0],
    smartctl: { version: [7, 3], argv: ['smartctl'], exit_status: exitStatus },
    device,
  };
}

/** A SATA disk that turns. `rows` replace rows of the same number or come on top, `more` members of the answer. */
export function hddReading(rows: readonly AttributeRow[] = [], more: SmartJson = {}, exitStatus = 0): SmartJson {
  const all = [...SOUND_HDD.filter(({ id }) => !rows.some((row) => row.id === id)), ...rows];
  return {
    ...head(exitStatus, { name: '/dev/sda', type: 'sat', protocol: 'ATA' }),
    model_name: 'EXAMPLE HDD 4000',
    serial_number: 'MADEUP01',
    rotation_rate: 7200,
    user_capacity: { bytes: 4_000_787_030_016 },
    smart_support: { available: true, enabled: true },
    smart_status: { passed: true },
    ata_smart_attributes: { table: all.map(attributeRow) },
    ata_smart_error_log: { summary: { count: 0 } },
    ata_smart_self_test_log: { standard: { count: 0 } },
    power_on_time: { hours: 9121 },
    temperature: { current: 36 },
    ...more,
  };
}

/** A SATA flash disk with only the rows given. */
export function ssdReading(rows: readonly AttributeRow[], more: SmartJson = {}): SmartJson {
  const table = rows.map(attributeRow);
  return { ...hddReading(), rotation_rate: 0, ata_smart_attributes: { table }, ...more };
}

export function nvmeReading(log: SmartJson = {}, more: SmartJson = {}, exitStatus = 0): SmartJson {
  return {
    ...head(exitStatus, { name: '/dev/nvme0n1', type: 'nvme', protocol: 'NVMe' }),
    model_name: 'EXAMPLE NVME 1000',
    smart_status: { passed: true, nvme: { value: 0 } },
    nvme_smart_health_information_log: {
      critical_warning: 0,
      temperature: 41,
      available_spare: 100,
      available_spare_threshold: 10,
      percentage_used: 4,
      media_errors: 0,
      num_err_log_entries: 811,
      unsafe_shutdowns: 17,
      power_on_hours: 2210,
      ...log,
    },
    temperature: { current: 41 },
    ...more,
  };
}

export function sasReading(more: SmartJson = {}, exitStatus = 0): SmartJson {
  const errors = { total_errors_corrected: 40_021, total_uncorrected_errors: 0 };
  return {
    ...head(exitStatus, { name: '/dev/sdb', type: 'scsi', protocol: 'SCSI' }),
    scsi_model_name: 'EXAMPLE SAS 600',
    rotation_rate: 10_000,
    smart_support: { available: true, enabled: true },
    smart_status: { passed: true },
    scsi_grown_defect_list: 0,
    scsi_error_counter_log: { read: errors, write: errors, verify: errors },
    temperature: { current: 33, drive_trip: 65 },
    ...more,
  };
}

/** An answer without a reading. */
export function refusal(exitStatus: number, message?: string, more: SmartJson = {}): SmartJson {
  const messages = message === undefined ? [] : [{ string: message, severity: 'error' }];
  return { json_format_version: [1, 0], smartctl: { version: [7, 3], messages, exit_status: exitStatus }, ...more };
}
