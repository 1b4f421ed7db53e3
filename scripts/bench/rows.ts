import type { BoxFigures, Figures } from './lab.ts';
import type { MillionFigures } from './million.ts';

/** Everything that was measured. What is absent was not. */
export interface Results {
  readonly cameras: number;
  readonly fewer: number;
  readonly floorNap: Figures;
  readonly floorAwake: Figures;
  readonly ffmpegPlain: Figures;
  readonly ffmpegAudio: Figures;
  readonly plain: BoxFigures;
  readonly audio: BoxFigures;
  readonly watched: BoxFigures;
  readonly udp: BoxFigures;
  readonly fewerCameras: BoxFigures;
  readonly million: MillionFigures;
  readonly hour: BoxFigures | undefined;
  readonly noDisk: string | undefined;
}

/** One line of the table. `worst` is the figure that is held against the two limits; undefined: nothing to judge. */
export interface Row {
  readonly measure: string;
  readonly figure: string;
  readonly must: string;
  readonly aim: string;
  readonly verdict: 'aim' | 'must' | 'missed' | '';
}

interface Limits {
  readonly value: number;
  readonly must: number;
  readonly aim: number;
}

export function rowsOf(results: Results): Row[] {
  return [
    ...cpuRows(results),
    ...memoryRows(results),
    ...byteRows(results),
    ...lossRows(results),
    ...delayRows(results),
  ];
}

function cpuRows(results: Results): Row[] {
  const { ffmpegAudio, ffmpegPlain, floorNap, floorAwake, audio, plain, watched, udp } = results;
  // The floor is what the machine itself takes for receiving and writing (new memory for the page cache above all), from everybody.
  const own = (box: Figures, ffmpeg: Figures, floor: Figures): string =>
    box.cpu > floor.cpu ? `; above the floor ${ratio(box.cpu - floor.cpu, ffmpeg.cpu - floor.cpu)}` : '';
  const against = (box: Figures, ffmpeg: Figures, floor: Figures): string =>
    `${box.cpu.toFixed(4)} s per camera-minute = ${ratio(box.cpu, ffmpeg.cpu)} of ffmpeg (${ffmpeg.cpu.toFixed(3)}), ` +
    `${ratio(box.cpu, floor.cpu)} x the floor (${floor.cpu.toFixed(4)})${own(box, ffmpeg, floor)}`;
  const row = (measure: string, figure: string, limits: Limits): Row => judged(measure, figure, limits, share);
  const quiet = { must: 1 / 4, aim: 1 / 8 };
  return [
    row('CPU, nobody watching, with AAC sound', against(audio, ffmpegAudio, floorNap), {
      value: audio.cpu / ffmpegAudio.cpu,
      ...quiet,
    }),
    row('CPU, nobody watching, picture only', against(plain, ffmpegPlain, floorNap), {
      value: plain.cpu / ffmpegPlain.cpu,
      ...quiet,
    }),
    judged(
      '... against the floor, reading alike',
      `${ratio(audio.cpu, floorNap.cpu)} with sound, ${ratio(plain.cpu, floorNap.cpu)} without`,
      {
        value: audio.cpu / floorNap.cpu,
        must: Infinity,
        aim: 2,
      },
      times,
    ),
    row('CPU, a live reader on each stream', against(watched, ffmpegAudio, floorAwake), {
      value: watched.cpu / ffmpegAudio.cpu,
      must: 1 / 3,
      aim: 1 / 5,
    }),
    row('CPU over UDP', against(udp, ffmpegAudio, floorAwake), {
      value: udp.cpu / ffmpegAudio.cpu,
      must: 2 / 3,
      aim: 1 / 2,
    }),
  ];
}

function memoryRows({ ffmpegAudio, audio, fewerCameras, cameras, fewer }: Results): Row[] {
  const { pssMb, rssMb } = audio.memory;
  const other = ffmpegAudio.memory.pssMb;
  const each = (pssMb - fewerCameras.memory.pssMb) / (cameras - fewer);
  return [
    judged(
      'memory (PSS), continuous mode',
      `${pssMb.toFixed(0)} MB (RSS ${rssMb.toFixed(0)}) = ${ratio(pssMb, other)} of ffmpeg (${other.toFixed(0)})`,
      { value: pssMb / other, must: 1 / 3, aim: 0.3 },
      share,
    ),
    judged(
      'memory per further camera',
      `${each.toFixed(2)} MB (${fewer} cameras: ${fewerCameras.memory.pssMb.toFixed(0)} MB)`,
      { value: each, must: 2, aim: 1 },
      (limit) => `${limit} MB`,
    ),
  ];
}

