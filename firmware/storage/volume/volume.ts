import { BoxError, firstPromise, type Clock } from '../../base/index.ts';
import type { VolumeFolder } from './identity.ts';
import type { CloseRecord, GapRecord, JournalEvent, OpenRecord } from '../journal/journal.ts';
import type { JournalStart } from '../journal/journal-writer.ts';
import { SegmentFile } from './segment-file.ts';
import { diskError } from './volume-io.ts';
import { VolumeCore } from './volume-core.ts';
import type { LatencySummary } from './volume-latency.ts';
import { segmentPath } from './volume-paths.ts';
import { VOLUME_DEFAULTS, type VolumeListener, type VolumeSettings } from './volume-settings.ts';
import type { VolumeState } from './volume-state.ts';

export interface VolumeDeps {
  /** Closed by the volume's `stop`. */
  readonly folder: VolumeFolder;
  /** What the journal said after recovery (JournalReader.readTail). */
  readonly journal: JournalStart;
  readonly clock: Clock;
  readonly listener: VolumeListener;
  readonly settings?: Partial<VolumeSettings>;
}

export interface VolumeStats {
  readonly state: VolumeState;
  readonly openSegments: number;
  /** Media bytes since the start that the system took, and those of them that are known to be stable. */
  readonly writtenBytes: number;
  readonly syncedBytes: number;
  readonly queuedBytes: number;
  /** Appends that the queue had no room for. */
  readonly refused: { readonly items: number; readonly bytes: number };
  /** Age of the oldest data that a power cut would cost now. */
  readonly unsyncedMs: number;
  readonly writes: LatencySummary;
  readonly syncs: LatencySummary;
  readonly syncMode: 'volume' | 'file';
  /** Of the file system when it was last looked at; undefined before the first time. */
  readonly space: { readonly totalBytes: number; readonly freeBytes: number } | undefined;
}

/** What `stop` could not end by its deadline. */
export interface VolumeLeftovers {
  readonly operations: number;
  readonly bytes: number;
  readonly segments: number;
}

const REFUSALS = {
  full: 'storage.full',
  'read-only': 'storage.read-only',
  hung: 'storage.hung',
  doubted: 'storage.sync-failed',
  failed: 'storage.io',
  gone: 'storage.not-mounted',
  stopped: 'storage.closed',
  ready: 'box.bug',
} as const;

/**
 * One disk for recordings, owned by the record worker. All its files go through one queue, so that a disk which is slow or hangs
 * delays nobody else. A fault that does not pass by itself ends the use of the object: it is stopped, and a new one is made once
 * the folder can be opened again.
 */
export class Volume {
  readonly id: string;
  readonly folder: string;
  readonly #core: VolumeCore;
  readonly #startOnce = firstPromise(() => this.#core.start());
  #lastSequence: number;
  readonly #reserved = new Set<number>();
  #stopping: Promise<VolumeLeftovers> | undefined;

  constructor(deps: VolumeDeps) {
    this.id = deps.folder.identity.volume;
    this.folder = deps.folder.folder;
    this.#lastSequence = deps.journal.lastSequence;
    this.#core = new VolumeCore({ ...deps, settings: { ...VOLUME_DEFAULTS, ...deps.settings } });
  }

  get state(): VolumeState {
    return this.#core.status.state;
  }

  get stats(): VolumeStats {
    const { queue, schedule, segments, writes, writtenBytes, syncMode, space } = this.#core;
    return {
      state: this.state,
      openSegments: segments.size,
      writtenBytes,
      syncedBytes: schedule.syncedBytes,
      queuedBytes: queue.bytes,
      refused: queue.refused,
      unsyncedMs: schedule.unsyncedMs,
      writes: writes.summary(),
      syncs: schedule.latency.summary(),
      syncMode,
      space,
    };
  }

  /** What the space model wants to know; undefined before the first look at the file system. */
  get room(): { totalBytes: number; freeBytes: number; writtenBytes: number } | undefined {
    const { space, writtenBytes } = this.#core;
    return space && { ...space, writtenBytes };
  }

  /** Begins the regular checks. Rejects with what is wrong with the disk at the first one. */
  start(): Promise<void> {
    return this.#startOnce();
  }

