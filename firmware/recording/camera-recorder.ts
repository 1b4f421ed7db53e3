import { isDeepStrictEqual } from 'node:util';
import { BoxError, type Clock } from '../base/index.ts';
import { FanOut, type Format, type FrameReader } from '../media/index.ts';
import { CameraLink, type CameraTarget, type LinkDeps, type LinkState } from '../rtsp/index.ts';
import type { GapReason, Volume } from '../storage/index.ts';
import type { Gap } from './gap-tracker.ts';
import { LiveTap, type TapFlow, type TapOutlet } from './live-tap.ts';
import type { CameraPlan, RecordPlan } from './plan.ts';
import { RecordingPolicy, type Decision } from './policy.ts';
import { StreamRecorder } from './stream-recorder.ts';
import type { StreamReport } from './report.ts';
import type { WallClock } from './wall-clock.ts';

export interface CameraRecorderDeps {
  readonly box: string;
  readonly boot: string;
  readonly clock: Clock;
  readonly wall: WallClock;
  readonly link: LinkDeps;
  pickVolumes(camera: string, leftOut: ReadonlySet<Volume>): readonly Volume[];
  /** There are disks, and none of them has room for it. */
  isFull(camera: string): boolean;
  hasSpareVolume(): boolean;
  /** Somebody may soon want to watch. */
  expectsViewers(): boolean;
  /** The setting's id of a volume. */
  nameOf(volume: Volume): string;
  reportGap(camera: string, stream: string, gap: Gap): void;
  /** The end of what the disks hold of a stream, UTC microseconds. */
  askHistory(camera: string, stream: string): void;
  problem(camera: string, error: BoxError | undefined): void;
  /** The camera has shown this certificate. */
  certificate(camera: string, fingerprint: string): void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** A tap that viewers have open. */
export interface OpenTap {
  readonly flow: TapFlow;
  shut(): void;
}

const FULL: Decision = { record: false, because: 'full' };

interface StreamUnit {
  readonly id: string;
  readonly link: CameraLink;
  readonly fanOut: FanOut;
  readonly recorder: StreamRecorder;
  readonly tap: LiveTap;
  /** How many watch: while there is one, packets are read as they come. */
  watchers: number;
  readonly notes: Map<string, string>;
  target: CameraTarget;
  video: Format | undefined;
  audio: Format | undefined;
  /** Why it does not play; stays while the next attempt is under way. */
  failure: BoxError | undefined;
}

/** Everything about one camera in the record worker: its connections, and the recorders of its streams. */
export class CameraRecorder {
  readonly #deps: CameraRecorderDeps;
  readonly #units: StreamUnit[] = [];
  #plan: CameraPlan;
  #policy: RecordingPolicy;

  constructor(plan: CameraPlan, shared: RecordPlan, deps: CameraRecorderDeps) {
    this.#plan = plan;
    this.#deps = deps;
    this.#policy = new RecordingPolicy(plan.policy);
    for (const stream of plan.streams) this.#units.push(this.#makeUnit(stream, shared));
  }

  get id(): string {
    return this.#plan.id;
  }

