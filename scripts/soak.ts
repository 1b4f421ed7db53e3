/**
 * npm run soak [-- --minutes 30 --cameras 16]: records for long and looks whether memory stays, no picture is lost, and the
 * main thread keeps answering. Ends with 1 if not. Needs about 30 MB of disk per camera and minute.
 *
 * npm run soak -- --window [--minutes 10 --tiles 16 --in-step 9]: the window in Chromium instead: tiles live for so long, then cameras
 * played in step for a minute; lag, drift, pictures that stood still, heap, seeks.
 */
import { parseArgs } from 'node:util';
import { findProgram } from '../test/support/programs.ts';
import { Lab, seconds } from './bench/lab.ts';
import { memoryOf } from './bench/meter.ts';
import { CLIP_FPS } from './bench/media.ts';
import { checkPictures } from './bench/pictures.ts';
import { soakWindow } from './lib/window-soak.ts';

const SAMPLE_S = 10;
/** Compiled code and buffers are in place after this share of the time; what grows later, leaks. */
const SETTLE_SHARE = 0.3;
const MOST_GROWTH_MB_PER_HOUR = 12;
/** In less time a slope says nothing. */
const LEAST_MINUTES_FOR_SLOPE = 10;
const MOST_LOOP_DELAY_MS = 10;
const START_LIMIT_MS = 20_000;

interface Sample {
  readonly hours: number;
  readonly pssMb: number;
  readonly rssMb: number;
  readonly loopDelayMs: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    cameras: { type: 'string', default: '16' },
    window: { type: 'boolean', default: false },
    tiles: { type: 'string', default: '16' },
    'in-step': { type: 'string', default: '9' },
  },
});
const minutes = Number(values.minutes ?? (values.window ? 10 : 30));
const cameras = Number(values.cameras);
if (!(await findProgram('ffmpeg'))) throw new Error('the soak needs ffmpeg and ffprobe');

function say(text: string): void {
  process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

/** Least-squares slope of the memory over time. */
function growthMbPerHour(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, each) => sum + of(each), 0) / samples.length;
  const hours = mean((each) => each.hours);
  const pss = mean((each) => each.pssMb);
  const covariance = mean((each) => (each.hours - hours) * (each.pssMb - pss));
  return covariance / mean((each) => (each.hours - hours) ** 2);
}

async function soak(lab: Lab): Promise<boolean> {
  return lab.with({ cameras, audio: true }, async (farm) => {
    const box = await lab.startBox(farm);
    await box.recording(cameras, START_LIMIT_MS);
    await box.status();
    const samples: Sample[] = [];
    const beganMs = performance.now();
    while (performance.now() - beganMs < minutes * 60_000) {
      await seconds(SAMPLE_S);
      const { loopDelayMsP99: loopDelayMs } = (await box.status()).process;
      const { pssMb, rssMb } = memoryOf([box.pid]);
      samples.push({ hours: (performance.now() - beganMs) / 3_600_000, pssMb, rssMb, loopDelayMs });
      if (samples.length % 6 === 0)
        say(`PSS ${pssMb.toFixed(0)} MB, RSS ${rssMb.toFixed(0)} MB, loop delay ${loopDelayMs.toFixed(1)} ms`);
    }
    await box.stop();
    const pictures = await checkPictures(box, await farm.sent(), CLIP_FPS);
    const settled = samples.slice(Math.floor(samples.length * SETTLE_SHARE));
    const growth = growthMbPerHour(settled);
    const delays = settled.map((each) => each.loopDelayMs).toSorted((a, b) => a - b);
    const middleMs = delays[Math.floor(delays.length / 2)] ?? Number.NaN;
    say(
      `memory: PSS ${settled[0]?.pssMb.toFixed(0)} to ${settled.at(-1)?.pssMb.toFixed(0)} MB, ${growth.toFixed(1)} MB per hour`,
    );
    say(`pictures: ${pictures.recorded} recorded, ${pictures.lost} lost, ${pictures.wrong} wrong`);
    say(
      `main thread event-loop delay p99 per ${SAMPLE_S} s: median ${middleMs.toFixed(1)} ms, worst ${delays.at(-1)?.toFixed(1)} ms`,
    );
    const flat = growth <= MOST_GROWTH_MB_PER_HOUR || minutes < LEAST_MINUTES_FOR_SLOPE;
    return flat && pictures.lost + pictures.wrong === 0 && middleMs <= MOST_LOOP_DELAY_MS;
  });
}

async function soakRecording(): Promise<boolean> {
  const lab = new Lab({ warmUpS: 0, windowS: 0, disk: false, compiledFloor: undefined, say });
  await lab.open();
  try {
    return await soak(lab);
  } finally {
    await lab.close();
  }
}

const good = values.window
  ? await soakWindow({ minutes, tiles: Number(values.tiles), inStep: Number(values['in-step']), say })
  : await soakRecording();
say(good ? 'good' : 'NOT good');
process.exitCode = good ? 0 : 1;
