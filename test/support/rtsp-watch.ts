import { BoxError, CameraAddresses, systemClock } from '../../firmware/base/index.ts';
import { BlockPool, type AudioFormat } from '../../firmware/media/index.ts';
import {
  ReadBeat,
  resolveTarget,
  RtspSession,
  type CameraTarget,
  type MediaDescription,
  type RtspDeps,
  type SessionFigures,
  type SessionLimits,
} from '../../firmware/rtsp/index.ts';

/** What a session saw until it had enough or ended by itself. */
export interface Watched {
  readonly video: number;
  readonly audio: number;
  /** Of the newest sound. */
  readonly sound: AudioFormat | undefined;
  readonly notes: readonly string[];
  readonly tracks: readonly MediaDescription[];
  readonly transport: string;
  readonly figures: SessionFigures | undefined;
  /** The reason for which it ended by itself. */
  readonly error: BoxError | undefined;
}

export interface WatchOptions {
  /** Enough: so many video frames (default 5) and audio frames (default 0). */
  readonly video?: number;
  readonly audio?: number;
  readonly limits?: Partial<SessionLimits>;
  readonly awake?: boolean;
  /** Enough only when this holds too; asked with each video frame. */
  readonly until?: () => boolean;
  /** Called with each video frame's number, from 1. */
  readonly onVideo?: (count: number, session: RtspSession) => void;
}

export async function makeDeps(): Promise<RtspDeps & { beat: ReadBeat }> {
  const beat = new ReadBeat({ napMs: 60 });
  await beat.start();
  // Poisoned, so that frames read after their release show.
  const addresses = new CameraAddresses({ networks: [], ownPorts: [], loopback: true });
  return {
    beat,
    addresses,
    clock: systemClock,
    pool: new BlockPool({ blockBytes: 65536, maxFreeBlocks: 8, poison: true }),
  };
}

/** Runs a session until it has received enough, or ends by itself. */
export async function watch(target: CameraTarget, deps: RtspDeps, options: WatchOptions = {}): Promise<Watched> {
  const done = new AbortController();
  const seen = { video: 0, audio: 0 };
  const notes: string[] = [];
  let tracks: readonly MediaDescription[] = [];
  let sound: AudioFormat | undefined;
  const enough = { video: options.video ?? 5, audio: options.audio ?? 0 };
  const session: RtspSession = new RtspSession(
    resolveTarget(target),
    deps,
    {
      description: () => undefined,
      playing: (playing) => (tracks = playing),
      frame: ({ format }) => {
        seen[format.kind]++;
        if (format.kind === 'audio') sound = format;
        if (format.kind === 'video') options.onVideo?.(seen.video, session);
        const counted = seen.video >= enough.video && seen.audio >= enough.audio;
        if (counted && (options.until?.() ?? true)) done.abort();
      },
      note: (code) => notes.push(code),
    },
    { awake: options.awake ?? false, ...(options.limits && { limits: options.limits }) },
  );
  let error: BoxError | undefined;
  try {
    await session.run(done.signal);
  } catch (failure) {
    if (!(failure instanceof BoxError)) throw failure;
    error = failure;
  }
  const { figures, transport } = session;
  return { ...seen, sound, notes, tracks, transport, figures, error };
}
