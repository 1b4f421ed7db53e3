import t from 'tap';
import { DiskDoctor, openDiskHistory } from '../../firmware/disks/index.ts';
import { parseSmart } from '../../firmware/disks/smart-parse.ts';
import type { SmartSource } from '../../firmware/disks/smart-source.ts';
import type { BlockDevice } from '../../firmware/privileged/index.ts';
import { hddReading, refusal, type SmartJson } from '../support/smart-readings.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOUR_MS = 3600_000;

const DISK: BlockDevice = {
  name: 'sda',
  number: '8:0',
  type: 'disk',
  stableId: '0x5000c500aaaa0001',
  sizeBytes: 4e12,
  readOnly: false,
  removable: false,
  rotational: true,
  transport: 'sata',
  model: 'EXAMPLE',
  serial: 'S1',
  fileSystem: '',
  fileSystemUuid: '',
  fileSystemLabel: '',
  partitionTable: '',
  mounts: [],
  children: [],
};

/** A disk that answers what it is told to, by device type, and a clock that goes when it is told to. */
class Ward implements SmartSource {
  answer: Partial<Record<string, SmartJson>> = { auto: hddReading() };
  readonly asked: string[] = [];
  hours = 0;

  async read(device: string, type: string): Promise<ReturnType<typeof parseSmart>> {
    this.asked.push(`${device} ${type}`);
    return parseSmart(JSON.stringify(this.answer[type] ?? refusal(2)));
  }

  readonly clock = {
    wallUs: (): number => Date.UTC(2026, 5, 1) * 1000 + this.hours * HOUR_MS * 1000,
    monoUs: (): number => this.hours * HOUR_MS * 1000,
  };

  doctor(folder: string): DiskDoctor {
    const history = openDiskHistory(folder);
    return new DiskDoctor({ source: this, history, clock: this.clock, everyMs: HOUR_MS, log: () => undefined });
  }
}

const reallocated = (raw: number): SmartJson => hddReading([{ id: 5, name: 'Reallocated_Sector_Ct', raw, thresh: 10 }]);

t.test('a disk is not asked more often than it should be', async (t) => {
  const ward = new Ward();
  const doctor = ward.doctor(await tempFolder(t));
  await doctor.look(DISK);
  ward.hours = 0.9;
  await doctor.look(DISK);
  t.strictSame(ward.asked, ['sda auto']);
  ward.hours = 1.1;
  await doctor.look({ ...DISK, name: 'sdc' });
  t.strictSame(ward.asked, ['sda auto', 'sdc auto'], 'plugged in again under another name');
  t.equal(await doctor.look({ ...DISK, stableId: undefined }), undefined);
});

t.test('growth makes a verdict worse, also over a restart', async (t) => {
  const folder = await tempFolder(t);
  const ward = new Ward();
  ward.answer = { auto: reallocated(1) };
  t.equal((await ward.doctor(folder).look(DISK))?.verdict, 'notice');
  ward.hours = 48;
  ward.answer = { auto: reallocated(2) };
  const health = await ward.doctor(folder).look(DISK);
  t.equal(health?.verdict, 'warning');
  t.match(health?.findings[0]?.text.en, /1 more replaced sectors in 2 days/);
  t.equal(health?.samples.length, 2);
});

t.test('a failing disk is known before it is asked, and stays so when it falls silent', async (t) => {
  const folder = await tempFolder(t);
  const ward = new Ward();
  ward.answer = { auto: hddReading([], { smart_status: { passed: false } }, 8) };
  await ward.doctor(folder).look(DISK);
  const doctor = ward.doctor(folder);
  t.equal((await doctor.recall(DISK))?.verdict, 'failing');
  t.equal(ward.asked.length, 1, 'it was not touched');
  ward.answer = { auto: refusal(2, 'Smartctl open device: /dev/sda failed: No such device') };
  const health = await doctor.look(DISK);
  t.equal(health?.verdict, 'failing');
  t.strictSame(
    health?.findings.map(({ code }) => code),
    ['was-failing', 'was-told-before'],
  );
});

t.test('a disk that never told is unknown; one that sleeps keeps its verdict', async (t) => {
  const ward = new Ward();
  ward.answer = { auto: refusal(1, '/dev/sda: Unable to detect device type') };
  const doctor = ward.doctor(await tempFolder(t));
  const first = await doctor.look(DISK);
  t.strictSame([first?.verdict, first?.findings[0]?.code], ['unknown', 'not-told']);
  ward.hours = 2;
  ward.answer = { auto: reallocated(3) };
  await doctor.look(DISK);
  ward.hours = 4;
  ward.answer = { auto: refusal(3) };
  const asleep = await doctor.look(DISK);
  t.strictSame([asleep?.verdict, asleep?.sleeping, asleep?.findings[0]?.code], ['notice', true, 'reallocated']);
});

t.test('behind a USB bridge that smartctl does not know', async (t) => {
  const ward = new Ward();
  ward.answer = { auto: refusal(1, '/dev/sda: Unknown USB bridge [0x1234:0x5678 (0x100)]'), sat: hddReading() };
  const doctor = ward.doctor(await tempFolder(t));
  const disk = { ...DISK, transport: 'usb' };
  t.equal((await doctor.look(disk))?.verdict, 'ok');
  ward.hours = 2;
  await doctor.look(disk);
  t.strictSame(ward.asked, ['sda auto', 'sda sat', 'sda sat'], 'what worked is remembered');
});
