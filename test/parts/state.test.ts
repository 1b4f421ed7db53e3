import { mkdir, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { systemClock } from '../../firmware/base/index.ts';
import { History } from '../../firmware/state/history.ts';
import { metricsText, SystemState, type StreamSight, type TerminalChange } from '../../firmware/state/index.ts';
import { readIdentity } from '../../firmware/state/machine-identity.ts';
import { machineState } from '../../firmware/state/machine-rates.ts';
import { KERNEL, readMachine } from '../../firmware/state/machine-reading.ts';
import { tempFolder } from '../support/temp-folder.ts';

const START_US = Date.UTC(2026, 4, 1) * 1000;
const HOUR_US = 3_600_000_000;

async function openHistory(folder: string): Promise<History> {
  const history = new History(folder);
  await history.open();
  return history;
}

t.test('figures are found again at the resolution of their age, after a restart as well', async (t) => {
  const folder = join(await tempFolder(t, 'state'), 'history');
  let history = await openHistory(folder);
  const steps = 3 * 360;
  for (let step = 0; step < steps; step++) {
    await history.add(START_US + step * 10e6, new Map([['cpu.percent', step % 60], ['load', 1]])); // prettier-ignore
    if (step === 500) {
      await history.close();
      history = await openHistory(folder);
    }
  }
  const nowUs = START_US + steps * 10e6;
  const read = (fromUs: number, toUs: number, points = 2000) =>
    history.read({ series: 'cpu.percent', fromUs, toUs, points }, nowUs);
  const fine = await read(START_US, nowUs);
  t.equal(fine.stepS, 10);
  // The newest is not yet a whole point.
  t.equal(fine.points.length, steps - 1);
  t.strictSame(fine.points[61], { atUs: START_US + 610e6, mean: 1, max: 1 });
  t.match(await read(START_US + 500e6, START_US + 530e6), { points: [{ mean: 50 }, { mean: 51 }, { mean: 52 }] });
  const open = await read(START_US, nowUs + 40 * HOUR_US);
  t.ok(open.points.length > 100, 'a span that ends long after now holds what was until now');
  const coarse = await read(START_US - 20 * HOUR_US, nowUs, 60);
  t.ok(coarse.points.length <= 60);
  t.ok(coarse.points.every(({ mean, max }) => mean >= 0 && max <= 59 && max >= mean));
  t.strictSame((await history.read({ series: 'nobody', fromUs: 0, toUs: nowUs, points: 10 }, nowUs)).points, []);
  const year = await history.read(
    { series: 'load', fromUs: START_US - 300 * 24 * HOUR_US, toUs: nowUs, points: 2000 },
    nowUs,
  );
  t.equal(year.stepS, 21_600);
  t.strictSame(history.names(), ['cpu.percent', 'load']);
});

t.test('the files never grow past their size, and old laps are not taken for new ones', async (t) => {
  const folder = join(await tempFolder(t, 'state'), 'history');
  const history = await openHistory(folder);
  for (let step = 0; step < 3000; step++) await history.add(START_US + step * 100e6, new Map([['load', step]]));
  await history.flush();
  const sizes = async (): Promise<number[]> => {
    const rings = (await readdir(folder)).filter((name) => name.endsWith('.ring'));
    return Promise.all(rings.map(async (name) => (await stat(join(folder, name))).size));
  };
  const [before, nowUs] = [await sizes(), START_US + 3300 * 100e6];
  t.ok(before.reduce((sum, size) => sum + size, 0) < 25e6, before.join(' '));
  for (let step = 3000; step < 3300; step++) await history.add(START_US + step * 100e6, new Map([['load', step]]));
  const { points } = await history.read(
    { series: 'load', fromUs: nowUs - 5 * HOUR_US, toUs: nowUs, points: 2000 },
    nowUs,
  );
  t.ok(points.every(({ atUs, mean }) => Math.abs(START_US + mean * 100e6 - atUs) < 100e6));
  t.ok(points.length > 150);
});

t.test('more series get more room, and keep what they had', async (t) => {
  const folder = join(await tempFolder(t, 'state'), 'history');
  const history = await openHistory(folder);
  const figures = (count: number): Map<string, number> =>
    new Map(Array.from({ length: count }, (_, i) => [`camera.c${i}.main.bits`, i]));
  for (let step = 0; step < 100; step++) await history.add(START_US + step * 10e6, figures(200));
  for (let step = 100; step < 200; step++) await history.add(START_US + step * 10e6, figures(300));
  const nowUs = START_US + 200 * 10e6;
  const count = async (series: string): Promise<number> =>
    (await history.read({ series, fromUs: START_US, toUs: nowUs, points: 2000 }, nowUs)).points.length;
  t.equal(await count('camera.c7.main.bits'), 199);
  t.equal(await count('camera.c299.main.bits'), 99);
  await history.add(nowUs, figures(5000));
  t.equal(history.names().length, 2048, 'and no more than there may be');
});

t.test('a damaged history costs what is damaged', async (t) => {
  const folder = join(await tempFolder(t, 'state'), 'history');
  const history = await openHistory(folder);
  for (let step = 0; step < 100; step++) await history.add(START_US + step * 10e6, new Map([['load', step]]));
  await history.close();
  await truncate(join(folder, '10s.ring'), 5000);
  const again = await openHistory(folder);
  const wanted = { series: 'load', fromUs: START_US, toUs: START_US + 1e9, points: 2000 };
  t.ok((await again.read(wanted, START_US + 1e9)).points.length < 100);
  await writeFile(join(folder, 'series.json'), '{"capacity":');
  const anew = await openHistory(folder);
  t.strictSame((await anew.read(wanted, START_US + 1e9)).points, []);
  await anew.add(START_US, new Map([['load', 1]]));
  await anew.close();
});

t.test('the machine is read from the files of its kernel', async (t) => {
  const folder = await tempFolder(t, 'kernel');
  const [proc, sys] = [join(folder, 'proc'), join(folder, 'sys')];
  await mkdir(join(proc, 'net'), { recursive: true });
  await mkdir(join(sys, 'class/thermal/thermal_zone0'), { recursive: true });
  await writeFile(join(sys, 'class/thermal/thermal_zone0/type'), 'cpu-thermal\n');
  await writeFile(join(sys, 'class/thermal/thermal_zone0/temp'), '51200\n');
  const write = async (at: number): Promise<void> => {
    await writeFile(join(proc, 'stat'), `cpu  ${100 * at} 0 ${100 * at} ${600 * at} 0 0 0 0 0 0\ncpu0 1\ncpu1 1\n`);
    await writeFile(join(proc, 'meminfo'), 'MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\n');
    await writeFile(join(proc, 'loadavg'), '0.50 0.40 0.30 1/2 3\n');
    await writeFile(
      join(proc, 'net/dev'),
      `h|h\n lo: 1 1 1 1 1 1 1 1 1 1\n eth0: ${5000 * at} 1 0 0 0 0 0 0 ${1000 * at} 1 0\n`,
    );
    const counters = `1 0 ${20 * at} 0 1 0 ${40 * at} 0 0 ${500 * at} 0`;
    await writeFile(join(proc, 'diskstats'), `8 0 sda ${counters}\n 8 1 sda1 ${counters}\n 7 0 loop0 ${counters}\n`);
  };
  await write(1);
  const before = await readMachine({ proc, sys }, 0);
  await write(2);
  t.match(machineState(await readMachine({ proc, sys }, 1e6), before), {
    cpuPercent: 25,
    cores: 2,
    load: [0.5, 0.4, 0.3],
    memoryBytes: 1_024_000,
    availableBytes: 256_000,
    temperatureC: 51.2,
    networks: [{ name: 'eth0', receivedBytesPerS: 5000, sentBytesPerS: 1000 }],
    disks: [{ device: 'sda', readBytesPerS: 10_240, writtenBytesPerS: 20_480, busyPercent: 50 }],
  });
  const own = machineState(await readMachine(KERNEL, 0), undefined);
  t.ok(own.memoryBytes > own.availableBytes && own.cores > 0);
});

t.test('the machine says what it is, through a process of its own', async (t) => {
  const identity = await readIdentity(new AbortController().signal);
  t.ok(identity && identity.kernel.length > 0 && identity.cores > 0, JSON.stringify(identity));
  const stopping = new AbortController();
  const early = readIdentity(stopping.signal);
  stopping.abort();
  t.equal(await early, undefined);
});

t.test('now, changes and the text for Prometheus', async (t) => {
  const changes: TerminalChange[] = [];
  const sight: StreamSight = {
    camera: 'yard',
    name: 'Yard "1"',
    stream: 'main',
    connection: 'playing',
    recording: 'recording',
    faulty: false,
    bitsPerSecond: 2e6,
    packetsLost: 3,
    frames: 100,
  };
  const state = new SystemState({
    folder: join(await tempFolder(t, 'state'), 'history'),
    clock: systemClock,
    sights: async () => [sight],
    changed: (change) => changes.push(change),
    log: (event, detail) => t.comment(event, detail),
  });
  t.teardown(() => state.stop());
  await state.start();
  for (let look = 0; look < 3; look++) await state.look();
  t.match(changes, [{ camera: 'yard', from: undefined, to: 'recording', counts: { online: 1, recording: 1 } }]);
  t.match(state.now, {
    streams: [{ camera: 'yard', lost: 3 }],
    machine: { cores: Number },
    process: { rssBytes: Number },
  });
  const text = await metricsText(state.now, state.terminals.counts, '1.2.3');
  t.match(text, /^# HELP ipvs_info /m);
  t.match(text, /^ipvs_stream_bits_per_second\{camera="yard",stream="main"\} 2000000$/m);
  t.match(text, /^ipvs_terminals\{state="recording"\} 1$/m);
  for (const line of text.trimEnd().split('\n')) t.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{.*\})? -?[\d.e+-]+|)$/);
  await state.stop();
});
