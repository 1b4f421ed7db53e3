import { findProgram, runProgram } from './programs.ts';

/** What GStreamer's qtdemux hands to a decoder, in seconds of running time (what a player goes by). */
export interface DemuxedTrack {
  readonly buffers: number;
  /** Buffers inside the segments that are presented. */
  readonly presented: number;
  readonly firstS: number;
  readonly lastS: number;
  readonly problems: readonly string[];
}

export const hasGstreamer = async (): Promise<boolean> =>
  (await findProgram('gst-launch-1.0')) !== undefined && (await runProgram('gst-inspect-1.0', ['qtdemux'])).code === 0;

/** Reads one pad of a file (video_0, audio_0) through qtdemux. */
export async function demux(file: string, pad: string): Promise<DemuxedTrack> {
  const chain = ['filesrc', `location=${file}`, '!', 'qtdemux', 'name=d', `d.${pad}`, '!'];
  const sink = ['identity', 'silent=false', '!', 'fakesink'];
  const { stdout, stderr } = await runProgram('gst-launch-1.0', ['-v', ...chain, ...sink], { timeoutMs: 120_000 });
  let base = 0;
  let start = 0;
  let stop = Infinity;
  const times: { runningS: number; presented: boolean }[] = [];
  for (const line of stdout.split('\n')) {
    const segment = /GstSegment.*base=\(guint64\)(\d+).*start=\(guint64\)(\d+).*stop=\(guint64\)(\d+)/.exec(line);
    if (segment) [base, start, stop] = segment.slice(1).map((value) => Number(value) / 1e9) as [number, number, number];
    const buffer = /chain .*pts: (\d+):(\d+):([\d.]+)/.exec(line);
    if (!buffer) continue;
    const pts = Number(buffer[1]) * 3600 + Number(buffer[2]) * 60 + Number(buffer[3]);
    times.push({ runningS: pts - start + base, presented: pts >= start && pts < stop });
  }
  return {
    buffers: times.length,
    presented: times.filter(({ presented }) => presented).length,
    firstS: Math.min(...times.map(({ runningS }) => runningS)),
    lastS: Math.max(...times.map(({ runningS }) => runningS)),
    problems: `${stdout}\n${stderr}`.split('\n').filter((line) => /WARN|ERROR/.test(line)),
  };
}
