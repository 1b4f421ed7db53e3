/** The part of `node-rtsp-stream` that the box uses: it starts ffmpeg and hands on what that writes. */
declare module 'node-rtsp-stream/mpeg1muxer.js' {
  import type { ChildProcessWithoutNullStreams } from 'node:child_process';
  import type { EventEmitter } from 'node:events';

  interface MuxerOptions {
    /** What stands behind `-i`. */
    readonly url: string;
    readonly ffmpegPath: string;
    /** Options of the output; an empty value is an option without one. */
    readonly ffmpegOptions: Readonly<Record<string, string>>;
  }

  class Mpeg1Muxer extends EventEmitter<{ mpeg1data: [Buffer]; ffmpegStderr: [Buffer]; exitWithError: [] }> {
    constructor(options: MuxerOptions);
    /** The child. */
    stream: ChildProcessWithoutNullStreams;
    readonly spawnOptions: readonly string[];
  }
  export default Mpeg1Muxer;
}
