import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  opusFormat,
  type AudioFormat,
  type Format,
  type Sample,
  type VideoFormat,
} from '../../firmware/media/index.ts';

/** One encoded track: its format and its samples with their bytes, decode times from 0 on. */
export interface EncodedTrack {
  readonly format: Format;
  readonly samples: readonly (Sample & { readonly bytes: Buffer })[];
}

export interface Recipe {
  readonly video?: {
    codec: 'h264' | 'h265';
    bFrames?: number;
    openGop?: boolean;
    size?: string;
    fps?: number;
    gop?: number;
    bitrate?: string;
  };
  readonly audio?: { codec: 'aac' | 'flac' | 'opus'; rate: number; channels?: 1 | 2 };
  readonly seconds: number;
}

export const hasFfmpeg =
  spawnSync('ffmpeg', ['-version']).status === 0 && spawnSync('ffprobe', ['-version']).status === 0;

/** Moving pictures and a tone from ffmpeg, taken out of the MP4 that ffmpeg itself writes. Video first. */
export function encode(recipe: Recipe): EncodedTrack[] {
  const folder = mkdtempSync(join(tmpdir(), 'encoded-'));
  try {
    const file = join(folder, 'source.mp4');
    execFileSync('ffmpeg', ['-v', 'error', '-y', ...argumentsFor(recipe), '-strict', 'experimental', file]);
    return readTracks(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function argumentsFor({ video, audio, seconds }: Recipe): string[] {
  const inputs: string[] = [];
  const outputs: string[] = ['-t', String(seconds), '-fflags', '+bitexact'];
  if (video) {
    const fps = video.fps ?? 25;
    inputs.push('-f', 'lavfi', '-i', `testsrc2=size=${video.size ?? '320x240'}:rate=${fps}`);
    const gop = video.gop ?? fps;
    outputs.push('-threads', '1', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-video_track_timescale', '90000');
    if (video.bitrate) outputs.push('-b:v', video.bitrate, '-maxrate', video.bitrate, '-bufsize', video.bitrate);
    if (video.codec === 'h264') {
      outputs.push('-c:v', 'libx264', '-g', `${gop}`, '-bf', `${video.bFrames ?? 0}`);
      outputs.push('-x264-params', `open-gop=${video.openGop ? 1 : 0}:scenecut=0:b-adapt=0`);
    } else {
      const options = [
        `keyint=${gop}`,
        `min-keyint=${gop}`,
        `bframes=${video.bFrames ?? 0}`,
        'scenecut=0',
        'log-level=none',
        'pools=1',
      ];
      outputs.push(
        '-c:v',
        'libx265',
        '-tag:v',
        'hvc1',
        '-x265-params',
        `${options.join(':')}:open-gop=${video.openGop ? 1 : 0}`,
      );
    }
  }
  if (audio) {
    inputs.push('-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${audio.rate}`);
    const coder = audio.codec === 'opus' ? 'libopus' : audio.codec;
    outputs.push('-c:a', coder, '-ar', `${audio.rate}`, '-ac', `${audio.channels ?? 1}`);
  }
  return [...inputs, ...outputs];
}

interface ProbedStream {
  index: number;
  codec_type: string;
  codec_name: string;
  width: number;
  height: number;
  time_base: string;
  channels: number;
}

interface ProbedPacket {
  stream_index: number;
  pts: number;
  dts: number;
  duration: number;
  size: string;
  pos: string;
  flags: string;
}

function readTracks(file: string): EncodedTrack[] {
  const output = execFileSync('ffprobe', ['-v', 'error', '-of', 'json', '-show_streams', '-show_packets', file], {
    maxBuffer: 1 << 28,
  });
  const { streams, packets } = JSON.parse(output.toString()) as { streams: ProbedStream[]; packets: ProbedPacket[] };
  const bytes = readFileSync(file);
  return streams.map((stream) => {
    const own = packets.filter(({ stream_index }) => stream_index === stream.index);
    const first = own[0]!.dts;
    const samples = own.map(({ pts, dts, duration, size, pos, flags }) => ({
      dts: dts - first,
      cts: pts - dts,
      duration,
      size: Number(size),
      key: flags.startsWith('K'),
      bytes: Buffer.from(bytes.subarray(Number(pos), Number(pos) + Number(size))),
    }));
    return { format: formatOf(stream, bytes), samples };
  });
}

function formatOf(stream: ProbedStream, file: Buffer): Format {
  const timescale = Number(stream.time_base.split('/')[1]);
  if (stream.codec_type === 'video') {
    const codec = stream.codec_name === 'h264' ? 'h264' : 'h265';
    const config = boxBody(file, codec === 'h264' ? 'avcC' : 'hvcC');
    const { width, height } = stream;
    const rfc6381 = codec === 'h264' ? `avc1.${config.toString('hex', 1, 4).toUpperCase()}` : 'hvc1';
    return { kind: 'video', codec, timescale: 90000, width, height, rfc6381, config } satisfies VideoFormat;
  }
  const common = { kind: 'audio', timescale, sampleRate: timescale, channels: stream.channels } as const;
  if (stream.codec_name === 'flac') {
    const config = boxBody(file, 'dfLa').subarray(8, 42);
    return { ...common, codec: 'flac', rfc6381: 'fLaC', config, source: 'G.711 A-law' } satisfies AudioFormat;
  }
  if (stream.codec_name === 'opus') return opusFormat(stream.channels);
  const esds = boxBody(file, 'esds');
  const at = esds.indexOf(Buffer.from('0580808002', 'hex'));
  const length = at < 0 ? esds[esds.indexOf(Buffer.from('05808080', 'hex')) + 4]! : 2;
  const start = esds.indexOf(Buffer.from('05808080', 'hex')) + 5;
  const config = esds.subarray(start, start + length);
  return { ...common, codec: 'aac', rfc6381: 'mp4a.40.2', config, source: 'AAC-LC' } satisfies AudioFormat;
}

/** The content of the last box of this type, found by its name. */
function boxBody(file: Buffer, type: string): Buffer {
  const at = file.lastIndexOf(type);
  if (at < 0) throw new Error(`no ${type} in what ffmpeg wrote`);
  return Buffer.from(file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4)));
}
