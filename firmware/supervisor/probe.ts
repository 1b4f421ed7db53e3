import { BoxError, CredentialGuard, systemClock, type AddressGuard } from '../base/index.ts';
import { BlockPool } from '../media/index.ts';
import { probeCamera, ReadBeat } from '../rtsp/index.ts';
import { adviceFor } from '../cameras/index.ts';
import type { BoxPorts } from '../control/index.ts';

const BLOCK_BYTES = 128 * 1024;
const guard = new CredentialGuard(systemClock);

/** Connects to a camera beside whatever is being recorded and says what it sends; rejects with what is wrong with it. */
export function probeVia(addresses: AddressGuard): BoxPorts['probe'] {
  return (target) => probe(target, addresses);
}

async function probe(
  { url, username, password, transport, seconds }: Parameters<BoxPorts['probe']>[0],
  addresses: AddressGuard,
): ReturnType<BoxPorts['probe']> {
  const beat = new ReadBeat();
  await beat.start();
  const pool = new BlockPool({ blockBytes: BLOCK_BYTES, maxFreeBlocks: 8 });
  try {
    const target = { url, transport, ...(username && { user: username, password }) };
    const found = await probeCamera(target, { seconds }, { clock: systemClock, pool, beat, guard, addresses });
    const { video, audio, error } = found;
    if (error) throw error;
    if (!video) throw new BoxError('rtsp.media-stopped', { seconds });
    return {
      reachable: true,
      transport: found.transport ?? transport,
      video: {
        codec: video.codec === 'h264' ? 'H.264' : 'H.265',
        rfc6381: video.rfc6381,
        width: video.width,
        height: video.height,
      },
      fps: video.fps,
      bitsPerSecond: video.bitsPerSecond,
      ...(video.keyFrameIntervalMs === undefined ? {} : { keyFrameIntervalS: video.keyFrameIntervalMs / 1000 }),
      ...(audio && { audio: `${audio.source} ${audio.sampleRate} Hz` }),
      ...(found.clockOffsetMs === undefined ? {} : { clockOffsetS: found.clockOffsetMs / 1000 }),
      packetsLost: found.packetsLost,
      frames: video.frames,
      warnings: [
        ...adviceFor({
          codec: video.codec,
          width: video.width,
          height: video.height,
          fps: video.fps,
          bitsPerSecond: video.bitsPerSecond,
          keyFrameIntervalS: video.keyFrameIntervalMs === undefined ? undefined : video.keyFrameIntervalMs / 1000,
          seconds,
          packetsLost: found.packetsLost,
          transport: found.transport,
          clockOffsetS: found.clockOffsetMs === undefined ? undefined : found.clockOffsetMs / 1000,
        }),
        // What was said above with what to change is not said twice.
        ...found.warnings
          .filter(({ code }) => code !== 'probe.long-gop' && code !== 'probe.clock')
          .map(({ code, text }) => ({ code, text })),
        ...found.notRecorded.map(({ kind, encoding, why }) => ({
          code: 'rtsp.track-not-recorded',
          text: `${kind} ${encoding}: ${why}`,
        })),
      ],
    };
  } finally {
    await beat.stop();
  }
}