  async start(): Promise<void> {
    // Decided before the first picture can come: one that finds no decision is not recorded.
    this.tick(this.#deps.clock.monoUs());
    for (const { id, link } of this.#units) {
      this.#deps.askHistory(this.id, id);
      await link.start();
    }
  }

  /**
   * Takes new settings in place, if that is possible without a new recorder: login, mode, schedule, address. False means that
   * this recorder must be replaced.
   */
  update(plan: CameraPlan): boolean {
    const before = this.#plan;
    const fixed = (each: CameraPlan): unknown => [
      each.id,
      each.name,
      each.segmentSeconds,
      each.preRecordS,
      each.streams.map(({ id }) => id),
    ];
    if (!isDeepStrictEqual(fixed(before), fixed(plan))) return false;
    this.#plan = plan;
    if (!isDeepStrictEqual(before.policy, plan.policy))
      this.#policy = RecordingPolicy.succeed(plan.policy, this.#policy);
    for (const [i, unit] of this.#units.entries()) {
      const target = targetOf(plan, plan.streams[i]!);
      if (isDeepStrictEqual(unit.target, target)) continue;
      const onlyPin = isDeepStrictEqual({ ...unit.target, pin: '' }, { ...target, pin: '' });
      unit.target = target;
      // What was remembered of a camera is no reason to interrupt it.
      if (onlyPin) unit.link.remember(plan.pin);
      else unit.link.configure(target);
    }
    return true;
  }

  /** Decides whether to record; called at every beat. */
  tick(nowMonoUs: number): void {
    const wanted = this.#policy.decide(this.#deps.wall.wallOf(nowMonoUs), nowMonoUs);
    const decision = wanted.record && this.#deps.isFull(this.id) ? FULL : wanted;
    const keeps = this.#policy.wantsPreRecord && this.#plan.preRecordS > 0 && decision !== FULL;
    for (const { recorder } of this.#units) recorder.decide(decision, keeps);
  }

  flush(isTurn: boolean): void {
    for (const { recorder } of this.#units) recorder.flush(isTurn);
  }

  /** A volume takes recordings now, or takes none any more. */
  review(): void {
    for (const { recorder } of this.#units) recorder.review();
  }

  /** Something has become stable on a disk, so that it need not be held for another one. */
  trimHeld(): void {
    for (const { recorder } of this.#units) recorder.trimHeld();
  }

  /** What the recorded streams bring, measured; 0 while nobody knows. */
  get bytesPerS(): number {
    let bits = 0;
    for (const { link } of this.#units) for (const track of link.figures?.tracks ?? []) bits += track.bitsPerSecond;
    return bits / 8;
  }

  clockStepped(): void {
    for (const { recorder } of this.#units) recorder.clockStepped();
  }

  setManual(on: boolean): void {
    this.#policy.setManual(on);
    this.tick(this.#deps.clock.monoUs());
  }

  event(): void {
    const now = this.#deps.clock.monoUs();
    this.#policy.event(now);
    this.tick(now);
  }

  /**
   * Attaches a live reader to a stream; as long as there is one, its packets are read as they come. The answer detaches it.
   * @throws BoxError control.no-such-camera for a stream that is not recorded
   */
  watch(stream: string, reader: FrameReader): () => void {
    const unit = this.#units.find(({ id }) => id === stream);
    if (!unit) throw new BoxError('control.no-such-camera', { camera: this.id, stream });
    unit.fanOut.attach(reader);
    const rest = wakeUp(unit);
    return () => {
      unit.fanOut.detach(reader);
      rest();
    };
  }

  /** Opens the tap of a stream for viewers; undefined if this stream is not recorded. */
  openLive(stream: string, outlet: TapOutlet, sound: boolean): OpenTap | undefined {
    const unit = this.#units.find(({ id }) => id === stream);
    if (!unit) return undefined;
    const rest = wakeUp(unit);
    const flow = unit.tap.open(outlet, sound);
    return {
      flow,
      shut: () => {
        unit.tap.shut(flow);
        rest();
      },
    };
  }

  /** Whether somebody may soon want to watch. */
  expect(viewers: boolean): void {
    for (const { tap } of this.#units) tap.expect(viewers);
  }

  /** Up to when the stream was recorded before this recorder, and why not further. */
  history(stream: string, lastEndUs: number | undefined, reason?: GapReason): void {
    this.#units.find(({ id }) => id === stream)?.recorder.gaps.setHistory(lastEndUs, reason);
  }

  /** Up to when each stream is recorded that should be recorded on; once stopped. */
  ends(): ReadonlyMap<string, number | undefined> {
    return new Map(this.#units.map(({ id, recorder }) => [id, recorder.gaps.open?.sinceUs]));
  }

  /** Ends recording at once, so that files are finished while the cameras are still being told to stop. */
  async stop(reason: GapReason): Promise<void> {
    await Promise.all(
      this.#units.flatMap(({ recorder, link, fanOut, tap }) => [
        recorder.stop(reason),
        link.stop().finally(() => {
          tap.close();
          fanOut.close();
        }),
      ]),
    );
    this.#deps.problem(this.id, undefined);
  }

  /** How far the open segments reach. */
  progress(): { volume: string; sequence: number; endUs: number; bytes: number }[] {
    return this.#units.flatMap(({ recorder }) => recorder.progress);
  }

  report(): StreamReport[] {
    return this.#units.map((unit) => this.#reportOf(unit));
  }

  #makeUnit(stream: CameraPlan['streams'][number], shared: RecordPlan): StreamUnit {
    const { id: camera, name, segmentSeconds, preRecordS } = this.#plan;
    const { clock, wall, box, boot, log } = this.#deps;
    const recorder = new StreamRecorder(
      {
        box,
        boot,
        camera,
        stream: stream.id,
        title: name,
        segmentSeconds,
        segmentMaxBytes: shared.segmentMaxBytes,
        fragmentMs: shared.fragmentMs,
        phase: phaseOf(`${camera}/${stream.id}`),
        queueMaxBytes: shared.queueMaxBytes,
        heldGopMaxBytes: shared.heldGopMaxBytes,
        preRecord: { seconds: preRecordS, bytes: shared.preRecordMaxBytes },
      },
      {
        clock,
        wall,
        pickVolumes: (leftOut) => this.#deps.pickVolumes(camera, leftOut),
        hasSpareVolume: () => this.#deps.hasSpareVolume(),
        reportGap: (gap) => this.#deps.reportGap(camera, stream.id, gap),
        log,
      },
    );
    const fanOut = new FanOut();
    fanOut.attach(recorder);
    const tap = new LiveTap(shared.liveHeldMaxBytes, fanOut);
    tap.expect(this.#deps.expectsViewers());
    const target = targetOf(this.#plan, stream);
    const sink = {
      frame: (frame: Parameters<FanOut['push']>[0]): void => {
        if (frame.format.kind === 'video') unit.video = frame.format;
        else unit.audio = frame.format;
        fanOut.push(frame);
      },
      description: (_: unknown, session: { mediaToMonoUs(mediaUs: number): number }): void => {
        recorder.sessionOpened({ mediaToMonoUs: (mediaUs) => session.mediaToMonoUs(mediaUs) });
        tap.sessionOpened((mediaUs) => wall.wallOf(session.mediaToMonoUs(mediaUs)));
      },
      tracks: (): void => {
        const sound = unit.link.figures?.tracks.find(({ kind }) => kind === 'audio')?.format;
        recorder.announceAudio(sound?.kind === 'audio' ? sound : undefined);
      },
      state: (state: LinkState): void => this.#linkChanged(unit, state),
      certificate: (fingerprint: string): void => this.#deps.certificate(camera, fingerprint),
      note: (code: string, detail?: Record<string, unknown>): void => {
        const text = detail ? `${code} ${JSON.stringify(detail)}` : code;
        if (!unit.notes.has(code)) log('camera.note', { camera, stream: stream.id, code, ...detail });
        unit.notes.set(code, text);
      },
    };
    const unit: StreamUnit = {
      id: stream.id,
      link: new CameraLink(`${camera}/${stream.id}`, target, sink, this.#deps.link),
      fanOut,
      recorder,
      tap,
      watchers: 0,
      notes: new Map(),
      target,
      video: undefined,
      audio: undefined,
      failure: undefined,
    };
    return unit;
  }

  #linkChanged(unit: StreamUnit, state: LinkState): void {
    const failed = state.phase === 'retrying' || state.phase === 'blocked';
    if (failed || state.phase === 'idle') {
      unit.recorder.sessionClosed(failed ? reasonOf(state.error) : 'stopped');
      unit.tap.sessionClosed();
    }
    if (failed) unit.failure = state.error;
    else if (state.phase === 'playing' || state.phase === 'idle') unit.failure = undefined;
    if (failed) {
      this.#deps.log('camera.lost', {
        camera: this.id,
        stream: unit.id,
        code: state.error.code,
        ...state.error.context,
      });
      this.#tellProblem();
    } else if (state.phase === 'playing') {
      this.#deps.log('camera.playing', { camera: this.id, stream: unit.id, transport: state.transport });
      this.#tellProblem();
    }
  }

  /** A camera has a problem as long as one of its streams has. */
  #tellProblem(): void {
    this.#deps.problem(this.id, this.#units.find(({ failure }) => failure)?.failure);
  }

  #reportOf(unit: StreamUnit): StreamReport {
    const { link, recorder } = unit;
    const { state, figures } = link;
    const video = figures?.tracks.find((track) => track.kind === 'video');
    const open = recorder.gaps.open;
    return {
      camera: this.id,
      name: this.#plan.name,
      stream: unit.id,
      mode: this.#plan.policy.mode,
      connection: state.phase,
      error: unit.failure?.toJSON(),
      nextTryUs: 'nextTryUs' in state ? state.nextTryUs : undefined,
      recording: recorder.state,
      because: recorder.because,
      openPath: recorder.openPath,
      volumes: recorder.volumes.map((volume) => this.#deps.nameOf(volume)),
      video: unit.video?.kind === 'video' ? videoFacts(unit.video, video) : undefined,
      audio: unit.audio?.kind === 'audio' ? unit.audio.source : undefined,
      bitsPerSecond: figures?.tracks.reduce((sum, track) => sum + track.bitsPerSecond, 0) ?? 0,
      packetsLost: figures?.tracks.reduce((sum, track) => sum + track.lost, 0) ?? 0,
      frames: video?.frames ?? 0,
      liveDroppedFrames: unit.tap.droppedFrames,
      droppedFrames: unit.fanOut.counts().get(recorder.name)?.droppedFrames ?? 0,
      gap: open && { sinceUs: open.sinceUs, reason: open.reason },
      notes: [...unit.notes.values()],
    };
  }
}

/** Packets are read as they come until the answer is called. */
function wakeUp(unit: StreamUnit): () => void {
  unit.watchers++;
  unit.link.setAwake(true);
  return () => {
    unit.watchers--;
    unit.link.setAwake(unit.watchers > 0);
  };
}

function videoFacts(
  format: Extract<Format, { kind: 'video' }>,
  figures: { readonly framesPerSecond: number; readonly gopMs: number } | undefined,
): StreamReport['video'] {
  const codec = format.codec === 'h264' ? 'H.264' : 'H.265';
  const { width, height } = format;
  return { codec, width, height, fps: figures?.framesPerSecond ?? 0, gopS: (figures?.gopMs ?? 0) / 1000 };
}

function targetOf(plan: CameraPlan, stream: CameraPlan['streams'][number]): CameraTarget {
  return {
    url: stream.url,
    user: plan.username || undefined,
    password: plan.password || undefined,
    transport: stream.transport,
    verifyTls: plan.verifyTls,
    pin: plan.pin,
    keepAliveMs: plan.keepAliveS === undefined ? undefined : plan.keepAliveS * 1000,
  };
}

function reasonOf(error: BoxError): GapReason {
  return error.code === 'rtsp.unreachable' || error.code === 'rtsp.timeout' ? 'network-loss' : 'camera-down';
}

/** A number between 0 and 1 that stays with the name and is spread evenly over names (FNV-1a). */
function phaseOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const letter of name) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
}
