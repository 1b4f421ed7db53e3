import { isDeepStrictEqual } from 'node:util';
import type { MessagePort } from 'node:worker_threads';
import { asBoxError, BoxError, CameraAddresses, CredentialGuard, systemClock, type Clock } from '../base/index.ts';
import { BlockPool } from '../media/index.ts';
import { ReadBeat, type LinkDeps } from '../rtsp/index.ts';
import { answerVolumeAsk } from '../storage/index.ts';
import type {
  FeedRequest,
  GapReason,
  JournalEvent,
  RecoveryCatalogue,
  VolumeAsk,
  VolumeAsks,
} from '../storage/index.ts';
import { LoopDelay } from '../telemetry/index.ts';
import { Admissions } from './admissions.ts';
import { CameraRecorder, type CameraRecorderDeps } from './camera-recorder.ts';
import { LiveTaps } from './live-taps.ts';
import type { CatalogueAsks, LiveMessage, ProblemTopic, RecordWorkerData } from './messages.ts';
import type { Tenant } from './placement.ts';
import type { Homes, RecordPlan, Sparing, VolumePlan } from './plan.ts';
import type { RecorderReport } from './report.ts';
import { StreamWatch, type WatchReport } from './stream-watch.ts';
import { Seats } from './seats.ts';
import { mayBeDeleted, untoldHoles } from './untold-holes.ts';
import { VolumePool } from './volume-pool.ts';
import { WallClock } from './wall-clock.ts';

/** Small enough that a camera's unfilled block wastes little, large enough that a fragment is a few pieces. */
const BLOCK_BYTES = 64 * 1024;
/** A second of compressed sound is 8 to 16 kB. */
const SOUND_BLOCK_BYTES = 8 * 1024;
const FREE_BLOCKS = 512;
const TICK_MS = 250;
/** Cameras wait so long for the disks at a start: a key frame that comes before them is lost, and the next may be far. */
const DISKS_FIRST_MS = 1500;
/** What an open segment has reached, and how full the disks are, is told to the catalogue this often. */
const STATUS_EVERY_MS = 2000;
/** What a stream counts as until its bit rate has been measured. */
const USUAL_BYTES_PER_S = 500_000;
/** So far back a start looks for holes that nothing tells of. */
const UNTOLD_US = 3600e6;
const HOUR_US = 3600e6;

/** The ways out of the record worker. */
export interface RecordBoxPorts {
  readonly ask: <K extends keyof CatalogueAsks>(
    ask: K,
    args: CatalogueAsks[K]['args'],
  ) => Promise<CatalogueAsks[K]['answer']>;
  readonly problem: (subject: string, topic: ProblemTopic, error: BoxError | undefined) => void;
  volume(id: string, uuid: string, folder: string): void;
  left(id: string, uuid: string): void;
  homes(homes: Homes): void;
  certificate(camera: string, fingerprint: string): void;
  alive(): void;
  readonly live: (message: LiveMessage, transfer: readonly ArrayBuffer[]) => void;
  readonly log: (event: string, detail: Record<string, unknown>) => void;
}

