import { readDeviceStatistics, type DeviceStatistics } from './device-statistics.ts';
import { exitBits } from './exit-status.ts';
import { Fields } from './json-fields.ts';
import { isTemperature, named, readAttributes } from './smart-attributes.ts';
import { readErrorLog, readSelfTests } from './smart-logs.ts';
import type {
  Access,
  KeyFigures,
  NvmeHealth,
  ScsiHealth,
  SmartAttribute,
  SmartReading,
  Temperature,
} from './smart-reading.ts';
import { wearOf } from './ssd-wear.ts';

/** The largest real answers are near 100 kB. */
const MAX_SMART_BYTES = 4 * 1024 * 1024;
/** Below and above it is no temperature of a disk that works. */
const PLAUSIBLE_C = { min: -40, max: 125 };
/** The exit status that the box asks smartctl to give for a disk that sleeps; of its own accord it never gives it. */
const SLEEPING_STATUS = 3;

/** What is known besides the text. */
export interface ParseHints {
  /** The exit status of the process, if the text does not have it. */
  readonly exitStatus?: number | undefined;
  readonly timedOut?: boolean;
}

/**
 * Reads what `smartctl --json` printed. Never throws: the text comes through a disk's firmware, a bridge and a program of many
 * versions, so everything may be missing, odd or hostile. What cannot be read is absent.
 */
export function parseSmart(text: string, hints: ParseHints = {}): SmartReading {
  const json = jsonOf(text);
  const root = new Fields(json);
  const program = root.object('smartctl');
  const exitStatus = (program.count('exit_status') ?? hints.exitStatus ?? 0) & 0xff;
  const attributes = readAttributes(root.object('ata_smart_attributes').list('table'));
  const nvme = readNvme(root);
  const statistics = readDeviceStatistics(root);
  const scsi = readScsi(root);
  const hours = root.object('power_on_time').count('hours') ?? nvmeLog(root).count('power_on_hours');
  const selfTests = readSelfTests(root);
  const errorLog = readErrorLog(root, hours);
  const temperature = readTemperature(root, attributes, statistics);
  const messages = program.list('messages').flatMap((each) => each.text('string') ?? []);
  const passed = root.object('smart_status').flag('passed');
  const told = { passed, attributes, nvme, scsi };
  const reading = {
    kind: kindOf(root, told),
    type: root.object('device').text('type'),
    medium: mediumOf(root, attributes),
    model: root.text('model_name') ?? root.text('scsi_model_name') ?? scsiName(root),
    family: root.text('model_family'),
    serial: root.text('serial_number'),
    firmware: root.text('firmware_version') ?? root.text('scsi_revision'),
    capacityBytes: root.object('user_capacity').count('bytes') ?? root.count('nvme_total_capacity'),
    exitStatus,
    exit: exitBits(exitStatus),
    ...told,
    temperature,
    selfTests,
    errorLog,
    messages,
  };
  const figures = {
    ...ataFigures(attributes, statistics, root),
    ...otherFigures(nvme, scsi),
    ...definedOnly({
      errorLog: errorLog?.count,
      selfTestFailures: selfTests?.failures,
      temperatureC: temperature.currentC,
      hours,
    }),
  };
  return { ...reading, figures, access: accessOf(root, reading, hints) };
}

