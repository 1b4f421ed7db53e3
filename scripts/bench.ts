/**
 * npm run bench [-- --quick | --long | --hour]: what recording costs, beside ffmpeg and beside the least that is possible, in one run.
 *
 *     --quick         three minutes, for development: short windows, noisy figures
 *     --long          also records for an hour and counts lost pictures
 *     --hour          only that hour
 *     --disks         only what a million segments over four volumes cost, in two minutes
 *     --cameras N     instead of 32
 *     --ptz           only how long an order to steer takes to the camera
 *     --seal          only what it costs to seal a file
 *     --http          only the web door: 200 live clients and 500 requests a second while 16 cameras are recorded
 *
 * Only ratios within one run count: machines differ, and so do moments. Leave the machine alone meanwhile.
 */
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { findProgram } from '../test/support/programs.ts';
import { measureDisks } from './bench/disks.ts';
import { httpText, underLoad } from './bench/http.ts';
import { Lab, type BoxFigures, type Figures } from './bench/lab.ts';
import { compiledFloor } from './bench/media.ts';
import { startWithMillion } from './bench/million.ts';
import { measurePtz } from './bench/ptz.ts';
import { terminalTable, writeMarkdown } from './bench/report.ts';
import { rowsOf, type Results } from './bench/rows.ts';
import { measureSealing } from './bench/seal.ts';

const NAP_MS = 250;
const HOUR_S = 3600;
const MEDIA_BYTES_PER_S = 520_000;

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    long: { type: 'boolean' },
    hour: { type: 'boolean' },
    disks: { type: 'boolean' },
    http: { type: 'boolean' },
    ptz: { type: 'boolean' },
    seal: { type: 'boolean' },
    cameras: { type: 'string', default: '32' },
  },
});
const cameras = Number(values.cameras);
const fewer = Math.ceil(cameras / 2);
const quick = values.quick === true;
const beganMs = performance.now();

if (values.disks) {
  const rows = await measureDisks(say);
  process.stdout.write(`\n${terminalTable(rows)}\n`);
  process.exit(rows.some(({ verdict }) => verdict === 'missed') ? 1 : 0);
}
if (values.ptz) {
  const { met, text } = await measurePtz(say);
  process.stdout.write(`${text}\n`);
  process.exit(met ? 0 : 1);
}
if (values.seal) {
  process.stdout.write(`${await measureSealing()}\n`);
  process.exit();
}
if (!(await findProgram('ffmpeg'))) throw new Error('the bench needs ffmpeg and ffprobe');
const floorProgram = await compiledFloor(await findProgram('cc'));
if (floorProgram === undefined)
  say('no C compiler: the floor runs in Node, and ratios to it look better than they are');

function say(text: string): void {
  const at = new Date(performance.now() - beganMs).toISOString().slice(14, 19);
  process.stdout.write(`${at} ${text}\n`);
}

async function measure(lab: Lab): Promise<Omit<Results, 'hour'>> {
  // Whatever the first start of a box costs more is over after this.
  await lab.with({ cameras: 2, audio: true }, async (farm) => {
    const box = await lab.startBox(farm);
    await box.recording(2, 20_000);
    await box.stop();
  });
  const floorAwake = await lab.floor({ cameras, audio: true, napMs: 0 });
  const floors: Figures[] = [];
  const ffmpegs: Figures[] = [];
  const boxes: BoxFigures[] = [];
  // Taken in turns, so that a moment of noise does not hit only one of them.
  for (let turn = 0; turn < (quick ? 1 : 2); turn++) {
    floors.push(await lab.floor({ cameras, audio: true, napMs: NAP_MS }));
    ffmpegs.push(await lab.ffmpeg({ cameras, audio: true }));
    boxes.push(await lab.box({ cameras, audio: true }));
  }
  const ffmpegAudio = cheapest(ffmpegs);
  const plain = await lab.box({ cameras, audio: false });
  return {
    cameras,
    fewer,
    floorNap: cheapest(floors),
    floorAwake,
    ffmpegAudio,
    ffmpegPlain: quick ? ffmpegAudio : await lab.ffmpeg({ cameras, audio: false }),
    audio: cheapest(boxes),
    plain,
    watched: await lab.box({ cameras, audio: true, watched: true }),
    udp: await lab.box({ cameras, audio: true, transport: 'udp' }),
    fewerCameras: await lab.box({ cameras: fewer, audio: true, warmUpS: quick ? 4 : 20 }),
    million: await million(lab),
    noDisk: lab.noDisk,
  };
}

function million(lab: Lab): ReturnType<typeof startWithMillion> {
  say('a million segments in the index, then SIGKILL');
  return startWithMillion(lab, cameras, quick ? 5 : 12);
}

/** The machine only ever adds to a cost, so the least of several is nearest to it: for both sides alike. */
function cheapest<T extends Figures>(figures: readonly T[]): T {
  return figures.toSorted((a, b) => a.cpu - b.cpu)[0]!;
}

async function inLab<T>(
  options: { warmUpS: number; windowS: number; disk: boolean },
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const lab = new Lab({ ...options, compiledFloor: floorProgram, say });
  await lab.open();
  try {
    return await work(lab);
  } finally {
    await lab.close();
  }
}

/** An hour of as many of the cameras as the disk has room for. */
async function recordAnHour(): Promise<BoxFigures> {
  const { bavail, bsize } = await statfs(tmpdir());
  const room = Math.floor((bavail * bsize * 0.8) / (HOUR_S * MEDIA_BYTES_PER_S));
  const count = Math.min(cameras, room);
  if (count < cameras) say(`the disk has room for an hour of ${count} cameras only`);
  return inLab({ warmUpS: 5, windowS: HOUR_S, disk: false }, (lab) => lab.box({ cameras: count, audio: true }));
}

if (values.http) {
  const windowS = quick ? 10 : 60;
  const figures = await inLab({ warmUpS: 0, windowS, disk: false }, (lab) => underLoad(lab, 16, windowS));
  process.stdout.write(`${httpText(figures, windowS)}\n`);
  process.exit(figures.pictures.lost === 0 && figures.refused === 0 ? 0 : 1);
}

if (values.hour) {
  const { cpu, memory, pictures } = await recordAnHour();
  const text = `${pictures.lost} of ${pictures.sent} pictures lost in an hour; CPU ${cpu.toFixed(4)} s a camera-minute, PSS ${Math.round(memory.pssMb)} MB`;
  process.stdout.write(`${text}\n`);
  process.exit(pictures.lost === 0 ? 0 : 1);
}

const short = await inLab(
  quick ? { warmUpS: 4, windowS: 8, disk: true } : { warmUpS: 60, windowS: 26, disk: true },
  measure,
);
const results: Results = { ...short, hour: values.long ? await recordAnHour() : undefined };
const rows = rowsOf(results);
process.stdout.write(`\n${terminalTable(rows)}\n\n`);
const command = `npm run bench${process.argv.length > 2 ? ` -- ${process.argv.slice(2).join(' ')}` : ''}`;
const file = await writeMarkdown(rows, results, command, (performance.now() - beganMs) / 60_000);
process.stdout.write(`${file}\n`);
process.exitCode = rows.some(({ verdict }) => verdict === 'missed') ? 1 : 0;