/** All recording of the box: cameras, volumes, and the beat that moves media from the ones to the others. */
export class RecordBox {
  readonly #data: RecordWorkerData;
  readonly #ports: RecordBoxPorts;
  readonly #clock: Clock = systemClock;
  readonly #wall = new WallClock(this.#clock);
  readonly #pool = new BlockPool({
    blockBytes: BLOCK_BYTES,
    smallBlockBytes: SOUND_BLOCK_BYTES,
    maxFreeBlocks: FREE_BLOCKS,
  });
  readonly #cameras = new Map<string, CameraRecorder>();
  /** Cameras that this process has recorded, also those that have left. */
  readonly #recorded = new Set<string>();
  readonly #volumes: VolumePool;
  readonly #seats: Seats;
  #tenants: readonly Tenant[] = [];
  readonly #admissions = new Admissions();
  readonly #delay = new LoopDelay();
  readonly #startedWallUs: number;
  readonly #beat: ReadBeat;
  readonly #addresses: CameraAddresses;
  readonly #link: LinkDeps;
  /** For viewers. */
  readonly taps: LiveTaps;
  readonly #watches = new Map<number, { watch: StreamWatch; detach: () => void }>();
  #lastWatch = 0;
  #plan: RecordPlan;
  #feed: MessagePort | undefined;
  #unfed: unknown[] = [];
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  #sinceStatusMs = 0;
  #toldUntold = false;
  /** Rises when deletions that were asked for and have not begun are taken back. */
  #withdrawals = 0;
  /** Settled when the cameras of the first plan have been set going. */
  readonly #begun = Promise.withResolvers<void>();
  /** New settings may come while this thread is still starting: a camera that was added by them would be added again. */
  #changing: Promise<void> = this.#begun.promise;
  #stopping = false;
  /** Not before the disks have had their chance, or the first cameras would crowd on the first disk. */
  #mayPlace = false;

  constructor(data: RecordWorkerData, ports: RecordBoxPorts) {
    this.#data = data;
    this.#ports = ports;
    this.#plan = data.plan;
    this.#startedWallUs = this.#wall.wallOf(this.#clock.monoUs());
    this.#beat = new ReadBeat({ napMs: data.plan.napMs });
    const guard = new CredentialGuard(this.#clock);
    this.#addresses = new CameraAddresses(data.plan.addresses);
    this.#link = { clock: this.#clock, pool: this.#pool, beat: this.#beat, addresses: this.#addresses, guard };
    this.taps = new LiveTaps(data.plan.watchOnly, {
      link: this.#link,
      wallOf: (monoUs) => this.#wall.wallOf(monoUs),
      heldMaxBytes: data.plan.liveHeldMaxBytes,
      cameraOf: (id) => this.#cameras.get(id),
      cameras: () => this.#cameras.values(),
      send: ports.live,
    });
    this.#volumes = new VolumePool(data.plan.volumes, data.sparings, {
      box: data.box,
      boot: data.boot,
      clock: this.#clock,
      wall: this.#wall,
      queueMaxBytes: data.plan.queueMaxBytes,
      entries: (volume, entries) => this.#toCatalogue({ t: 'entries', volume, entries }),
      opened: (volume, uuid) => this.#volumeOpened(volume, uuid),
      recovered: () => void this.#tellUntold(),
      left: (id, uuid) => ports.left(id, uuid),
      changed: () => this.#renewSeats(),
      synced: () => {
        if (this.#volumes.writable > 1) for (const camera of this.#cameras.values()) camera.trimHeld();
      },
      problem: (volume, error) => ports.problem(`volume/${volume}`, 'volume', error),
      log: ports.log,
    });
    this.#seats = new Seats(data.homes, {
      tenants: () => this.#tenants,
      places: () => this.#volumes.places,
      ready: (volume) => this.#volumes.ready(volume),
      homes: (homes) => ports.homes(homes),
      problem: (camera, error) => ports.problem(`camera/${camera}`, 'placement', error),
    });
  }

  /** Resolves when recording has been set going; cameras and disks join by and by. */
  async start(): Promise<void> {
    this.#delay.start();
    await this.#beat.start();
    if (this.#stopping) return;
    const volumes = this.#volumes.start();
    for (const plan of this.#plan.cameras) this.#add(plan);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    // Pictures that come before a disk is open are lost, so the disks go first; one that hangs does not hold the cameras up.
    await Promise.race([volumes, this.#clock.sleep(DISKS_FIRST_MS)]);
    if (this.#stopping) return;
    this.#mayPlace = true;
    this.#renewSeats();
    const cameras = [...this.#cameras.values()].map((camera) => camera.start());
    this.#begun.resolve();
    await Promise.all([volumes, ...cameras]);
  }

  /** Ends recording, finishes all files and lets go of the disks, by the deadline. True if nothing was left undone. */
  async stop(deadlineMs: number, reason: GapReason = 'stopped'): Promise<boolean> {
    this.#stopping = true;
    this.#begun.resolve();
    clearInterval(this.#timer);
    const inTime = new AbortController();
    const late = this.#clock.sleep(deadlineMs / 2, inTime.signal).catch(() => undefined);
    await Promise.race([
      Promise.all([this.taps.stop(), ...[...this.#cameras.values()].map((camera) => camera.stop(reason))]),
      late,
    ]);
    inTime.abort();
    const clean = await this.#volumes.stop(deadlineMs / 2);
    await this.#beat.stop();
    this.#delay.stop();
    return clean;
  }

  /** New settings. Cameras that did not change are not touched. */
  apply(plan: RecordPlan): Promise<void> {
    const change = this.#changing.then(() => this.#change(plan));
    this.#changing = change.catch((error: unknown) => this.#ports.log('plan.failed', { reason: String(error) }));
    return change;
  }

  /** Volumes that somebody wants to be spared, instead of those that he named before. */
  spare(sparing: Sparing): void {
    this.#volumes.spare(sparing);
    this.#renewSeats();
  }

  /** What copying, checking and sealing want of a volume. Rejects with the volume's error. */
  askVolume<K extends VolumeAsk>(ask: K, args: VolumeAsks[K]['args']): Promise<VolumeAsks[K]['answer']> {
    return answerVolumeAsk(this.#volumes.byUuid(args.volume), ask, args);
  }

  setManual(camera: string, on: boolean): void {
    this.#camera(camera).setManual(on);
  }

  event(camera: string, kind: string, again: boolean): void {
    this.#camera(camera).event();
    if (!again) this.#ports.log('camera.event', { camera, kind });
  }

  /** Begins to watch a stream as a viewer does. The answer is for `endWatch`. */
  watch(camera: string, stream: string): number {
    const watch = new StreamWatch();
    const detach = this.#camera(camera).watch(stream, watch);
    const id = ++this.#lastWatch;
    this.#watches.set(id, { watch, detach });
    return id;
  }

  endWatch(id: number): WatchReport {
    const found = this.#watches.get(id);
    if (!found) throw new BoxError('box.bug', { what: 'no such watch', id });
    this.#watches.delete(id);
    found.detach();
    return found.watch.report;
  }

  /** The catalogue's ear, again after each of its restarts. */
  setFeed(port: MessagePort): void {
    this.#feed?.close();
    this.#feed = port;
    port.on('message', (message: FeedRequest) => this.#obey(message));
    for (const message of this.#unfed) port.postMessage(message);
    this.#unfed = [];
  }

  report(): RecorderReport {
    return {
      streams: [...this.#cameras.values()].flatMap((camera) => camera.report()),
      volumes: this.#volumes.report(),
      loopDelayMsP99: this.#delay.takeP99Ms(),
      mediaBytesHeld: this.#pool.usage.inUseBytes,
    };
  }

  /** `ends`: those of the recorder in whose place this one comes. */
  #add(plan: RecordPlan['cameras'][number], ends?: ReturnType<CameraRecorder['ends']>): CameraRecorder {
    const deps = this.#cameraDeps();
    // What the disks held at the start was its history then, and is it no more.
    const isKnown = this.#recorded.has(plan.id);
    const askHistory: CameraRecorderDeps['askHistory'] = (id, stream) => {
      if (isKnown) camera.history(stream, ends?.get(stream), 'stopped');
      else deps.askHistory(id, stream);
    };
    const camera: CameraRecorder = new CameraRecorder(plan, this.#plan, { ...deps, askHistory });
    this.#recorded.add(plan.id);
    this.#cameras.set(plan.id, camera);
    return camera;
  }

  async #change(plan: RecordPlan): Promise<void> {
    if (this.#stopping) return;
    const before = this.#plan;
    this.#plan = plan;
    this.#addresses.apply(plan.addresses);
    const shared = (each: RecordPlan): number[] => [each.fragmentMs, each.segmentMaxBytes, each.heldGopMaxBytes];
    const renewed = !isDeepStrictEqual(shared(before), shared(plan));
    const hasNewVolume = this.#volumes.apply(plan.volumes);
    this.#renewSeats({ levelOut: hasNewVolume });
    const wanted = new Map(plan.cameras.map((camera) => [camera.id, camera]));
    const ends = new Map<string, ReturnType<CameraRecorder['ends']>>();
    for (const [id, camera] of this.#cameras) {
      const next = wanted.get(id);
      if (next && !renewed && camera.update(next)) continue;
      this.#cameras.delete(id);
      this.taps.cameraLeft(id);
      await camera.stop('stopped');
      if (next) ends.set(id, camera.ends());
    }
    await this.taps.apply(plan.watchOnly);
    for (const camera of plan.cameras)
      if (!this.#cameras.has(camera.id)) await this.#add(camera, ends.get(camera.id)).start();
  }

  #tick(): void {
    const step = this.#wall.look();
    if (step) this.#clockStepped(step);
    const nowMonoUs = this.#clock.monoUs();
    for (const camera of this.#cameras.values()) camera.tick(nowMonoUs);
    this.#flushSome();
    this.#sinceStatusMs += TICK_MS;
    if (this.#sinceStatusMs >= STATUS_EVERY_MS) {
      this.#sinceStatusMs = 0;
      this.#tellProgress();
    }
  }

  /**
   * Every camera once per length of a fragment, in turns: what waits for its write is the most memory that recording takes, and so
   * it is not all full at once.
   */
  #flushSome(): void {
    const turns = Math.max(1, Math.floor(this.#plan.fragmentMs / TICK_MS));
    this.#turn = (this.#turn + 1) % turns;
    let index = 0;
    for (const camera of this.#cameras.values()) camera.flush(index++ % turns === this.#turn);
    if (this.#turn === 0) this.#ports.alive();
  }

  #clockStepped(step: { byUs: number; wasTrusted: boolean; trusted: boolean }): void {
    this.#ports.log('clock.step', { byS: step.byUs / 1e6, wasTrusted: step.wasTrusted, trusted: step.trusted });
    if (!step.wasTrusted && step.trusted) {
      this.#volumes.record({ t: 'anchor', boot: this.#data.boot, offsetUs: Math.round(step.byUs) });
    }
    for (const camera of this.#cameras.values()) camera.clockStepped();
  }

  #tellProgress(): void {
    const byVolume = new Map<string, { sequence: number; endUs: number; bytes: number }[]>();
    for (const camera of this.#cameras.values()) {
      for (const { volume, ...segment } of camera.progress()) {
        const list = byVolume.get(volume) ?? [];
        list.push(segment);
        byVolume.set(volume, list);
      }
    }
    for (const [volume, segments] of byVolume) this.#toCatalogue({ t: 'progress', volume, segments });
    const { trusted } = this.#wall;
    for (const { id, room } of this.#volumes.allOpen) {
      if (room) this.#toCatalogue({ t: 'facts', volume: id, facts: { ...room, trusted } });
    }
  }

  /** What the catalogue's worker wants done with a volume. */
  #obey(request: FeedRequest): void {
    switch (request.t) {
      case 'delete':
        void this.#delete(request.volume, request.segments);
        break;
      case 'keep':
        void this.#keep(request.volume, request.segments);
        break;
      case 'withdraw':
        this.#withdrawals++;
        break;
      case 'append':
        void this.#append(request.volume, request.records);
        break;
      case 'admission':
        this.#ports.log('volume.admission', { ...request });
        this.#admissions.note(request);
        this.#renewSeats();
        // Before the next picture finds no place and takes that for a fault of the disks.
        for (const camera of this.#cameras.values()) camera.tick(this.#clock.monoUs());
        break;
    }
  }

  async #append(uuid: string, records: readonly JournalEvent[]): Promise<void> {
    const volume = this.#volumes.byUuid(uuid);
    for (const record of records) {
      const error = await volume?.appendRecord(record);
      if (error) this.#ports.log('volume.append-failed', { volume: uuid, record: record.t, code: error.code });
    }
  }

  /** Disks take recordings, and none of them has room for this camera. */
  #isFull(camera: string): boolean {
    const barred = this.#tenants.find(({ id }) => id === camera)?.barred;
    return barred !== undefined && barred.size > 0 && this.#seats.pick(camera, new Set()).length === 0;
  }

  #cameraDeps(): CameraRecorderDeps {
    return {
      box: this.#data.box,
      boot: this.#data.boot,
      clock: this.#clock,
      wall: this.#wall,
      link: this.#link,
      pickVolumes: (camera, leftOut) => this.#seats.pick(camera, leftOut),
      isFull: (camera) => this.#isFull(camera),
      hasSpareVolume: () => this.#volumes.writable > 1,
      expectsViewers: () => this.taps.expectsViewers,
      nameOf: (volume) => this.#volumes.nameOf(volume),
      reportGap: (camera, stream, gap) => {
        const volume = this.#seats.pick(camera, new Set())[0] ?? this.#volumes.anyOpen;
        void volume?.appendGap({ camera, stream, ...gap });
      },
      askHistory: (camera, stream) => void this.#tellHistory(camera, stream),
      problem: (camera, error) => this.#ports.problem(`camera/${camera}`, 'connection', error),
      certificate: (camera, fingerprint) => this.#ports.certificate(camera, fingerprint),
      log: this.#ports.log,
    };
  }

  /** Who is recorded where, after cameras, volumes or their states have changed; disks that hang are left at once. */
  #renewSeats(options: { levelOut?: boolean } = {}): void {
    const open = this.#volumes.allOpen;
    this.#tenants = this.#plan.cameras.map((plan) => {
      const full = open.filter((volume) => this.#admissions.bars(volume.id, plan.id));
      const barred = new Set(full.map((volume) => this.#volumes.nameOf(volume)));
      const bytesPerS = this.#cameras.get(plan.id)?.bytesPerS || plan.streams.length * USUAL_BYTES_PER_S;
      return { id: plan.id, group: plan.group, copies: plan.copies, bytesPerS, barred };
    });
    if (!this.#mayPlace || this.#stopping) return;
    this.#seats.renew(options);
    for (const camera of this.#cameras.values()) camera.review();
  }

  #volumeOpened({ id, folder, readOnly }: VolumePlan, uuid: string): RecoveryCatalogue {
    this.#ports.volume(id, uuid, folder);
    // How much room it has is told with the next tick.
    this.#sinceStatusMs = STATUS_EVERY_MS;
    const { ask } = this.#ports;
    const attached = ask('attach', { volume: uuid, folder, readOnly }) as RecoveryCatalogue['attached'];
    // Recovery asks for it later, and a volume for reading never does.
    attached.catch((error: unknown) => this.#ports.log('volume.not-attached', { volume: id, reason: String(error) }));
    return {
      attached,
      known: (sequences) => ask('known', { volume: uuid, sequences }),
      bySequence: (afterSequence, limit) =>
        ask('bySequence', { volume: uuid, afterSequence, limit }) as ReturnType<RecoveryCatalogue['bySequence']>,
    };
  }

  async #tellHistory(camera: string, stream: string): Promise<void> {
    try {
      let last = await this.#volumes.lastEndUs(camera, stream);
      // The catalogue knows of volumes that are not there, too.
      if (last === undefined || !this.#volumes.areAllOpen) {
        const asked = await this.#ports.ask('lastEnd', { camera, stream });
        // What began after this start is no history.
        if (asked !== undefined && asked <= this.#startedWallUs) last = Math.max(asked, last ?? asked);
      }
      this.#cameras.get(camera)?.history(stream, last);
    } catch (error) {
      this.#ports.log('camera.history-unknown', { camera, stream, reason: String(error) });
    }
  }

  /** Puts down the holes in recent footage whose reason was lost with the process that knew it; once, when all disks are there. */
  async #tellUntold(): Promise<void> {
    if (this.#toldUntold) return;
    this.#toldUntold = true;
    const toUs = this.#startedWallUs;
    let told = 0;
    try {
      const written = await this.#ports.ask('hours', { fromHour: Math.floor((toUs - UNTOLD_US) / HOUR_US) });
      for (const { id: camera, policy, streams } of this.#plan.cameras) {
        // In the other modes not everything that is missing was wanted.
        if (policy.mode !== 'continuous') continue;
        for (const { id: stream } of streams) {
          const range = { camera, stream, fromUs: toUs - UNTOLD_US, toUs };
          const [recorded, gaps] = await Promise.all([
            this.#ports.ask('covered', range),
            this.#ports.ask('gaps', range),
          ]);
          const hours = written.filter((each) => each.camera === camera && each.stream === stream);
          for (const hole of untoldHoles(recorded, gaps)) {
            if (mayBeDeleted(hole, hours)) continue;
            await this.#volumes.anyOpen?.appendGap({ camera, stream, ...hole, reason: 'restart' });
            told++;
          }
        }
      }
      this.#ports.log('history.told', { holes: told });
    } catch (error) {
      this.#ports.log('camera.history-unknown', { reason: String(error) });
    }
  }

  #toCatalogue(message: unknown): void {
    if (this.#feed) this.#feed.postMessage(message);
    // The journal has it all; the catalogue reads there what it was not told.
    else if (this.#unfed.length < 1000) this.#unfed.push(message);
  }

  /** Deletions that the space model asks for, one after another, so that they never crowd out writing. */
  async #delete(uuid: string, segments: readonly { sequence: number; path: string }[]): Promise<void> {
    const volume = this.#volumes.byUuid(uuid);
    const withdrawals = this.#withdrawals;
    for (const { sequence, path } of segments) {
      if (withdrawals !== this.#withdrawals) return;
      try {
        await volume?.deleteSegment(sequence, path);
      } catch (error) {
        const { code } = asBoxError(error, 'storage.io');
        this.#ports.log('volume.delete-failed', { path, code });
        return;
      }
    }
  }

  /** Locked footage whose deletion was decided before. */
  async #keep(uuid: string, segments: readonly { sequence: number; path: string }[]): Promise<void> {
    const volume = this.#volumes.byUuid(uuid);
    const keeping = segments.map(async ({ sequence, path }) => {
      try {
        await volume?.keepSegment(sequence, path);
      } catch (error) {
        this.#ports.log('volume.keep-failed', { path, code: asBoxError(error, 'storage.io').code });
      }
    });
    await Promise.all(keeping);
  }

  #camera(id: string): CameraRecorder {
    const camera = this.#cameras.get(id);
    if (!camera) throw new BoxError('control.no-such-camera', { camera: id });
    return camera;
  }
}