function jsonOf(text: string): unknown {
  if (text.length > MAX_SMART_BYTES) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** SCSI disks have the maker in a field of its own; which names smartctl gives the two has changed over its versions. */
function scsiName(root: Fields): string | undefined {
  const maker = root.text('scsi_vendor') ?? root.text('vendor');
  const product = root.text('scsi_product') ?? root.text('product');
  return [maker, product].filter((word) => word !== undefined).join(' ') || undefined;
}

function kindOf(root: Fields, told: Pick<SmartReading, 'attributes' | 'nvme' | 'scsi'>): SmartReading['kind'] {
  if (told.nvme) return 'nvme';
  if (told.attributes.length > 0) return 'ata';
  const protocol = root.object('device').text('protocol')?.toLowerCase();
  if (protocol === 'nvme' || protocol === 'ata' || protocol === 'scsi') return protocol;
  return told.scsi ? 'scsi' : 'unknown';
}

function mediumOf(root: Fields, attributes: readonly SmartAttribute[]): SmartReading['medium'] {
  if (nvmeLog(root).present || root.object('device').text('protocol') === 'NVMe') return 'ssd';
  const rpm = root.count('rotation_rate');
  if (rpm !== undefined) return rpm > 1 ? 'hdd' : 'ssd';
  // Only disks that turn have a spin-up time.
  return attributes.some(({ id }) => id === 3) ? 'hdd' : undefined;
}

function accessOf(
  root: Fields,
  reading: Pick<SmartReading, 'passed' | 'attributes' | 'nvme' | 'scsi' | 'exitStatus' | 'exit' | 'messages'>,
  hints: ParseHints,
): Access {
  const support = root.object('smart_support');
  const { passed, attributes, nvme, scsi, messages } = reading;
  const detail = attributes.length > 0 || nvme !== undefined || scsi !== undefined;
  // Bridges that know no SMART still pass on "passed", which then means nothing; a bad word is believed from anybody.
  if (detail || passed === false || (passed && support.flag('available') !== false)) return 'read';
  if (hints.timedOut) return 'timed-out';
  if (!root.present) return 'not-understood';
  const words = messages.join('\n');
  const says = (pattern: RegExp): boolean => pattern.test(words);
  // smartctl says SLEEP of every disk that does not answer the question for its power mode: a dying one must not pass for a sleeper.
  if (says(/\bis in sleep mode\b/i)) return 'not-opened';
  if (reading.exitStatus === SLEEPING_STATUS || says(/\bis in (?:standby|idle)\w*\b.*\bmode\b/i)) return 'sleeping';
  if (says(/permission denied|operation not permitted|errno=(?:1|13)\b/i)) return 'denied';
  if (says(/usb bridge|specify device type with the -d option/i)) return 'bridge-unknown';
  if (says(/no such (?:device|file)/i)) return 'missing';
  if (support.flag('available') === false) return 'unsupported';
  if (support.flag('enabled') === false) return 'disabled';
  if (reading.exit.notOpened) return 'not-opened';
  return root.object('smartctl').present ? 'unsupported' : 'not-understood';
}

function nvmeLog(root: Fields): Fields {
  const log = root.object('nvme_smart_health_information_log');
  return log.present ? log : root.object('nvme_smart_health_log');
}

function readNvme(root: Fields): NvmeHealth | undefined {
  const log = nvmeLog(root);
  const bits = root.object('smart_status').object('nvme').count('value');
  if (!log.present && !bits) return undefined;
  return {
    criticalWarning: log.count('critical_warning') ?? bits,
    sparePercent: log.count('available_spare'),
    spareThresholdPercent: log.count('available_spare_threshold'),
    usedPercent: log.count('percentage_used'),
    mediaErrors: log.count('media_errors'),
    unsafeShutdowns: log.count('unsafe_shutdowns'),
    warningTemperatureMinutes: log.count('warning_temp_time'),
    criticalTemperatureMinutes: log.count('critical_comp_time'),
  };
}

function readScsi(root: Fields): ScsiHealth | undefined {
  const counters = root.object('scsi_error_counter_log');
  const errors = (name: string): number | undefined => counters.object(name).count('total_uncorrected_errors');
  const [read, write, verify] = [errors('read'), errors('write'), errors('verify')];
  const uncorrected =
    read === undefined && write === undefined && verify === undefined
      ? undefined
      : { read: read ?? 0, write: write ?? 0, verify: verify ?? 0 };
  const health: ScsiHealth = {
    grownDefects: root.count('scsi_grown_defect_list'),
    uncorrected,
    usedPercent:
      root.count('scsi_percentage_used_endurance_indicator') ??
      (isScsi(root) ? root.object('endurance_used').count('current_percent') : undefined),
    senseCode: root.object('smart_status').object('scsi').count('asc'),
    pendingDefects: root.object('scsi_pending_defects').count('count'),
  };
  return Object.values(health).some((value) => value !== undefined) ? health : undefined;
}

function isScsi(root: Fields): boolean {
  return root.object('device').text('protocol') === 'SCSI';
}

function readTemperature(
  root: Fields,
  attributes: readonly SmartAttribute[],
  statistics: DeviceStatistics,
): Temperature {
  const given = root.object('temperature');
  const nvme = root.object('nvme_composite_temperature_threshold');
  const attribute = [194, 190].map((id) => attributes.find((each) => each.id === id && isTemperature(each)));
  const packed = attribute.find((each) => each?.raw !== undefined)?.raw;
  return {
    currentC:
      plausible(given.number('current')) ??
      plausible(nvmeLog(root).number('temperature')) ??
      plausible(packed === undefined ? undefined : packed % 256),
    recommendedMaxC: plausible(given.number('op_limit_max')) ?? plausible(nvme.number('warning')),
    limitMaxC:
      plausible(given.number('limit_max')) ??
      plausible(given.number('drive_trip')) ??
      plausible(nvme.number('critical')) ??
      plausible(statistics.maxTemperatureC),
    limitMinC: plausible(given.number('limit_min'), true) ?? plausible(statistics.minTemperatureC, true),
    lifetimeMaxC: plausible(given.number('lifetime_max')),
  };
}

/** 0 stands for "not told" everywhere but among the lower limits. */
function plausible(celsius: number | undefined, zeroCounts = false): number | undefined {
  if (celsius === undefined || (celsius === 0 && !zeroCounts)) return undefined;
  return celsius >= PLAUSIBLE_C.min && celsius <= PLAUSIBLE_C.max ? celsius : undefined;
}

/** Figures of attributes; where a maker means something else by the number, the standard statistics of the disk step in. */
function ataFigures(attributes: readonly SmartAttribute[], statistics: DeviceStatistics, root: Fields): KeyFigures {
  const figure = (id: number, name: RegExp): number | undefined => named(attributes, id, name)?.figure;
  const pendingLog = root.object('ata_pending_defects_log').count('count');
  const pending = figure(197, /pending_sector/i) ?? statistics.candidates;
  const events = figure(196, /reallocat/i);
  return definedOnly({
    reallocated: figure(5, /realloc|retired|bad_bl(?:oc)?k|later_bad/i) ?? statistics.reallocated ?? events,
    pending: pending === undefined && pendingLog === undefined ? undefined : Math.max(pending ?? 0, pendingLog ?? 0),
    uncorrectable: figure(198, /uncor/i),
    reported: figure(187, /uncor|reported_ue/i) ?? statistics.reported,
    crc: figure(199, /crc/i) ?? statistics.crc,
    timeouts: figure(188, /timeout/i),
    wearPercent: root.object('endurance_used').count('current_percent') ?? statistics.wearPercent ?? wearOf(attributes),
  });
}

function otherFigures(nvme: NvmeHealth | undefined, scsi: ScsiHealth | undefined): KeyFigures {
  const lost = scsi?.uncorrected;
  return definedOnly({
    mediaErrors: nvme?.mediaErrors,
    sparePercent: nvme?.sparePercent,
    hotMinutes: nvme?.criticalTemperatureMinutes,
    grownDefects: scsi?.grownDefects,
    uncorrectedIo: lost && lost.read + lost.write + lost.verify,
    ...definedOnly({ wearPercent: nvme?.usedPercent ?? scsi?.usedPercent, pending: scsi?.pendingDefects }),
  });
}

function definedOnly(figures: { readonly [K in keyof KeyFigures]: number | undefined }): KeyFigures {
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}
