import type { BoxError } from '../base/index.ts';
import type { AudioFormat, Frame, VideoFormat } from '../media/index.ts';
import type { SessionFigures } from './attempt.ts';
import type { MediaDescription, SessionDescription } from './description.ts';
import type { ProbeReport, ProbeWarning } from './probe-report.ts';

const LONG_GOP_MS = 4_500;
const LARGE_CLOCK_OFFSET_MS = 5_000;

/** What notes mean for people. A note without words here is shown by its code. */
const NOTE_TEXTS: Readonly<Record<string, string>> = {
  'rtsp.basic-login': 'The camera takes the password only in readable form; allow digest login in the camera.',
  'rtsp.transport-changed': 'The camera did not serve the transport that is set; another one is used.',
  'rtsp.track-refused': 'The camera offers a track that it then refuses.',
  'rtsp.channel-twice': 'The camera gave the same channel to two tracks.',
  'rtsp.redirect-followed': 'The camera sent the box to another address; enter that one as the URL.',
  'rtsp.keep-alive-unanswered': 'The camera does not answer the requests that keep its session alive.',
};

/** Collects what a probe sees. */
export class ProbeWitness {
  description: SessionDescription | undefined;
  tracks: readonly MediaDescription[] = [];
  #video: VideoFormat | undefined;
  #audio: AudioFormat | undefined;
  readonly #notes = new Map<string, ProbeWarning>();
  #frames = 0;
  #bytes = 0;
  #firstDts = Number.NaN;
  #lastDts = Number.NaN;
  #lastKeyDts = Number.NaN;
  #longestGop = 0;

  frame(frame: Frame): void {
    if (frame.format.kind === 'audio') {
      this.#audio = frame.format;
      return;
    }
    this.#video = frame.format;
    this.#frames++;
    this.#bytes += frame.bytes.length;
    if (Number.isNaN(this.#firstDts)) this.#firstDts = frame.dts;
    this.#lastDts = frame.dts;
    if (!frame.key) return;
    if (frame.dts - this.#lastKeyDts > this.#longestGop) this.#longestGop = frame.dts - this.#lastKeyDts;
    this.#lastKeyDts = frame.dts;
  }

  note(code: string, detail?: Record<string, unknown>): void {
    const facts = Object.entries(detail ?? {}).map(([key, value]) => `${key} ${String(value)}`);
    const text = NOTE_TEXTS[code] ?? code;
    this.#notes.set(code, { code, text: facts.length === 0 ? text : `${text} (${facts.join(', ')})` });
  }

  report(figures: SessionFigures | undefined, error?: BoxError): ProbeReport {
    const packetsLost = (figures?.tracks ?? []).reduce((sum, track) => sum + track.lost, 0);
    const clockOffsetUs = figures?.clockOffsetUs;
    const audio = this.#audio;
    return {
      transport: figures?.transport,
      ...(this.#video && { video: this.#videoReport(this.#video) }),
      ...(audio && { audio: { source: audio.source, sampleRate: audio.sampleRate, channels: audio.channels } }),
      notRecorded: this.#notRecorded(),
      packetsLost,
      ...(clockOffsetUs !== undefined && { clockOffsetMs: Math.round(clockOffsetUs / 1000) }),
      warnings: [...this.#notes.values(), ...this.#warnings(figures, packetsLost)],
      ...(error && { error }),
    };
  }

  #videoReport(format: VideoFormat): NonNullable<ProbeReport['video']> {
    const seconds = (this.#lastDts - this.#firstDts) / format.timescale;
    // The last frame begins at the end of the time measured, so it does not count.
    const fps = seconds > 0 ? (this.#frames - 1) / seconds : 0;
    const bitsPerSecond = seconds > 0 ? ((this.#bytes * 8) / seconds) * ((this.#frames - 1) / this.#frames) : 0;
    const { codec, rfc6381, width, height } = format;
    return {
      codec,
      rfc6381,
      width,
      height,
      fps: Math.round(fps * 100) / 100,
      bitsPerSecond: Math.round(bitsPerSecond),
      ...(this.#longestGop > 0 && { keyFrameIntervalMs: Math.round((this.#longestGop * 1000) / format.timescale) }),
      frames: this.#frames,
    };
  }

  #notRecorded(): ProbeReport['notRecorded'] {
    const chosen = new Set(this.tracks.map((track) => track.index));
    return (this.description?.media ?? [])
      .filter(({ index }) => !chosen.has(index))
      .map(({ kind, encoding, why }) => ({ kind, encoding, why: why ?? 'one track of a kind is enough' }));
  }

  #warnings(figures: SessionFigures | undefined, packetsLost: number): ProbeWarning[] {
    const found: ProbeWarning[] = [];
    const warn = (code: string, text: string): void => void found.push({ code, text });
    const gopMs = (Math.max(this.#longestGop, this.#lastDts - this.#lastKeyDts || 0) * 1000) / 90_000;
    if (gopMs > LONG_GOP_MS) {
      warn(
        'probe.long-gop',
        `Key frames are ${(gopMs / 1000).toFixed(1)} s or more apart; 2 s are better for searching.`,
      );
    }
    if (packetsLost > 0) warn('probe.loss', `${packetsLost} packets did not arrive.`);
    if (figures && figures.junkBytes > 0) warn('probe.junk', 'The camera sends bytes that belong to nothing.');
    if (figures && figures.strayPackets > 0) warn('probe.stray', 'The camera sends tracks that nobody asked for.');
    const offsetMs = Math.abs(figures?.clockOffsetUs ?? 0) / 1000;
    if (offsetMs > LARGE_CLOCK_OFFSET_MS)
      warn('probe.clock', 'The clock of the camera is wrong; recordings are not affected.');
    const video = this.tracks.find(({ codec }) => codec === 'h264' || codec === 'h265');
    if (video && ![...video.fmtp.keys()].some((key) => key.startsWith('sprop-'))) {
      warn(
        'probe.no-parameters',
        'The camera does not announce the parameters of its video; they come with the video.',
      );
    }
    return found;
  }
}
