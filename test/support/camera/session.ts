/** One RTSP session with one client, from the first SETUP on. */
import { randomInt } from 'node:crypto';
import type { TrackKind } from './description.ts';
import type { FaultPanel } from './faults.ts';
import type { PacketRun } from './packetise.ts';
import type { Ledger } from './ledger.ts';
import type { Track } from './track.ts';

/**
 * Why a session ended. `teardown` is certain only of a client that waits for the answer: one that sends TEARDOWN and closes
 * at once with media unread resets the connection, and the request may be lost with it (`client-closed`).
 */
export type Ending = 'teardown' | 'timeout' | 'client-closed' | 'dropped' | 'stopped';

/** What a session needs of the connection that carries it. */
export interface Carrier {
  write(bytes: Buffer): void;
  destroy(how: 'fin' | 'rst'): void;
}

export class Session {
  readonly id: string;
  readonly path: string;
  readonly carrier: Carrier;
  readonly tracks = new Map<number, Track>();
  readonly startedMs = Date.now();
  state: 'ready' | 'playing' | 'paused' | 'ended' = 'ready';
  ending: Ending | undefined;
  /** RTSP requests inside the session, by method. */
  readonly requests = new Map<string, number>();
  readonly #faults: FaultPanel;
  readonly #timeoutMs: number;
  readonly #join: 'key' | 'mid';
  #lastSignMs = performance.now();
  #lastReportMs = performance.now();
  #nextResetMs: number | undefined;
  #nextRequestMs = 0;
  #playedMs = 0;
  #joined = false;
  #ordinalsSinceJunk = 0;
  #ownSequence = 1000;

  constructor(path: string, carrier: Carrier, faults: FaultPanel, options: { timeoutS: number; join: 'key' | 'mid' }) {
    this.id = faults.now.sessionId === 'constant' ? '12345678' : String(randomInt(10_000_000, 99_999_999));
    this.path = path;
    this.carrier = carrier;
    this.#faults = faults;
    this.#timeoutMs = options.timeoutS * 1000;
    this.#join = options.join;
  }

  get transport(): 'tcp' | 'udp' | undefined {
    return [...this.tracks.values()][0]?.wire.transport;
  }

  /** The track of that kind, if it was set up. */
  track(kind: TrackKind): Track | undefined {
    for (const track of this.tracks.values()) if (track.media.kind === kind) return track;
    return undefined;
  }

  ledger(kind: TrackKind): Ledger | undefined {
    return this.track(kind)?.ledger;
  }

  /** Ordinals of the pictures that left whole, in order. */
  get sentFrames(): number[] {
    return this.ledger('video')?.ordinals ?? [];
  }

  get receiverReports(): number {
    let count = 0;
    for (const track of this.tracks.values()) count += track.receiverReports;
    return count;
  }

  /** A sign of life: the time-out starts anew if the camera looks at this kind. */
  sign(kind: 'rtsp' | 'rtcp', method?: string): void {
    if (method) this.requests.set(method, (this.requests.get(method) ?? 0) + 1);
    const by = this.#faults.now.keepAliveBy;
    if (by === 'any' || by === kind) this.#lastSignMs = performance.now();
  }

  play(): void {
    if (this.state === 'ended') return;
    this.state = 'playing';
    this.#joined = false;
    this.#playedMs = performance.now();
    this.#lastReportMs = this.#playedMs - this.#faults.now.senderReportMs + 1000;
  }

  pause(): void {
    if (this.state === 'playing') this.state = 'paused';
  }

  end(ending: Ending): void {
    if (this.state === 'ended') return;
    this.state = 'ended';
    this.ending = ending;
  }

  get #flowing(): boolean {
    const faults = this.#faults.now;
    if (faults.silent) return false;
    if (this.state !== 'playing' && !(faults.framesBeforePlay && this.state === 'ready')) return false;
    const hole = faults.mediaDropOut;
    return !hole || (performance.now() - this.#playedMs) % hole.everyMs < hole.everyMs - hole.forMs;
  }

  video(run: PacketRun, ticks: number, ordinal: number): void {
    const faults = this.#faults.now;
    const track = this.track('video');
    if (!this.#flowing || faults.videoStopped) return;
    if (performance.now() - this.#playedMs < faults.videoDelayMs) return;
    if (!this.#joined && this.#join === 'key' && !run.key) return;
    this.#joined = true;
    if (!track) return;
    if (track.wire.transport === 'tcp') this.#sendJunk();
    if (faults.flood) track.flood(faults.flood);
    track.send(run, ticks, ordinal, faults);
  }

  /** Audio, metadata and what else is not video. With video set up, they begin with it. */
  other(kind: TrackKind, run: PacketRun, ticks: number, ordinal: number): void {
    const faults = this.#faults.now;
    const track = this.track(kind);
    if (!track || !this.#flowing || (faults.audioStopped && kind === 'audio')) return;
    const waits = !faults.videoStopped && faults.videoDelayMs === 0;
    if (!this.#joined && this.track('video') && waits) return;
    if (kind === 'audio' && performance.now() - this.#playedMs < faults.audioDelayMs) return;
    track.send(run, ticks, ordinal, faults);
  }

  /** A track that the client never set up, on a channel of the camera's own choice. */
  unasked(run: PacketRun): void {
    if (!this.#flowing || this.transport !== 'tcp') return;
    const blob = Buffer.from(run.blob);
    for (const start of run.starts) blob[start - 3] = 10;
    this.carrier.write(blob);
  }

  #sendJunk(): void {
    const { lineBreaks, junkBytes, junkEvery } = this.#faults.now;
    if (lineBreaks) this.carrier.write(Buffer.from('\r\n'));
    if (junkBytes === 0 || ++this.#ordinalsSinceJunk < junkEvery) return;
    this.#ordinalsSinceJunk = 0;
    const junk = Buffer.alloc(junkBytes);
    for (let index = 0; index < junkBytes; index++) junk[index] = randomInt(256);
    this.carrier.write(junk);
  }

  /** Time-driven work, some times a second: reports, time-out, resets, requests of our own. */
  tick(nowMs: number): void {
    const faults = this.#faults.now;
    if (this.state === 'ended') return;
    if (nowMs - this.#lastSignMs > this.#timeoutMs) {
      this.end('timeout');
      this.carrier.destroy('fin');
      return;
    }
    if (this.state !== 'playing' || faults.silent) return;
    if (faults.senderReportMs > 0 && nowMs - this.#lastReportMs >= faults.senderReportMs) {
      this.#lastReportMs = nowMs;
      for (const track of this.tracks.values()) track.senderReport(faults);
    }
    if (faults.serverRequest && nowMs >= this.#nextRequestMs) {
      this.#nextRequestMs = nowMs + faults.serverRequest.everyMs;
      this.request(faults.serverRequest.method);
    }
    if (faults.resetEveryMs === undefined) this.#nextResetMs = undefined;
    else if (nowMs >= (this.#nextResetMs ??= nowMs + faults.resetEveryMs)) {
      this.end('dropped');
      this.carrier.destroy('rst');
    }
  }

  /** Sends a request of the camera's own to the client. */
  request(method: string, headers: readonly string[] = []): void {
    const lines = [
      `${method} rtsp://camera/${this.path} RTSP/1.0`,
      `CSeq: ${++this.#ownSequence}`,
      `Session: ${this.id}`,
    ];
    this.carrier.write(Buffer.from([...lines, ...headers].join('\r\n') + '\r\n\r\n'));
  }
}