  /**
   * A new segment; its file is created by and by. `sequence` and `path` are chosen here. Throws the reason if the volume takes
   * none at the moment (any state but `ready`).
   */
  createSegment(identity: Omit<OpenRecord, 't' | 'sequence' | 'path'>): SegmentFile {
    if (this.state !== 'ready') throw this.#refusal();
    const sequence = this.#lastSequence + 1;
    const path = segmentPath(identity, sequence);
    if (path === undefined) throw new BoxError('box.bug', { reason: 'not the identity of a segment', ...identity });
    this.#lastSequence = sequence;
    const file = new SegmentFile({ t: 'open', ...identity, sequence, path }, this.#core);
    this.#core.segments.set(sequence, file);
    file.open();
    return file;
  }

  /**
   * A place for a copy of a segment of another volume: its sequence, and its path once it is received. Nothing is written. Throws as
   * `createSegment`.
   */
  reserve(of: Pick<OpenRecord, 'camera' | 'stream' | 'startUs'>): { sequence: number; path: string } {
    if (this.state !== 'ready') throw this.#refusal();
    const sequence = this.#lastSequence + 1;
    const path = segmentPath(of, sequence);
    if (path === undefined) throw new BoxError('box.bug', { reason: 'not the identity of a segment', ...of });
    this.#lastSequence = sequence;
    this.#reserved.add(sequence);
    return { sequence, path };
  }

  /**
   * Takes a reserved segment whose whole and stable file lies under `incoming/`. Resolves when it is durable. Rejects with the disk's
   * error, with why the volume takes nothing, or with storage.closed if the volume was opened anew since the reservation: the
   * sequence may be another segment's now.
   */
  async receive(open: OpenRecord, close: Omit<CloseRecord, 't' | 'sequence'>): Promise<void> {
    if (this.state !== 'ready') throw this.#refusal();
    const { sequence } = open;
    if (!this.#reserved.delete(sequence)) throw new BoxError('storage.closed', { folder: this.folder, sequence });
    await this.#core.receiver.receive(open, close);
  }

  /** Forgets all reservations and throws away what lies under `incoming/` for them. Rejects with the disk's error. */
  async abandonReserved(): Promise<void> {
    const sequences = [...this.#reserved];
    this.#reserved.clear();
    await this.#core.receiver.discard(sequences);
  }

  /** Puts down why there is no footage of a time. Resolves when the line is written, or with why it has to wait. */
  appendGap(gap: Omit<GapRecord, 't'>): Promise<BoxError | undefined> {
    return this.#core.record({ t: 'gap', ...gap });
  }

  /** For what others find out about segments: the true time of a boot, and what recovery did to those of former starts. */
  appendRecord(record: JournalEvent): Promise<BoxError | undefined> {
    return this.#core.record(record);
  }

  /** Resolves when the file is gone and the journal says so. Rejects if the volume cannot delete or the segment is open. */
  deleteSegment(sequence: number, path: string): Promise<void> {
    return this.#canDelete(sequence, path) ?? this.#core.remover.remove(sequence, path);
  }

  /** A deletion that was decided is taken back, if the file is still there. Resolves when the journal says so. */
  keepSegment(sequence: number, path: string): Promise<void> {
    return this.#canDelete(sequence, path) ?? this.#core.remover.keep(sequence, path);
  }

  #canDelete(sequence: number, path: string): Promise<never> | undefined {
    const { state } = this;
    if (state !== 'ready' && state !== 'full') return Promise.reject(this.#refusal());
    if (this.#core.segments.has(sequence)) {
      return Promise.reject(new BoxError('box.bug', { reason: 'deletion of an open segment', path }));
    }
    return undefined;
  }

  /** Resolves when everything written before is stable. Rejects with storage.sync-failed and the like. */
  synced(): Promise<void> {
    return this.#core.synced();
  }

  /**
   * Ends what is open, syncs and lets go of the folder; segments that still grow are left for recovery. Returns by the deadline
   * even if the disk hangs, with what was left then: its descriptors are closed when it answers after all.
   */
  stop(deadlineMs: number): Promise<VolumeLeftovers> {
    return (this.#stopping ??= this.#stop(deadlineMs));
  }

  async #stop(deadlineMs: number): Promise<VolumeLeftovers> {
    const core = this.#core;
    const untilUs = core.clock.monoUs() + deadlineMs * 1000;
    core.stopChecks();
    core.status.stop();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), deadlineMs);
    });
    await Promise.race([this.#drain(), late]);
    const left = { operations: core.queue.operations, bytes: core.queue.bytes, segments: core.segments.size };
    await core.close(Math.max(0, (untilUs - core.clock.monoUs()) / 1000));
    clearTimeout(timer);
    return left;
  }

  async #drain(): Promise<void> {
    const { remover, segments, schedule, journal, status } = this.#core;
    const error = new BoxError('storage.closed', { folder: this.folder });
    await Promise.allSettled([remover.stop(), ...[...segments.values()].map((file) => file.cutOff(error))]);
    // Whatever goes wrong at the end is told as the volume's state was told before; recovery deals with what is on the disk.
    for (const step of [() => schedule.wait({ now: true }), () => journal.close()]) {
      await step().catch((error: unknown) => status.report(diskError(error, { folder: this.folder })));
    }
  }

  #refusal(): BoxError {
    const { state } = this;
    return this.#core.status.error ?? new BoxError(REFUSALS[state], { folder: this.folder, state });
  }
}
