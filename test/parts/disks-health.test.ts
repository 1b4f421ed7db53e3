import { stat } from 'node:fs/promises';
import t from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import { PrivilegedSmartSource } from '../../firmware/disks/index.ts';
import { judgeReading } from '../../firmware/disks/verdict.ts';
import { lookAtDisks, type Privileged } from '../../firmware/privileged/index.ts';
import { DiskHealthPart } from '../../firmware/supervisor/disk-health-part.ts';
import { diskHealthPort } from '../../firmware/supervisor/disk-health-port.ts';
import { Problems } from '../../firmware/telemetry/index.ts';
import { skipWithoutLoopDisks } from '../support/loop-disk.ts';
import { startPrivileged } from '../support/privileged.ts';
import { skipWithout } from '../support/programs.ts';
import { RawDisk } from '../support/raw-disk.ts';
import { hddReading, type SmartJson } from '../support/smart-readings.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HOUR_US = 3600_000_000;

const skip = (await skipWithout('smartctl', 'lsblk')) || (await skipWithoutLoopDisks());

t.test('the real smartctl says of a loop device that it is no disk with SMART', { skip }, async (t) => {
  const disk = await RawDisk.create(t, { bytes: 16 << 20 });
  const { client } = await startPrivileged(t);
  const source = new PrivilegedSmartSource(client);
  for (const type of ['auto', 'sat'] as const) {
    const reading = await source.read(disk.name, type);
    t.equal(reading?.access, type === 'auto' ? 'unsupported' : 'not-opened');
    const { verdict, findings } = judgeReading(reading!);
    t.equal(verdict, 'unknown');
    t.match(findings[0]?.text.en, /\w+ .*\.$/);
  }
  t.equal((await source.read('sdzz', 'auto'))?.access, 'missing');
});

/** The machine's real disks and mounts, with what their SMART says made up: nothing here can make a disk fail. */
function machineWith(answer: () => SmartJson): Pick<Privileged, 'ask'> {
  return {
    ask: async () => {
      const json = JSON.stringify(answer());
      return { exitCode: 0, json } as never;
    },
  };
}

t.test('a failing disk: problem, sparing of its volume, and the answer to people', async (t) => {
  const disks = await lookAtDisks();
  const number = await stat('/var').then(({ dev }) => dev);
  const root = {
    ...disks.find(({ type }) => type === 'disk')!,
    name: 'sda',
    stableId: 'disk-1',
    number: numberOf(number),
    children: [],
  };
  const problems = new Problems(systemClock);
  const spared: unknown[] = [];
  const copied: string[] = [];
  let refusals = 0;
  let hours = 0;
  const clock = { wallUs: () => systemClock.wallUs() + hours * HOUR_US, monoUs: () => hours * HOUR_US };
  let passed = false;
  const part = new DiskHealthPart({
    dataFolder: await tempFolder(t),
    privileged: machineWith(() => hddReading([], { smart_status: { passed } })),
    problems,
    clock,
    volumes: async () => [{ id: 'main', folder: '/var/recordings' }],
    spare: async (volumes) => {
      spared.push(volumes);
    },
    copyOff: async (volume) => {
      if (refusals++ === 0) throw new Error('the jobs are being started again');
      copied.push(volume);
    },
    log: (event, detail) => t.comment(event, detail),
    look: async () => [{ ...root, type: 'disk' }],
  });
  t.teardown(() => part.stop());
  await part.start();
  await part.refresh();
  t.equal(part.fitnessOf('main'), 'avoid');
  t.equal(part.fitnessOf('other'), 'good');
  t.match(spared, [[{ id: 'main', because: /failing/ }]]);
  await part.refresh();
  t.strictSame(copied, ['main'], 'what is on it goes to other disks, once');
  await part.refresh();
  t.strictSame(copied, ['main']);
  t.match(problems.list(), [
    { code: 'disks.failing', subject: 'disk/disk-1', severity: 'error', context: { volumes: ['main'] } },
  ]);
  const report = await diskHealthPort(part, clock.wallUs).list(30);
  t.match(report.disks[0], { id: 'disk-1', verdict: 'failing', temperatureC: 36, volumes: ['main'] });
  t.equal(report.disks[0]?.history.length, 1);

  passed = true;
  hours = 1;
  await part.refresh();
  t.strictSame(problems.list(), [], 'another disk in its place, say');
  t.strictSame(spared.at(-1), []);
  t.equal(part.fitnessOf('main'), 'good');
});

function numberOf(dev: number): string {
  return `${(dev >> 8) & 0xfff}:${dev & 0xff}`;
}