function byteRows({ audio, noDisk }: Results): Row[] {
  const { writtenRatio, deviceRatio } = audio;
  const device = 'bytes to the device / media bytes';
  const limits = { must: 1.08, aim: 1.03 };
  return [
    judged(
      'bytes written by calls / media bytes',
      writtenRatio.toFixed(4),
      { value: writtenRatio, must: 1.01, aim: 1.003 },
      String,
    ),
    deviceRatio === undefined
      ? unmeasured(device, `not measured: ${noDisk ?? 'no disk of its own'}`, limits)
      : judged(device, `${deviceRatio.toFixed(4)} (recovery point 2 s)`, { value: deviceRatio, ...limits }, String),
  ];
}

function lossRows({ million, plain, audio, watched, udp, hour }: Results): Row[] {
  const { tailS, lost } = million.killed;
  const worst = tailS.at(-1) ?? Number.NaN;
  const middle = tailS[Math.floor(tailS.length / 2)] ?? Number.NaN;
  const runs = [plain, audio, watched, udp, ...(hour ? [hour] : [])].map(({ pictures }) => pictures);
  const gone = runs.reduce((sum, pictures) => sum + pictures.lost + pictures.wrong, 0);
  const recorded = runs.reduce((sum, pictures) => sum + pictures.recorded, 0);
  const span = hour ? 'with the long run' : 'in all runs';
  return [
    judged(
      'lost on SIGKILL, per camera (min/med/max)',
      `${[tailS[0] ?? Number.NaN, middle, worst].map((each) => each.toFixed(2)).join(' / ')} s, ${lost} pictures before that`,
      { value: worst, must: 1.5, aim: 1 },
      (limit) => `${limit} s`,
    ),
    unmeasured('lost on a power cut, per camera', 'npm run torture measures it', { must: 2, aim: 1.5 }),
    judged(`pictures lost ${span}`, `${gone} of ${recorded + gone}`, { value: gone, must: 0, aim: 0 }, String),
  ];
}

function delayRows({ audio, million, cameras }: Results): Row[] {
  const ms = (limit: number): string => `${limit} ms`;
  return [
    judged(
      'main thread event-loop delay p99',
      `${audio.loopDelayMs.toFixed(1)} ms over its sampling interval (record thread ${audio.recordLoopDelayMs.toFixed(1)} ms)`,
      { value: audio.loopDelayMs, must: 10, aim: 2 },
      ms,
    ),
    judged(
      'start of process to first camera recording',
      ms(Math.round(audio.firstMs)),
      { value: audio.firstMs, must: 2000, aim: 1000 },
      ms,
    ),
    judged(
      `start to all ${cameras} recording, a million segments in the index`,
      `${Math.round(million.allMs)} ms (the first after ${Math.round(million.firstMs)} ms)`,
      { value: million.allMs, must: 5000, aim: 3000 },
      ms,
    ),
  ];
}

export function judged(measure: string, figure: string, limits: Limits, words: (limit: number) => string): Row {
  const { value, must, aim } = limits;
  const verdict = value <= aim ? 'aim' : value <= must ? 'must' : 'missed';
  return { measure, figure, must: must === Infinity ? '' : `<= ${words(must)}`, aim: `<= ${words(aim)}`, verdict };
}

function unmeasured(measure: string, figure: string, limits: { must: number; aim: number }): Row {
  return { measure, figure, must: `<= ${limits.must}`, aim: `<= ${limits.aim}`, verdict: '' };
}

function ratio(a: number, b: number): string {
  return (a / b).toFixed(3);
}

function share(limit: number): string {
  return limit.toFixed(3).replace(/0+$/, '');
}

function times(limit: number): string {
  return `${limit} x`;
}
